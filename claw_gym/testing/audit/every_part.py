"""Rule 3: leaving out any needed write, or changing a decisive value to a distractor's, earns nothing."""

from __future__ import annotations

from typing import Any

from claw_gym.core.tool import ToolCall
from claw_gym.tasks.family import FamilyTask
from claw_gym.testing.audit.decisive import spans
from claw_gym.testing.audit.finding import Finding, Findings
from claw_gym.testing.audit.mutations import deciding_spans, messages, mutations
from claw_gym.testing.audit.play import Play, Subject, is_write, recorded, turns_of_calls

__all__ = ["every_part"]


def every_part(subject: Subject) -> Findings:
    """Yields each write that may be left out, each decisive value that may be another, each near miss that passes."""
    task, run = subject.task, subject.run
    for number, call in enumerate(run.writes.values()):
        if _without(task, number) == 1.0:
            yield Finding(3, task.name, f"without {call.name} it earns 0.0: not so")
    changed = False
    for place, call, what in mutations(subject):
        changed = True
        if run.again({place: call}).reward == 1.0:
            yield Finding(3, task.name, f"{call.name} with {what} earns 0.0: not so")
    for place, call in run.writes.items():
        for leaf in messages(call):
            if spans(str(leaf.value)) and not deciding_spans(subject, place, leaf):
                yield Finding(3, task.name, f"some value in the {leaf.field} of {call.name} decides: not so, none does")
    if not changed:
        yield Finding(3, task.name, "the oracle writes a value that can be mistaken for another: not so, there is none")
    for number, params in enumerate(task.family.distractor_params(task.params)):
        calls = recorded(task.family.task_of(task.life, task.name, params)).calls
        play = Play(task)
        play.run(turns_of_calls(calls))
        if play.reward == 1.0:
            yield Finding(3, task.name, f"with the values of near miss {number} it earns 0.0: not so")


def _without(task: FamilyTask[Any], left_out: int) -> float:
    """Plays the oracle without one of its writes, whose result it still gets."""
    seen = -1

    def drop(call: ToolCall) -> ToolCall | None:
        nonlocal seen
        seen += is_write(task, call)
        return None if is_write(task, call) and seen == left_out else call

    play = Play(task)
    play.run(task.oracle(), change=drop)
    return play.reward
