"""Rule 3: leaving out any needed write, or changing a decisive value to a distractor's, earns nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from claw_gym.core.seeding import Stream, stream
from claw_gym.core.tool import ToolCall
from claw_gym.rollout.gleaning import Value, rows_in, values_in, values_of
from claw_gym.tasks.family import FamilyTask
from claw_gym.testing.audit.decisive import (
    CLOSING,
    Leaf,
    in_prose,
    is_closing_words,
    leaves,
    replaced,
    same_value,
    spans,
    written_like,
)
from claw_gym.testing.audit.finding import Finding, Findings
from claw_gym.testing.audit.play import Place, Play, Subject, is_write, recorded, turns_of_calls

__all__ = ["every_part", "mutations"]

_TYPED = ("id", "address", "money", "number", "moment", "day", "code")
_PROSE = ("body", "message", "content", "text", "resolution")
"""Arguments in which prose reaches somebody; titles and the like are nobody's evidence."""
_ANY = 2
_IN_PROSE = {"time": ("moment",), "day": ("day", "moment")}
"""Form of a value in prose -> forms of the seen values that may replace it, where not its own."""


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


def mutations(subject: Subject) -> Iterator[tuple[Place, ToolCall, str]]:
    """Yields writes of the oracle with one value changed to another of its form that the episode has shown.

    Up to three for each value, the first from a distractor where one has such a value: (place, call, what was changed).
    """
    task, run = subject.task, subject.run
    seen = _seen(subject)
    for place, call in run.writes.items():
        idle = _idle(subject, place, call)
        for leaf in leaves(call):
            if is_closing_words(call, leaf.path) or leaf.value in task.life.persona.emails.values():
                continue
            if leaf.path[0] in idle:
                continue
            rng = stream(0, "mutation", task.name, *place, *map(str, leaf.path))
            if leaf.form in _TYPED:
                for other in _others(leaf, leaf.form, seen, rng):
                    yield place, replaced(call, leaf.path, other), f"{leaf.field} {other!r} for {leaf.value!r}"
            elif leaf.is_prose and leaf.field in _PROSE and call.name != CLOSING:
                yield from ((place, *pair) for pair in _in_prose(call, leaf, seen, rng))
        yield from ((place, *pair) for pair in _other_words(task, call))


def _idle(subject: Subject, place: Place, call: ToolCall) -> set[str]:
    """Returns the optional arguments that may be left out as well: what stands in them decides nothing."""
    if call.name == CLOSING or isinstance(call.arguments, str):
        return set()
    given, required = call.arguments, subject.task.toolset[call.name].parameters.get("required", ())
    without = {
        name: {key: item for key, item in given.items() if key != name} for name in given if name not in required
    }
    return {
        name for name, rest in without.items() if subject.run.again({place: ToolCall(call.name, rest)}).reward == 1.0
    }


def _in_prose(call: ToolCall, leaf: Leaf, seen: _Seen, rng: Stream) -> Iterator[tuple[ToolCall, str]]:
    """Yields a message with one value another, wherever it stands in it, the subject included."""
    texts = [other for other in leaves(call) if other.is_prose]
    for span in spans(str(leaf.value)):
        like = Leaf(leaf.path, span.text, span.form)
        for other in _others(like, span.form, seen, rng)[:1]:
            changed = call
            for text in texts:
                changed = replaced(changed, text.path, in_prose(str(text.value), span, other))
            yield changed, f"{written_like(span.text, other, span.form)!r} for {span.text!r} in its {leaf.field}"


def _other_words(task: FamilyTask[Any], call: ToolCall) -> Iterator[tuple[ToolCall, str]]:
    """Yields the answer with each choice among given words made otherwise, and each truth value turned round."""
    if call.name != CLOSING or task.family.answer is None:
        return
    for leaf in leaves(call):
        options = [not leaf.value] if leaf.form == "flag" else _choices(_schema(task.family.answer), leaf)
        for other in options:
            if other != leaf.value:
                yield replaced(call, leaf.path, other), f"{leaf.field} {other!r} for {leaf.value!r}"


@lru_cache(maxsize=64)
def _schema(form: type[BaseModel]) -> dict[str, Any]:
    return form.model_json_schema()


def _choices(schema: Any, leaf: Leaf) -> list[Any]:
    """Returns the given words among which the schema of the answer has a field of this name choose."""
    if isinstance(schema, dict):
        part = schema.get("properties", {}).get(leaf.field)
        if isinstance(part, dict) and leaf.value in part.get("enum", ()):
            return list(part["enum"])
        schema = list(schema.values())
    if isinstance(schema, list):
        return next((found for item in schema if (found := _choices(item, leaf))), [])
    return []


_ByForm = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class _Seen:
    """Values that the oracle had seen before its first write, by form: of distractors, in prose of the story, all."""

    distractors: _ByForm
    prose: _ByForm
    every: _ByForm


def _seen(subject: Subject) -> _Seen:
    task = subject.task
    others, evidence = (
        {item for _, plain in part for item in plain.values() if isinstance(item, str)}
        for part in (task.told.others, task.told.evidence)
    )
    rows = [row for result in subject.run.seen for row in rows_in(result)]
    distractors = [row for row in rows if row.key and row.key[1] in others]
    # Reading all prose of a life takes long; the story's is where the values are that may be mistaken for each other.
    story = [*distractors, *(row for row in rows if row.key and row.key[1] in evidence)]
    texts = [value for value in values_of(row.data for row in story) if value.form == "text"]
    inside = [found for text in texts for found in values_in(text.value, text.field, task.life.now)]
    own = set(task.life.persona.emails.values())

    def by_form(values: Iterable[Value]) -> _ByForm:
        found: dict[str, dict[Any, None]] = {}
        for value in values:
            if value.value != 0 and value.value not in own:
                found.setdefault(value.form, {})[value.value] = None
        return {form: list(items) for form, items in found.items()}

    wrong, every = (by_form(values_of(row.data for row in group)) for group in (distractors, rows))
    return _Seen(wrong, by_form(inside), every)


def _others(leaf: Leaf, form: str, seen: _Seen, rng: Stream) -> list[Any]:
    """Returns up to three values of the form of one that are not it: a distractor's, one told in prose, and any."""
    forms = _IN_PROSE.get(form, (form,))
    chosen: list[Any] = []
    for number, group in enumerate((seen.distractors, seen.prose, seen.every)):
        options = [item for one in forms for item in group.get(one, ())]
        # An id is mistaken for another of its kind, if at all.
        alike = [item for item in options if str(item).partition("-")[0] == str(leaf.value).partition("-")[0]]
        options = (alike if form == "id" else []) or options
        if number == _ANY and options:
            rng.shuffle(options)
        other = next((item for item in options if not same_value(_as(leaf, item, form), leaf.value)), None)
        chosen += [other] if other is not None else []
    return list(dict.fromkeys(chosen))


def _as(leaf: Leaf, value: Any, form: str) -> Any:
    return written_like(str(leaf.value), value, form) if isinstance(leaf.value, str) else value
