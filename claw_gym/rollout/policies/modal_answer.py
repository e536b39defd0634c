"""The policy that has learned the commonest answer by heart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Self

import gymnasium as gym

from claw_gym.core.canonical import canonical_json
from claw_gym.core.tool import ToolCall
from claw_gym.core.toolset import Toolset
from claw_gym.envs import ClawEnv
from claw_gym.errors import UsageError
from claw_gym.rollout.episode import run_episode
from claw_gym.rollout.policies.oracle import Oracle
from claw_gym.rollout.policy import NamedPolicy, Observation
from claw_gym.tasks.source import FamilySource

__all__ = ["FIRST_LEARNED", "LEARNED", "Ending", "ModalAnswer", "ending_of"]

LEARNED = 100
"""How many train tasks it learns from."""
FIRST_LEARNED = 500_000
"""The first of their seeds; far from those that people play, or it would know some of these by heart."""

Ending = tuple[ToolCall, ...]
"""The writing calls of a solution, `finish` the last of them."""


def ending_of(calls: Iterable[ToolCall], tools: Toolset) -> Ending:
    """Returns the writing calls among those of a solution."""
    return tuple(call for call in calls if call.name in tools and tools[call.name].write)


class ModalAnswer(NamedPolicy, name="modal_answer"):
    """Answers with the commonest answer of the oracle in train tasks (modal_answer:ENV_ID).

    It does not look at anything. Before the answer it makes the writes that went with it, where the oracle made any.
    Without an id it learns, once, from train tasks of the env that it plays first.
    """

    def __init__(self, endings: Iterable[Ending] | None = None) -> None:
        """Learns from the endings of solutions; None to learn from the first env."""
        self._ending = None if endings is None else _commonest(endings)
        self.begin(0)

    @classmethod
    def from_argument(cls, argument: str) -> Self:
        """Learns from train tasks of an id.

        Raises:
            UsageError: No such id, or its tasks come without solutions.
        """
        if not argument:
            return cls()
        try:
            return cls(_endings(argument, {}))
        except gym.error.Error as error:
            raise UsageError(str(error)) from None

    def bind(self, env: gym.Env[Any, Any]) -> None:
        """Learns from train tasks of the env, unless it has learned before.

        Raises:
            UsageError: The env was not made by an id of claw_gym.
        """
        if self._ending is not None:
            return
        spec = env.unwrapped.spec
        if spec is None:
            raise UsageError("modal_answer learns from an id: name it, as in modal_answer:Claw-Reactive-v0.")
        kwargs = {key: value for key, value in spec.kwargs.items() if key != "task"}
        self._ending = _commonest(_endings(spec.id, kwargs))

    def begin(self, seed: int) -> None:
        """Returns to the first call; the seed plays no part."""
        self._left = iter(self._ending or ())

    def act(self, observation: Observation, tools: Toolset) -> ToolCall:
        """Returns the next call of the ending; when all are made, its `finish` again."""
        closing = self._ending[-1] if self._ending else ToolCall("finish", {"message": "Done."})
        return next(self._left, closing)


def _endings(env_id: str, kwargs: dict[str, Any]) -> list[Ending]:
    """Plays the oracle in train tasks of an id.

    Raises:
        UsageError: The id draws no train tasks.
    """
    try:
        env = gym.make(env_id, disable_env_checker=True, **{**kwargs, "split": "train"})
    except (TypeError, UsageError):
        raise UsageError(f"modal_answer learns from train tasks, and {env_id} has none.") from None
    inner = env.unwrapped
    if not isinstance(inner, ClawEnv):
        raise UsageError(f"modal_answer learns from envs of claw_gym, and {env_id} is none.")
    found = []
    for seed in _grouped(inner, range(FIRST_LEARNED, FIRST_LEARNED + LEARNED)):
        trajectory = run_episode(env, Oracle(), seed=seed)
        calls = [ToolCall(call.name, call.arguments) for step in trajectory.steps for call in step.calls]
        found.append(ending_of(calls, inner.tools))
    env.close()
    return found


def _grouped(env: ClawEnv, seeds: Iterable[int]) -> list[int]:
    """Returns seeds in an order in which tasks of one life follow each other, since lives take long to load."""
    source = env.source
    return sorted(seeds, key=source.life_number) if isinstance(source, FamilySource) else list(seeds)


def _commonest(endings: Iterable[Ending]) -> Ending:
    """Returns the commonest answer with the writes that most often came with it; of equally common ones the first."""
    every = list(endings)
    answers = Counter(_answer(ending) for ending in every)
    wanted = max(answers, key=lambda answer: answers[answer], default=b"")
    whole = Counter(_text(ending) for ending in every if _answer(ending) == wanted)
    return max((e for e in every if _answer(e) == wanted), key=lambda ending: whole[_text(ending)], default=())


def _answer(ending: Ending) -> bytes:
    return canonical_json(_plain(ending[-1])["arguments"]) if ending else b""


def _text(ending: Ending) -> bytes:
    return canonical_json([_plain(call) for call in ending])


def _plain(call: ToolCall) -> dict[str, Any]:
    return {"name": call.name, "arguments": call.arguments}
