"""Fills a JSON schema with values that were seen, by the form of each and the name of the field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from claw_gym.core.seeding import Stream
from claw_gym.rollout.gleaning import Value

__all__ = ["Filler"]

_MOST_ITEMS = 3
_NULL_CHANCE = 0.5
_WORDS = {
    "id": ("id", "ids", "records", "reference"),
    "address": ("address", "email", "mail", "to", "recipient", "recipients", "attendees", "sender", "reporter", "user"),
    "money": ("amount", "total", "price", "sum", "cost", "fee", "charge", "balance", "paid", "money"),
    "day": ("date", "day", "due", "deadline", "by"),
    "moment": ("start", "end", "time", "moment", "when", "until", "at"),
    "code": ("code", "number", "invoice", "order", "confirmation"),
}
"""Form -> words in a field's name that ask for it."""
_PROSE = ("body", "message", "content", "text", "description", "resolution", "note", "notes", "summary")
_SAID = ("code", "money", "day", "moment", "id")
"""Forms that a made-up text names one of each."""
_EXAMPLE = re.compile(r'"([^"]+)"')
_QUOTED = re.compile(r'"([a-z_]+)"')


class Filler:
    """Fills schemas; values that stand first are taken first, and none twice in one list."""

    def __init__(self, values: Iterable[Value], rng: Stream, *, now: str = "", about: str = "") -> None:
        """Takes what to fill with.

        Args:
            values: What was seen, the likeliest first.
            rng: Draws what cannot be had from values: a choice among given words, the length of a list.
            now: The moment, ISO; stands in where no moment was seen.
            about: What the texts are about, for subjects and titles; words in it choose among given words.
        """
        self.values: Sequence[Value] = list(dict.fromkeys(values))
        self.rng = rng
        self.now = now
        self.about = about
        self._every = False
        self._known: dict[tuple[str, ...], list[str]] = {}

    def fill(self, schema: Mapping[str, Any], *, every: bool = False) -> Any:
        """Returns data that is valid by a schema as far as types, patterns and bounds of lists go.

        Args:
            schema: A JSON schema, `$defs` included.
            every: Whether to fill all optional fields; else only those that what it is about calls for.
        """
        self._every = every
        return self._fill(schema, "", schema.get("$defs", {}), set())

    def _fill(self, schema: Mapping[str, Any], name: str, known: Mapping[str, Any], taken: set[Any]) -> Any:
        if "$ref" in schema:
            inner = known[str(schema["$ref"]).rpartition("/")[2]]
            return self._fill({**inner, **{k: v for k, v in schema.items() if k != "$ref"}}, name, known, taken)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._chosen(list(schema["enum"]))
        if "anyOf" in schema:
            return self._one_of(schema, name, known, taken)
        kind = schema.get("type", "string")
        if kind == "object":
            return self._object(schema, known)
        if kind == "array":
            return self._array(schema, name, known)
        if kind == "boolean":
            return self.rng.random() < 0.5
        if kind == "null":
            return None
        if kind in ("integer", "number"):
            return self._number(schema, name, whole=kind == "integer")
        return self._string(schema, name, taken)

    def _one_of(self, schema: Mapping[str, Any], name: str, known: Mapping[str, Any], taken: set[Any]) -> Any:
        options = [option for option in schema["anyOf"] if option.get("type") != "null"]
        if len(options) < len(schema["anyOf"]) and self.rng.random() < _NULL_CHANCE:
            return None
        described = {key: schema[key] for key in ("description",) if key in schema}
        return self._fill({**described, **self.rng.choice(options)}, name, known, taken)

    def _object(self, schema: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
        required = schema.get("required", ())
        return {
            name: self._fill(part, name, known, set())
            for name, part in schema.get("properties", {}).items()
            if self._every or name in required or self._asked(name, part)
        }

    def _asked(self, name: str, part: Mapping[str, Any]) -> bool:
        """Tells whether what the texts are about calls for an optional field: by its name, or by a word it may hold."""
        words = {name, *_QUOTED.findall(part.get("description", ""))}
        return any(word[:5] in self.about for word in words)

    def _array(self, schema: Mapping[str, Any], name: str, known: Mapping[str, Any]) -> list[Any]:
        low = max(1, schema.get("minItems", 0))
        count = self.rng.randint(low, max(low, min(schema.get("maxItems", _MOST_ITEMS), low + _MOST_ITEMS - 1)))
        items: Mapping[str, Any] = schema.get("items", {})
        if items.get("type") == "string" and "enum" not in items:
            # Fewer where no more values were seen; made-up ones only as far as a list has to have them.
            count = min(count, max(low, len(self._fitting(items, name))))
        taken: set[Any] = set()
        return [self._fill(items, name, known, taken) for _ in range(count)]

    def _chosen(self, options: list[Any]) -> Any:
        named = [option for option in options if isinstance(option, str) and option[:5] in self.about]
        return self.rng.choice(named or options)

    def _number(self, schema: Mapping[str, Any], name: str, *, whole: bool) -> float:
        numbers = [value for value in self.values if value.form == "number"]
        likely = sorted(numbers, key=lambda value: not _alike(value.field, name))
        fitting = [abs(value.value) for value in likely if not whole or float(value.value).is_integer()]
        found = fitting[0] if fitting else 1
        found = max(found, schema.get("minimum", found))
        found = min(found, schema.get("maximum", found))
        return int(found) if whole else float(found)

    def _string(self, schema: Mapping[str, Any], name: str, taken: set[Any]) -> str:
        if name in _PROSE and "pattern" not in schema:
            return self._prose()
        options = [option for option in self._fitting(schema, name) if option not in taken]
        found = options[0] if options else self._made_up(schema, name)
        taken.add(found)
        return found

    def _fitting(self, schema: Mapping[str, Any], name: str) -> list[str]:
        pattern = schema.get("pattern", "")
        key = (name, pattern, schema.get("format", ""), schema.get("description", ""))
        if key not in self._known:
            options = dict.fromkeys(self._strings(schema, name))
            self._known[key] = [option for option in options if re.search(pattern, option)]
        return self._known[key]

    def _strings(self, schema: Mapping[str, Any], name: str) -> list[str]:
        """Returns every value that may stand in a field, the likeliest first: same field, then fitting form."""
        if options := _QUOTED.findall(schema.get("description", "")):
            named = [option for option in options if option[:5] in self.about]
            return [*named, *options]
        forms = _forms_asked(name, schema)

        def likelihood(value: Value) -> tuple[bool, bool]:
            return not _alike(value.field, name), value.form not in forms

        if "pattern" in schema:
            # Whatever fits the pattern will do; the sort keeps the order in which values were seen.
            return [_written(value) for value in sorted(self.values, key=likelihood)]
        fitting = [value for value in self.values if value.form in forms]
        same = [value for value in self.values if _alike(value.field, name) and value.form not in ("flag", "number")]
        chosen = sorted(fitting, key=likelihood) if fitting else same
        return [_written(value) for value in chosen]

    def _made_up(self, schema: Mapping[str, Any], name: str) -> str:
        forms = _forms_asked(name, schema)
        if "pattern" in schema:
            # A description often shows an example of what the pattern asks for.
            examples = _EXAMPLE.findall(schema.get("description", ""))
            return next((found for found in examples if re.search(schema["pattern"], found)), "unknown")
        if "day" in forms:
            return self.now[:10]
        if "moment" in forms:
            return self.now[:19]
        if "address" in forms:
            return "nobody@example.org"
        return self.about[:60] or "unknown"

    def _prose(self) -> str:
        firsts = (next((str(v.value) for v in self.values if v.form == form), "") for form in _SAID)
        return f"{self.about[:60]}: {', '.join(item for item in firsts if item)}."


@lru_cache(maxsize=4096)
def _alike(field: str, name: str) -> bool:
    """Tells whether two names mean one field: "transaction_id" and "transactions", "amount" and "total_amount"."""
    one, other = (text.removesuffix("s").removesuffix("_id").removesuffix("s") for text in (field, name))
    return bool(one and other) and (one in other or other in one)


def _forms_asked(name: str, schema: Mapping[str, Any]) -> list[str]:
    if schema.get("format") in ("date", "date-time"):
        return ["day" if schema["format"] == "date" else "moment"]
    described = re.findall(r"[a-z]{4,}", schema.get("description", "").lower())  # "to" and "by" say nothing in prose
    for words in (name.split("_"), described):
        forms = [form for form, asking in _WORDS.items() if not set(words).isdisjoint(asking)]
        if forms:
            return forms
    return []


def _written(value: Value) -> str:
    return f"{value.value:.2f}" if isinstance(value.value, float) else str(value.value)
