"""Rule 2: policies that understand nothing earn nothing, or next to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym

from claw_gym.core.toolset import Toolset
from claw_gym.rollout import Observation, Policy, make_policy, run_episode
from claw_gym.rollout.policies.finish_at_once import FinishAtOnce
from claw_gym.rollout.policies.modal_answer import Ending, ModalAnswer
from claw_gym.rollout.policies.random import Random
from claw_gym.tasks.family import FamilyTask
from claw_gym.tasks.names import TaskName
from claw_gym.testing.audit.decisive import CLOSING
from claw_gym.testing.audit.finding import Finding, Findings
from claw_gym.testing.audit.openings import OpeningsEnv

__all__ = [
    "BARRED",
    "CHEATS",
    "Earned",
    "Result",
    "barred",
    "cheated",
    "earned",
    "most_allowed",
    "not_for_free",
    "played",
]

BARRED = ("noop", "finish_at_once", "random")
"""Policies that may earn nothing at all."""
CHEATS = (
    "list_all_then_finish",
    "notify_everything",
    "first_hit",
    "newest_records",
    "modal_answer",
    "seen_value_random",
)
"""Policies that may earn 1 % at most."""
_SHARE = 0.01
_RANDOM_TURNS = 250
_TURNS = 60
_FINISHES = 6


class Tireless:
    """The policy random without an early end: it draws neither `finish` nor `wait`, and finishes in its last turns.

    Left alone, random soon waits past the deadline or finishes, and few of its turns are played.
    """

    name = "random"

    def __init__(self) -> None:
        """Starts anew."""
        self._random, self._last = Random(), FinishAtOnce()
        self.begin(0)

    def bind(self, env: gym.Env[Any, Any]) -> None:
        """Takes the form of the answer."""
        self._last.bind(env)

    def begin(self, seed: int) -> None:
        """Starts the draws anew."""
        self._random.begin(seed)
        self._last.begin(seed)
        self._turns = 0
        self._tools: Toolset | None = None

    def act(self, observation: Observation, tools: Toolset) -> Any:
        """Returns one drawn call, at the end `finish` with a drawn answer."""
        self._turns += 1
        if self._turns > _RANDOM_TURNS - _FINISHES:
            return self._last.act(observation, tools)
        if self._tools is None:
            self._tools = Toolset(item for item in tools.values() if item.name not in (CLOSING, "wait"))
        return self._random.act(observation, self._tools)


@dataclass(frozen=True)
class Result:
    """How a policy fared in one episode.

    Attributes:
        solved: Whether it solved the task, or left it in a state that only lacks `finish`: the latter is what a task
            gives away to those who do nothing at all.
        answer: What it answered; None for nothing.
    """

    solved: bool
    answer: Any = None


def played(task: FamilyTask[Any], policies: Mapping[str, Policy]) -> dict[str, Result]:
    """Plays one episode of a task with each policy in an env; the policies' draws follow from the task's seed.

    Args:
        task: What they play.
        policies: Name -> policy.
    """
    seed = TaskName.parse(task.name).seed
    envs = {turns: OpeningsEnv(task, max_steps=turns) for turns in (_TURNS, _RANDOM_TURNS)}
    found = {}
    for name, policy in policies.items():
        env = envs[_RANDOM_TURNS if isinstance(policy, Tireless) else _TURNS]
        outcome = run_episode(env, policy, seed=seed).outcome
        checks = (*outcome.goals, *outcome.guards) if outcome else ()
        as_it_stands = bool(checks) and all(check.passed for check in checks)
        closing = env.world.closing
        solved = as_it_stands or bool(outcome and outcome.success)
        found[name] = Result(solved, closing.answer if closing else None)
    return found


def cheated(task: FamilyTask[Any], endings: Sequence[Ending]) -> dict[str, Result]:
    """Plays the policies that may earn 1 % at most and returns how each fared.

    Args:
        task: What they play.
        endings: Solutions of train tasks, for the modal answer.
    """
    made = {name: ModalAnswer(endings) if name == "modal_answer" else make_policy(name) for name in CHEATS}
    return played(task, made)


def barred(task: FamilyTask[Any]) -> dict[str, Result]:
    """Plays the policies that may earn nothing and returns how each fared."""
    return played(task, {name: Tireless() if name == "random" else make_policy(name) for name in BARRED})


@dataclass
class Earned:
    """What one policy earned.

    Attributes:
        policy: Its name.
        episodes: How many it played.
        tasks: The full names of the tasks it solved.
    """

    policy: str
    episodes: int = 0
    tasks: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The share of episodes that it solved, in [0, 1]."""
        return len(self.tasks) / self.episodes if self.episodes else 0.0

    @property
    def allowed(self) -> int:
        """How many it may solve."""
        return 0 if self.policy in BARRED else most_allowed(self.episodes)


def most_allowed(episodes: int) -> int:
    """Returns how many of some episodes 1 % are; one at least, since below a hundred one stroke of luck is more."""
    return max(1, int(_SHARE * episodes))


def earned(results: Iterable[tuple[str, Mapping[str, Result]]]) -> list[Earned]:
    """Counts what each policy earned.

    Args:
        results: (full name of a task, policy -> how it fared), once for each task played.
    """
    found = {name: Earned(name) for name in (*BARRED, *CHEATS)}
    for task, fared in results:
        for policy, result in fared.items():
            found[policy].episodes += 1
            if result.solved:
                found[policy].tasks.append(task)
    return list(found.values())


def not_for_free(family: str, counts: Iterable[Earned]) -> Findings:
    """Yields the policies that earn too much."""
    for item in counts:
        if len(item.tasks) > item.allowed:
            at_most = "earns 0.0" if item.policy in BARRED else "earns at most 1 %"
            task = item.tasks[0] if item.policy in BARRED else family
            many = f"it solves {len(item.tasks)} of {item.episodes} episodes, such as {item.tasks[0]}"
            yield Finding(2, task, f"the policy {item.policy} {at_most}: not so, {many}")
