"""The oracle's writes with one value changed to another that the episode has shown: what rule 3 says earns nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from pydantic import BaseModel

from claw_gym.core.seeding import Stream, stream
from claw_gym.core.tool import ToolCall
from claw_gym.rollout.gleaning import Value, rows_in, values_in
from claw_gym.tasks.family import FamilyTask
from claw_gym.testing.audit.decisive import (
    CLOSING,
    Leaf,
    Span,
    in_prose,
    is_closing_words,
    leaves,
    replaced,
    same_value,
    spans,
    written_like,
)
from claw_gym.testing.audit.play import Place, Subject

__all__ = ["deciding_spans", "messages", "mutations"]

_TYPED = ("id", "address", "money", "number", "moment", "day", "code")
_PROSE = ("body", "message", "content", "text", "resolution")
"""Arguments in which prose reaches somebody; titles and the like are nobody's evidence."""
_ANY = 2
_IN_PROSE = {"time": ("moment",), "day": ("day", "moment")}
"""Form of a value in prose -> forms of the seen values that may replace it, where not its own."""


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
            elif leaf in messages(call):
                yield from _in_prose(subject, place, leaf, seen, rng)
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


def deciding_spans(subject: Subject, place: Place, leaf: Leaf) -> list[Span]:
    """Returns the values in a message that decide: without one of them it earns nothing.

    Whatever else a message says, such as the time at which a meeting was before, is nobody's business.
    """
    key = (place, leaf.path)
    if key not in subject.deciding:
        subject.deciding[key] = _deciding(subject, place, leaf)
    return subject.deciding[key]


def _deciding(subject: Subject, place: Place, leaf: Leaf) -> list[Span]:
    run = subject.run
    call = run.writes[place]
    found = []
    for span in spans(str(leaf.value)):
        struck = _rewritten(call, partial(_struck, span=span))
        if run.again({place: struck}).reward != 1.0:
            found.append(span)
    return found


def messages(call: ToolCall) -> list[Leaf]:
    """Returns the prose of a call that reaches somebody."""
    if call.name == CLOSING:
        return []
    return [leaf for leaf in leaves(call) if leaf.is_prose and leaf.field in _PROSE]


def _in_prose(
    subject: Subject, place: Place, leaf: Leaf, seen: _Seen, rng: Stream
) -> Iterator[tuple[Place, ToolCall, str]]:
    """Yields a message with one value that decides another, wherever it stands in it, the subject included."""
    for span in deciding_spans(subject, place, leaf):
        like = Leaf(leaf.path, span.text, span.form)
        for other in _others(like, span.form, seen, rng)[:1]:
            call = _rewritten(subject.run.writes[place], partial(in_prose, span=span, new=other))
            yield place, call, f"{written_like(span.text, other, span.form)!r} for {span.text!r} in its {leaf.field}"


def _struck(text: str, span: Span) -> str:
    return text.replace(span.text, "")


def _rewritten(call: ToolCall, rewrite: Callable[[str], str]) -> ToolCall:
    """Returns a call with all its prose rewritten."""
    changed = call
    for leaf in leaves(call):
        if leaf.is_prose:
            changed = replaced(changed, leaf.path, rewrite(str(leaf.value)))
    return changed


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
    texts = [value for row in story for value in row.values if value.form == "text"]
    inside = [found for text in texts for found in values_in(text.value, text.field, task.life.now)]
    own = set(task.life.persona.emails.values())

    def by_form(values: Iterable[Value]) -> _ByForm:
        found: dict[str, dict[Any, None]] = {}
        for value in values:
            if value.value != 0 and value.value not in own:
                found.setdefault(value.form, {})[value.value] = None
        return {form: list(items) for form, items in found.items()}

    wrong, every = (by_form(value for row in group for value in row.values) for group in (distractors, rows))
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
