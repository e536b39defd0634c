"""The audit of a family: many tasks examined, in this process or in several, and what they show together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from operator import itemgetter

from claw_gym.errors import UsageError
from claw_gym.rollout.policies.modal_answer import FIRST_LEARNED, LEARNED, Ending, ending_of
from claw_gym.tasks.names import SPLITS
from claw_gym.testing.audit.cheats import earned, not_for_free
from claw_gym.testing.audit.counterfactuals import rates
from claw_gym.testing.audit.drawn import Draws, FamilyRef
from claw_gym.testing.audit.elsewhere import command
from claw_gym.testing.audit.examine import Examined, breakdown, examined
from claw_gym.testing.audit.finding import Finding
from claw_gym.testing.audit.no_fingerprint import no_fingerprint, told_apart
from claw_gym.testing.audit.other_ways import enough_ways
from claw_gym.testing.audit.play import Subject
from claw_gym.testing.audit.report import FamilyAudit
from claw_gym.testing.audit.same_everywhere import different, elsewhere, same_again
from claw_gym.testing.audit.typed_answers import commonest, not_guessable
from claw_gym.testing.audit.workers import Job, Workers, drawing

__all__ = ["MOST_EPISODES", "audit_family", "episodes_for"]

MOST_EPISODES = 200
"""Episodes of each cheating policy where seeds are many enough."""
_EPISODES_A_SEED = 4
_ELSEWHERE = 3
"""Tasks that are drawn in another process as well."""


@dataclass(frozen=True)
class _Plan:
    """What all workers know.

    Attributes:
        ref: The family.
        split: The split of the audited tasks.
        scale: How much life there is.
        seeds: How many tasks are looked at closely: those with lower numbers.
        endings: Solutions of train tasks, for the modal answer.
    """

    ref: FamilyRef
    split: str
    scale: str
    seeds: int
    endings: tuple[Ending, ...] = ()


def episodes_for(seeds: int) -> int:
    """Returns how many episodes each cheating policy plays when nobody says: four a seed, at most 200."""
    return min(MOST_EPISODES, _EPISODES_A_SEED * seeds)


def audit_family(
    name: str,
    *,
    seeds: int = 50,
    split: str = "train",
    scale: str = "full",
    episodes: int | None = None,
    workers: int = 1,
    on_task: Callable[[], None] = lambda: None,
) -> FamilyAudit:
    """Checks the nine rules of task families over drawn tasks; difficulty cycles from 1 to 5.

    Args:
        name: The family's registry name.
        seeds: How many tasks are checked closely, one by one; at least 1.
        split: The split they are drawn from.
        scale: How much life there is.
        episodes: How many tasks each cheating policy plays; as many are drawn for what takes many tasks to see. None
            for four times the seeds, at most 200; never fewer than the seeds.
        workers: How many processes share the work; 1 for this one alone. More need a script that is guarded by
            `if __name__ == "__main__"`.
        on_task: Called each time a task is done; as often as the number of episodes.

    Raises:
        UnknownNameError: There is no such family.
        UsageError: The family does not stand in the split, or the split or scale does not exist.
        InfrastructureError: A process that did a part of the work was killed.
    """
    began = time.perf_counter()
    count = max(seeds, episodes if episodes is not None else episodes_for(seeds))
    draws = Draws(FamilyRef.to(name), split, scale)
    draws.check()
    done = _done(draws, seeds, count, workers, on_task)
    findings = [*(finding for item in done for finding in item.findings), *_together(name, draws, done, seeds)]
    measured = told_apart([item.looks for item in done])
    return FamilyAudit(
        family=name,
        split=split,
        scale=scale,
        seeds=seeds,
        episodes=count,
        findings=tuple(sorted([*findings, *no_fingerprint(name, measured)])),
        earned=tuple(earned((item.name, item.fared) for item in done)),
        commonest=commonest([item.ending for item in done if item.ending is not None]),
        told=tuple(measured),
        told_widely=tuple(told_apart([item.wide for item in done])),
        rates=tuple(rates(item.alarms for item in done)),
        efforts=tuple(item.effort for item in done if item.effort is not None),
        seconds=time.perf_counter() - began,
    )


def _done(draws: Draws, seeds: int, count: int, workers: int, on_task: Callable[[], None]) -> list[Examined]:
    """Examines `count` tasks, after the modal answer has been learned from train tasks, and returns them in order."""
    learned = "train" if "train" in draws.family.splits else draws.split
    studies = Draws(draws.ref, learned, draws.scale).chunks(range(FIRST_LEARNED, FIRST_LEARNED + min(count, LEARNED)))
    plan = _Plan(draws.ref, draws.split, draws.scale, seeds)
    done: list[Examined] = []
    with Workers(workers) as crew:
        jobs = [Job((learned, life), (plan, learned, numbers)) for life, numbers in studies]
        found = [pair for part in crew.map(_study, jobs) for pair in part]
        # In the order of their numbers, whichever process was first.
        endings = tuple(ending for _, ending in sorted(found, key=itemgetter(0)))
        plan = replace(plan, endings=endings)
        jobs = [Job((draws.split, life), (plan, numbers)) for life, numbers in draws.chunks(range(count))]
        for part in crew.map(_examine, jobs):
            done += part
            for _ in part:
                on_task()
    return sorted(done, key=lambda item: item.number)


def _together(name: str, draws: Draws, done: list[Examined], seeds: int) -> Iterator[Finding]:
    """Yields what it takes many tasks to see, fingerprints excepted."""
    yield from not_for_free(name, earned((item.name, item.fared) for item in done))
    yield from not_guessable(name, commonest([item.ending for item in done if item.ending is not None]))
    yield from different(name, [item.sameness for item in done if item.sameness is not None])
    yield from enough_ways(name, [item.ways for item in done[:seeds]])
    closely = [item for item in done[:seeds] if item.digest]
    first = closely[: max(1, min(_ELSEWHERE, len(closely)))]
    names, digests = {item.number: item.name for item in first}, {item.number: item.digest for item in first}
    if first:
        yield from elsewhere(names, digests, command(draws))


def _study(given: tuple[_Plan, str, tuple[int, ...]]) -> list[tuple[int, Ending]]:
    """Plays the oracle in train tasks and returns their numbers and endings; tasks that break down teach nothing."""
    plan, split, numbers = given
    draws = drawing(plan.ref, split, plan.scale)
    found = []
    for number in numbers:
        try:
            subject = Subject(draws.task(number))
        except UsageError:
            continue
        if breakdown(subject) is None:
            found.append((number, ending_of(subject.run.calls, subject.task.toolset)))
    return found


def _examine(given: tuple[_Plan, tuple[int, ...]]) -> list[Examined]:
    plan, numbers = given
    draws = drawing(plan.ref, plan.split, plan.scale)
    found = []
    for number in numbers:
        closely = number < plan.seeds
        try:
            task = draws.task(number)
        except UsageError as error:
            name = f"{plan.ref.name}, seed {SPLITS[plan.split] + number}"
            found.append(Examined(number, name, (Finding(1, name, f"the task can be drawn: not so, {error}"),)))
            continue
        item = examined(number, task, plan.endings, closely=closely)
        again = tuple(same_again(task, draws.again(task))) if closely else ()
        found.append(replace(item, findings=(*item.findings, *again)))
    return found
