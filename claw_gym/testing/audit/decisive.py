"""The values in an oracle's calls that decide: ids, addresses, amounts, moments, days, codes; in prose too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from claw_gym.core.tool import ToolCall
from claw_gym.life.text import MONTHS, WEEKDAYS
from claw_gym.rollout.gleaning import form_of

__all__ = [
    "CLOSING",
    "Leaf",
    "Span",
    "decisive_values",
    "in_prose",
    "is_closing_words",
    "leaves",
    "replaced",
    "same_value",
    "spans",
    "stands_in",
    "written_like",
]

CLOSING = "finish"
"""The tool that ends an episode."""

Path = tuple[str | int, ...]
"""Keys and places that lead from arguments to one value in them."""

_MONTH = "|".join(MONTHS)
_SPANS = {
    "address": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "money": re.compile(r"[€$£₹]\d[\d,]*\.\d\d|\d[\d,]*\.\d\d [A-Z]{3}\b"),
    "moment": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[+-]\d\d:\d\d|Z)?"),
    "day": re.compile(
        rf"\d{{4}}-\d\d-\d\d|\b\d{{1,2}} (?:{_MONTH})\b(?: \d{{4}}\b)?|\b(?:{_MONTH}) \d{{1,2}}\b(?:, \d{{4}}\b)?"
    ),
    "time": re.compile(r"(?<![\d:.])\d\d:\d\d(?![\d:])"),
    "code": re.compile(r"(?<![\w@./-])(?=[\w/-]*\d)(?=[\w/-]*[A-Z])[A-Z0-9][\w/-]{3,24}(?![\w@/-])"),
}
"""Form -> what it looks like within prose; those that stand first are found first and struck out."""
_WEEKDAY = re.compile(rf"\b({'|'.join(WEEKDAYS)})\b")


@dataclass(frozen=True)
class Leaf:
    """One single value in a call's arguments.

    Attributes:
        path: Where it stands.
        value: The value.
        form: What it is; see `claw_gym.rollout.gleaning.Value`. "text" for prose and words.
    """

    path: Path
    value: Any
    form: str

    @property
    def field(self) -> str:
        """The name of the field it stands in; that of the list, for an item of one."""
        return next(str(step) for step in reversed(self.path) if isinstance(step, str))

    @property
    def is_prose(self) -> bool:
        """Whether it is text of several words."""
        return self.form == "text" and " " in str(self.value).strip()


@dataclass(frozen=True)
class Span:
    """One value within prose: its form and how it is written there."""

    form: str
    text: str


def leaves(call: ToolCall) -> list[Leaf]:
    """Returns the single values of a call's arguments, in order."""
    return list(_leaves((), call.arguments))


def _leaves(path: Path, item: Any) -> Iterator[Leaf]:
    if isinstance(item, Mapping):
        for name, inner in item.items():
            yield from _leaves((*path, name), inner)
    elif isinstance(item, list | tuple):
        for place, inner in enumerate(item):
            yield from _leaves((*path, place), inner)
    elif item is not None and item != "" and path:
        yield Leaf(path, item, form_of(item))


def replaced(call: ToolCall, path: Path, value: Any) -> ToolCall:
    """Returns a call with another value in one place."""
    return ToolCall(call.name, _put(call.arguments, path, value))


