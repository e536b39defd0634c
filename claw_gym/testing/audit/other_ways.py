"""Rule 8: whoever solves the task in another way than the oracle earns as much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from claw_gym.core.canonical import canonical_json
from claw_gym.core.tool import ToolCall
from claw_gym.tasks.solving import derived
from claw_gym.testing.audit.finding import Finding, Findings
from claw_gym.testing.audit.play import Subject, solved

__all__ = ["enough_ways", "other_ways", "ways"]

_LEAST = 3
_LISTINGS = ("_list_messages", "_list_tasks")


def other_ways(subject: Subject) -> Findings:
    """Yields too few further solutions, and each that earns less than 1.0, those included that the base derives."""
    task = subject.task
    reads = [ToolCall(name, {}) for name in task.toolset if name.endswith(_LISTINGS)]
    own = subject.solutions
    if len(own) < _LEAST:
        yield Finding(8, task.name, f"there are at least {_LEAST} further solutions: not so, there are {len(own)}")
    for number, item in enumerate([*own, *(solved(task, solution) for solution in derived(task.oracle, reads))]):
        if item.play.reward != 1.0:
            missed = [check.name for check in (*item.judged.goals, *item.judged.guards) if not check.passed]
            said = "; ".join(missed) or "it does not finish"
            yield Finding(8, task.name, f"solution {number} ({item.name}) earns 1.0: not so, it misses: {said}")


def ways(subject: Subject) -> int:
    """Counts the family's own solutions of a task that differ from each other and from the oracle's run."""
    runs = {_shape(subject.run.calls), *(_shape(call for call, _ in item.play.calls) for item in subject.solutions)}
    return len(runs) - 1


def enough_ways(family: str, counts: Sequence[int]) -> Findings:
    """Yields a family whose solutions are never three that differ.

    One task may show fewer: where nothing is written there is no other order to write it in.

    Args:
        family: The family's name.
        counts: What `ways` counted, for each task.
    """
    most = max(counts, default=0)
    if most < _LEAST:
        sentence = f"at least {_LEAST} solutions differ in what they do: not so, in no task more than {most}"
        yield Finding(8, family, sentence)


def _shape(calls: Any) -> bytes:
    return canonical_json([[call.name, call.arguments] for call in calls])
