"""Rule 4: each service the task claims holds something that decides, and the instruction holds none of it."""

from __future__ import annotations

from typing import Any

from claw_gym.core.canonical import canonical_json
from claw_gym.tasks.family import FamilyTask
from claw_gym.tasks.proactive import ProactiveFamily
from claw_gym.testing.audit.decisive import decisive_values, stands_in
from claw_gym.testing.audit.finding import Finding, Findings
from claw_gym.testing.audit.play import Play, Subject, turns_of_calls

__all__ = ["every_service"]

_RARE = ("id", "address", "money", "moment", "code")
_RARE_NUMBER = 100
"""Numbers from here on, and those with a fraction, count as rare; people count smaller ones on their fingers."""


def every_service(subject: Subject) -> Findings:
    """Yields twins that do not matter or differ too widely, and rare values that the instruction gives away.

    A twin differs in one service's records only: the first oracle's run on it earns 0.0, its own oracle 1.0. Of a
    proactive task the counterfactual, in which a settled matter is open, is a twin too.
    """
    task = subject.task
    for service in task.family.services:
        twin = task.family.task_of(task.life, task.name, task.family.twin(task.params, service))
        yield from _twin(subject, Subject(twin), f"the twin of {service}", service)
    if isinstance(task.family, ProactiveFamily):
        yield from _twin(subject, subject.counterfactual, "the counterfactual of a settled matter", "")
    yield from _given_away(subject)


def _twin(subject: Subject, other: Subject, what: str, service: str) -> Findings:
    task, twin = subject.task, other.task
    differing = _differing(task, twin)
    if service and differing != {service}:
        shown = ", ".join(sorted(differing)) or "nothing"
        yield Finding(4, task.name, f"{what} differs in that service's records alone: not so, it differs in {shown}")
    if twin.briefing != task.briefing:
        yield Finding(4, task.name, f"{what} has the same briefing: not so")
    play = Play(twin)
    play.run(turns_of_calls(subject.run.calls))
    if play.reward == 1.0:
        yield Finding(4, task.name, f"on {what} the first run earns 0.0: not so")
    if other.run.reward != 1.0:
        yield Finding(4, task.name, f"{what} is solved by its own oracle: not so")


def _differing(task: FamilyTask[Any], twin: FamilyTask[Any]) -> set[str]:
    """Returns the services whose records differ; what happens later follows from the facts, in whatever service."""

    def rows(one: FamilyTask[Any]) -> set[tuple[str, bytes]]:
        return {(table, canonical_json(plain)) for table, plain in (*one.told.evidence, *one.told.others)}

    return {table.partition(".")[0] for table, _ in rows(task) ^ rows(twin)}


def _given_away(subject: Subject) -> Findings:
    """Yields the rare values in the oracle's writes and answer that stand both in the evidence and the instruction."""
    task = subject.task
    asked = [task.family.instruction(task.params).casefold(), task.family.delegation(task.params).casefold()]
    evidence = [canonical_json(plain).decode().casefold() for _, plain in task.told.evidence]
    for call in subject.run.writes.values():
        for form, value in decisive_values(call):
            rare = form in _RARE or (form == "number" and (value >= _RARE_NUMBER or value % 1))
            if rare and stands_in(value, form, evidence) and stands_in(value, form, asked):
                sentence = f"rare values stand in the evidence alone: not so, the instruction holds {value!r}"
                yield Finding(4, task.name, f"{sentence}, which {call.name} needs")