def _put(item: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    head, *rest = path
    if isinstance(item, Mapping):
        return {name: _put(inner, tuple(rest), value) if name == head else inner for name, inner in item.items()}
    return [_put(inner, tuple(rest), value) if place == head else inner for place, inner in enumerate(item)]


def spans(text: str) -> list[Span]:
    """Returns the values within prose, each once."""
    found: dict[Span, None] = {}
    for form, pattern in _SPANS.items():
        found |= dict.fromkeys(Span(form, match[0]) for match in pattern.finditer(text))
        text = pattern.sub(" ", text)
    return list(found)


def same_value(one: Any, other: Any) -> bool:
    """Tells whether two values are one, however written: 12.5 and "12.50 EUR", a moment with and without seconds."""
    return bool(_plain(one) == _plain(other))


def _plain(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(str(value))
    text = str(value).strip().casefold()
    if match := re.fullmatch(r"[€$£]?(\d[\d,]*(?:\.\d+)?)(?: [a-z]{3})?", text):
        return Decimal(match[1].replace(",", ""))
    moment = _moment(text)
    return moment.replace(second=0, microsecond=0, tzinfo=None) if moment else text


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.upper()) if len(text) > len("2026-03-04") else None
    except ValueError:
        return None


def written_like(old: str, new: Any, form: str) -> str:
    """Returns a value as the one that it replaces in prose is written."""
    if form == "money":
        amount = Decimal(re.sub(r"[^\d.]", "", str(new).partition(" ")[0]) or "0")
        return f"{amount:.2f} {old[-3:]}" if old[0].isdecimal() else f"{old[0]}{amount:,.2f}"
    if form == "time":
        return str(new)[11:16]
    if form == "day" and not old[:4].isdecimal():
        day = date.fromisoformat(str(new)[:10])
        month, year = MONTHS[day.month - 1], str(day.year) if old[-4:].isdecimal() else ""
        if old[0].isdecimal():
            return f"{day.day} {month} {year}".strip()
        return f"{month} {day.day}, {year}".strip(", ")
    return str(new)


def in_prose(text: str, span: Span, new: Any) -> str:
    """Returns prose with a value replaced wherever it stands, its weekday with it."""
    written = written_like(span.text, new, span.form)
    if span.form == "day":
        weekday = WEEKDAYS[date.fromisoformat(str(new)[:10]).weekday()]
        text = re.sub(rf"{_WEEKDAY.pattern}(?= {re.escape(span.text)})", weekday, text)
    return text.replace(span.text, written)


def stands_in(value: Any, form: str, texts: Iterable[str]) -> bool:
    """Tells whether a value stands in one of some texts, in any of the ways in which people and data write its form."""
    ways = [way.casefold() for way in _ways(value, form)]
    return any(all(part in text for part in way.split("\0")) for text in texts for way in ways)


def _ways(value: Any, form: str) -> list[str]:
    text = str(value)
    if form in ("money", "number"):
        digits = re.sub(r"[^\d.]", "", text.partition(" ")[0] if form == "money" else text)
        amount = Decimal(digits.strip(".") or "0")
        return [text, f"{amount:.2f}", f"{amount:,.2f}", str(float(amount)), *([f"{amount:,.0f}"] * (amount % 1 == 0))]
    if form == "day":
        return [text, *_day_ways(text)]
    if form == "moment" and (moment := _moment(text)):
        return [text, *(f"{way}\0{moment:%H:%M}" for way in _day_ways(moment.date().isoformat()))]
    return [text]


def _day_ways(text: str) -> list[str]:
    """Returns how data and people write a day, given in ISO form or in words; the year may be left out."""
    if text[:4].isdecimal():
        month, number = int(text[5:7]), int(text[8:10])
    else:
        words = re.findall(r"[A-Za-z]+|\d+", text)
        month = next(place for place, name in enumerate(MONTHS, 1) if name in words)
        number = int(next(word for word in words if word.isdecimal() and len(word) <= len("31")))
    name = MONTHS[month - 1]
    short = (
        f"{number} {name[:3]} ",
        f"{name[:3]} {number},",
        f"{number:02d}/{month:02d}/",
        f"{month:02d}/{number:02d}/",
    )
    return [f"-{month:02d}-{number:02d}", f"{number} {name}", f"{name} {number}", *short]


def decisive_values(call: ToolCall) -> Iterator[tuple[str, Any]]:
    """Yields (form, value) of every typed value in a call, those inside prose included; not of the closing words."""
    for leaf in leaves(call):
        if is_closing_words(call, leaf.path):
            continue
        if leaf.is_prose:
            yield from ((span.form, span.text) for span in spans(str(leaf.value)))
        elif leaf.form != "text":
            yield leaf.form, leaf.value


def is_closing_words(call: ToolCall, path: Path) -> bool:
    """Tells whether a place holds what is said at the end, which nobody judges."""
    return call.name == CLOSING and path == ("message",)
