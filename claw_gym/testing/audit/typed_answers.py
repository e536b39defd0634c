"""Rule 6: typed answers decide, and none is so common that it can be guessed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from claw_gym.core.canonical import canonical_json
from claw_gym.rollout.policies.modal_answer import Ending
from claw_gym.testing.audit.decisive import CLOSING, leaves, replaced
from claw_gym.testing.audit.finding import Finding, Findings
from claw_gym.testing.audit.play import Subject

__all__ = ["Commonest", "commonest", "not_guessable", "typed_answers"]

_SHARE = 0.02
_FEW = 3
"""Among few draws, up to so many answers may coincide: more are unlikely where each makes 2 % of all."""
_TWO = 2


@dataclass(frozen=True)
class Commonest:
    """The commonest answer of many tasks.

    Attributes:
        drawn: How many tasks.
        count: In how many it is the answer.
        answer: The answer as JSON text; the writes, where no answer is asked for.
    """

    drawn: int
    count: int
    answer: str

    @property
    def allowed(self) -> int:
        """In how many it may be: 2 %."""
        return max(_FEW, int(_SHARE * self.drawn))


def typed_answers(subject: Subject) -> Findings:
    """Yields an answer that is a yes or no alone, and closing words that decide although there is a typed answer."""
    task, run = subject.task, subject.run
    if task.family.answer is None:
        return
    fields = task.family.answer.model_json_schema().get("properties", {})
    if fields and all(_is_yes_or_no(part) for part in fields.values()):
        yield Finding(6, task.name, "the answer is more than a yes or no: not so")
    place = max(run.writes)
    for leaf in leaves(run.writes[place]):
        if leaf.path == ("message",) and run.writes[place].name == CLOSING:
            changed = replaced(run.writes[place], leaf.path, "Done.")
            if run.again({place: changed}).reward != 1.0:
                yield Finding(6, task.name, "the typed answer decides, not the closing words: not so")


def _is_yes_or_no(part: dict[str, Any]) -> bool:
    return part.get("type") == "boolean" or len(part.get("enum", ())) == _TWO


def commonest(endings: Sequence[Ending]) -> Commonest:
    """Finds the commonest answer of some solutions."""
    answers = Counter(_answer(ending) for ending in endings)
    answer, count = answers.most_common(1)[0] if answers else ("", 0)
    return Commonest(len(endings), count, answer)


def _answer(ending: Ending) -> str:
    closing: Any = ending[-1].arguments if ending else {}
    if "answer" in closing:
        return canonical_json(closing["answer"]).decode()
    return json.dumps([[call.name, canonical_json(call.arguments).decode()] for call in ending[:-1]])


def not_guessable(family: str, found: Commonest) -> Findings:
    """Yields an answer that makes more than 2 % of all."""
    if found.count > found.allowed:
        many = f"{found.answer[:100]} is that of {found.count} of {found.drawn} tasks"
        yield Finding(6, family, f"the commonest answer makes at most 2 %: not so, {many}")
