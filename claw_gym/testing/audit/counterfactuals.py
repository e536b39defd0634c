"""Proactive tasks and their counterfactuals: who sees trouble where it is, and none where it is settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from claw_gym.rollout.policies.modal_answer import Ending
from claw_gym.tasks.family import FamilyTask
from claw_gym.tasks.matters import Plan
from claw_gym.tasks.proactive import Proactive, ProactiveFamily
from claw_gym.testing.audit.cheats import CHEATS, Result, cheated
from claw_gym.testing.audit.finding import Finding, Findings
from claw_gym.testing.audit.play import Play, Subject

__all__ = ["ORACLE", "Alarm", "Rates", "alarms", "empty_list", "rates"]

ORACLE = "oracle"
_OPEN = ("handled", "needs_you")
_LEAST_SHARED = 2


@dataclass(frozen=True)
class Alarm:
    """What a policy said of one matter, played twice: once settled, once open.

    Attributes:
        hit: It reported the matter as open where it was.
        false_alarm: It reported the matter as open where it was settled.
        both: It solved both tasks.
    """

    hit: bool
    false_alarm: bool
    both: bool


@dataclass(frozen=True)
class Rates:
    """How well a policy tells open matters from settled ones, over pairs of a task and its counterfactual.

    Attributes:
        policy: Its name.
        pairs: How many pairs.
        hits: Share of open matters that it reported as open, in [0, 1].
        false_alarms: Share of settled matters that it reported as open, in [0, 1].
        both: Share of pairs of which it solved both, in [0, 1].
    """

    policy: str
    pairs: int
    hits: float
    false_alarms: float
    both: float


def alarms(subject: Subject, fared: Mapping[str, Result], endings: tuple[Ending, ...]) -> dict[str, Alarm]:
    """Plays the oracle and the cheating policies on a task's counterfactual and compares with the task itself.

    Args:
        subject: A proactive task.
        fared: How the cheating policies fared in the task itself.
        endings: Solutions of train tasks, for the modal answer.

    Returns:
        Policy -> what it said; nothing for tasks that are not proactive.
    """
    task = subject.task
    if not isinstance(task.family, ProactiveFamily):
        return {}
    place = next(number for number, plan in enumerate(task.params.plans) if not plan.live)
    other = subject.counterfactual.task
    settled, opened = _plan(task, place), _plan(other, place)
    on_task = {**fared, ORACLE: _own(subject.run.end)}
    on_other = {**cheated(other, endings), ORACLE: _own(subject.counterfactual.run.end)}
    return {
        policy: Alarm(
            hit=_reports(on_other[policy].answer, opened),
            false_alarm=_reports(on_task[policy].answer, settled),
            both=on_task[policy].solved and on_other[policy].solved,
        )
        for policy in (ORACLE, *CHEATS)
    }


def _plan(task: FamilyTask[Any], place: int) -> Plan:
    params: Proactive = task.params
    return params.plans[place]


def _own(end: Play) -> Result:
    closing = end.world.closing
    return Result(end.reward == 1.0, closing.answer if closing else None)


def _reports(answer: Any, plan: Plan) -> bool:
    """Tells whether an answer reports a matter as open: by an entry that cites two records of it at least."""
    entries = answer.get("matters", ()) if isinstance(answer, dict) else ()
    return any(
        entry["status"] in _OPEN and len(plan.key.intersection(entry["records"])) >= _LEAST_SHARED for entry in entries
    )


def rates(found: Iterable[Mapping[str, Alarm]]) -> list[Rates]:
    """Returns the rates of each policy over pairs; none without pairs."""
    pairs = [item for item in found if item]
    if not pairs:
        return []
    count = len(pairs)
    return [
        Rates(
            policy,
            count,
            sum(item[policy].hit for item in pairs) / count,
            sum(item[policy].false_alarm for item in pairs) / count,
            sum(item[policy].both for item in pairs) / count,
        )
        for policy in pairs[0]
    ]


def empty_list(subject: Subject) -> Findings:
    """Yields a proactive task in which an empty list of matters is right; belongs to rule 2."""
    task = subject.task
    if not isinstance(task.family, ProactiveFamily) or subject.run.reward != 1.0:
        return
    closing = subject.run.calls[-1]
    place = max(subject.run.writes)
    changed = type(closing)(closing.name, {"message": "All is well.", "answer": {"matters": []}})
    if subject.run.again({place: changed}).reward == 1.0:
        yield Finding(2, task.name, "an empty list of matters earns 0.0: not so")
