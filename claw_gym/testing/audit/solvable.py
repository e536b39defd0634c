"""Rule 1: the oracle solves the task through tools alone, having read all evidence, with no value out of nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from claw_gym.core.canonical import canonical_json
from claw_gym.core.tool import ToolCall
from claw_gym.tasks.family import FamilyTask
from claw_gym.testing.audit.decisive import Leaf, is_closing_words, leaves, spans, stands_in
from claw_gym.testing.audit.finding import Finding, Findings
from claw_gym.testing.audit.play import Subject, is_write

__all__ = ["solvable"]

_SHOWN_CHARS = 200


def solvable(subject: Subject) -> Findings:
    """Yields where the oracle fails, writes before it has read, or knows what it has not seen.

    Every value in its arguments has to stand in the briefing or in an earlier result, or to be declared as computed.
    Values inside prose count too: amounts, days, ids, codes and addresses. Words may come from the definitions of the
    tools and of the answer. How far back to look and how many rows to ask for are anybody's choice.
    """
    task, run = subject.task, subject.run
    failed = [result for turn in run.turns for _, result in turn if result.is_error]
    for result in failed:
        said = result.text[:_SHOWN_CHARS]
        yield Finding(1, task.name, f"the oracle's calls succeed: not so, {result.name} answers {said!r}")
    if run.reward != 1.0:
        yield Finding(1, task.name, f"the oracle earns 1.0: not so, {_missed(subject)}")
    if run.unread:
        named = ", ".join(sorted(record_id for _, record_id in run.unread))
        yield Finding(1, task.name, f"the oracle reads all evidence before its first write: not so, {named} is unread")
    yield from _psychic(subject)


def _missed(subject: Subject) -> str:
    judged = subject.run.end.judgement()
    missed = [check.name for check in (*judged.goals, *judged.guards) if not check.passed]
    return f"it misses: {'; '.join(missed)}" if missed else "it does not finish"


def _psychic(subject: Subject) -> Findings:
    task = subject.task
    texts = [text.casefold() for text in (task.briefing, *task.family.declared(task.params))]
    words = _definitions(task)
    for turn in subject.run.turns:
        for call, _ in turn:
            unknown = next(_unknown(call, texts, words, write=is_write(task, call)), None)
            if unknown is not None:
                sentence = f"every value of the oracle stood in an earlier text: not so, {call.name} has {unknown!r}"
                yield Finding(1, task.name, sentence)
        texts += [result.text.casefold() for _, result in turn]


def _definitions(task: FamilyTask[Any]) -> list[str]:
    form = task.family.answer
    parts: list[Any] = [task.toolset.openai(), form.model_json_schema() if form else None]
    return [canonical_json(part).decode().casefold() for part in parts]


def _unknown(call: ToolCall, texts: Sequence[str], words: Sequence[str], *, write: bool) -> Iterator[str]:
    for leaf in leaves(call):
        if leaf.form == "flag" or is_closing_words(call, leaf.path):
            continue
        if leaf.is_prose:
            inside = (span for span in spans(str(leaf.value)) if span.form != "time")
            yield from (span.text for span in inside if not stands_in(span.text, span.form, texts))
        elif not (_is_choice(leaf, write=write) or _known(leaf, texts, words)):
            yield str(leaf.value)


def _is_choice(leaf: Leaf, *, write: bool) -> bool:
    return not write and str(leaf.value).isdecimal()


def _known(leaf: Leaf, texts: Sequence[str], words: Sequence[str]) -> bool:
    if stands_in(leaf.value, leaf.form, texts):
        return True
    return leaf.form == "text" and stands_in(leaf.value, leaf.form, words)
