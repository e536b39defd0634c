"""One task examined: every rule that one task can show, and what it adds to the rules that take many."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from claw_gym.core.canonical import canonical_json
from claw_gym.rollout.policies.modal_answer import Ending, ending_of
from claw_gym.tasks.family import FamilyTask
from claw_gym.testing.audit.cheats import Result, barred, cheated, earned, not_for_free
from claw_gym.testing.audit.counterfactuals import Alarm, alarms, empty_list
from claw_gym.testing.audit.every_part import every_part
from claw_gym.testing.audit.every_service import every_service
from claw_gym.testing.audit.finding import Finding, Findings
from claw_gym.testing.audit.looks import Looks, looks_of
from claw_gym.testing.audit.no_collateral_damage import no_collateral_damage
from claw_gym.testing.audit.other_ways import other_ways, ways
from claw_gym.testing.audit.play import OracleRun, Subject
from claw_gym.testing.audit.same_everywhere import Sameness, digest_of, sameness_of
from claw_gym.testing.audit.solvable import solvable
from claw_gym.testing.audit.typed_answers import typed_answers

__all__ = ["OF_ONE_TASK", "Effort", "Examined", "breakdown", "checked", "effort_of", "examined", "findings_of"]

OF_ONE_TASK: tuple[Callable[[Subject], Findings], ...] = (
    empty_list,
    every_part,
    every_service,
    no_collateral_damage,
    typed_answers,
    other_ways,
)
"""The rules that a task which its oracle solves can show alone; rule 1 comes before them."""
_CHARS_A_TOKEN = 4


@dataclass(frozen=True)
class Effort:
    """What the oracle's episode takes; a token is estimated as four characters.

    Attributes:
        difficulty: The task's difficulty.
        turns: Turns of the oracle.
        schema_tokens: Tokens of the definitions of the tools, as an OpenAI request holds them.
        episode_tokens: Tokens of the whole episode: definitions, briefing, calls, results.
    """

    difficulty: int
    turns: int
    schema_tokens: int
    episode_tokens: int


@dataclass(frozen=True)
class Examined:
    """What came of one task.

    Attributes:
        number: The task's number in the audit.
        name: Its full name.
        findings: Rules it breaks by itself.
        ending: The oracle's writes and answer; None where the oracle did not get that far.
        fared: How the cheating policies fared.
        looks: What its records look like beside those near them, table by table.
        wide: The same beside records of any time.
        sameness: What must differ between tasks.
        digest: What must be the same in every process.
        alarms: What was said of a settled matter and of its counterfactual, in a proactive task.
        effort: What the oracle's episode takes.
        ways: How many solutions differ from each other and from the oracle's.
    """

    number: int
    name: str
    findings: tuple[Finding, ...] = ()
    ending: Ending | None = None
    fared: Mapping[str, Result] = field(default_factory=dict)
    looks: Mapping[str, Looks] = field(default_factory=dict)
    wide: Mapping[str, Looks] = field(default_factory=dict)
    sameness: Sameness | None = None
    digest: str = ""
    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    effort: Effort | None = None
    ways: int = 0


def breakdown(subject: Subject) -> Finding | None:
    """Returns the finding that the oracle breaks down in the middle, or None when it comes to its end."""
    try:
        assert subject.run  # noqa: S101  played here, so that it may fail here
    except (ValueError, LookupError) as error:
        return Finding(1, subject.task.name, f"the oracle comes to its end: not so, {type(error).__name__}: {error}")
    return None


def findings_of(subject: Subject) -> Findings:
    """Yields what a task breaks by itself, in the order of the rules; where rule 1 is broken, nothing after it."""
    if broken := breakdown(subject):
        yield broken
        return
    first = list(solvable(subject))
    yield from first
    if subject.run.reward == 1.0:
        for rule in OF_ONE_TASK:
            yield from rule(subject)


def checked(task: FamilyTask[Any]) -> Findings:
    """Yields every rule that a task breaks by itself, what it gives away to those who do nothing included."""
    yield from not_for_free(task.name, earned([(task.name, barred(task))]))
    yield from findings_of(Subject(task))


def examined(number: int, task: FamilyTask[Any], endings: tuple[Ending, ...], *, closely: bool) -> Examined:
    """Examines a task.

    Args:
        number: Its number in the audit.
        task: The task.
        endings: Solutions of train tasks, for the modal answer.
        closely: Whether to check what one task can show; else it only counts for what takes many.
    """
    subject = Subject(task)
    found = tuple(findings_of(subject)) if closely else ()
    works = breakdown(subject) is None
    fared = cheated(task, endings)
    if closely:
        fared |= barred(task)
    return Examined(
        number=number,
        name=task.name,
        findings=found,
        ending=ending_of(subject.run.calls, task.toolset) if works else None,
        fared=fared,
        looks=looks_of(task),
        wide=looks_of(task, near=False),
        sameness=sameness_of(task),
        digest=digest_of(task) if closely else "",
        alarms=alarms(subject, fared, endings) if closely and works else {},
        effort=effort_of(subject.run) if works else None,
        ways=ways(subject) if closely and works else 0,
    )


def effort_of(run: OracleRun) -> Effort:
    """Returns what an oracle's run takes."""
    task = run.end.task
    schema = len(json.dumps(task.toolset.openai()))
    results = sum(len(result.text) for turn in run.turns for _, result in turn)
    said = results + sum(len(call.name) + len(canonical_json(call.arguments)) for call in run.calls)
    difficulty = int(task.name.rpartition("/")[2].partition(":")[0])
    whole = schema + len(task.briefing) + said
    return Effort(difficulty, len(run.turns), schema // _CHARS_A_TOKEN, whole // _CHARS_A_TOKEN)
