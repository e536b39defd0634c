"""What a program that understands nothing takes from results: rows, and the values in them by their form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

from claw_gym.core.tool import ToolResult
from claw_gym.tasks.values import addresses_in, days_in, moments_in, money_in, money_text

__all__ = ["Row", "Value", "form_of", "rows_in", "values_in", "values_of"]

_FORMS = {
    "id": re.compile(r"[A-Z][A-Z0-9]{1,9}-\d+(?:@\d{4}-\d\d-\d\d)?"),
    "address": re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+"),
    "moment": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*"),
    "day": re.compile(r"\d{4}-\d\d-\d\d"),
    "money": re.compile(r"\d+(?:\.\d\d)? [A-Z]{3}"),
    "code": re.compile(r"(?=.*\d)(?=.*[A-Z])[A-Z0-9][\w/-]{3,24}"),
}
_CODE = re.compile(r"(?<![\w@./-])(?=[\w/-]*\d)(?=[\w/-]*[A-Za-z])[A-Z][\w/-]{3,24}(?![\w@/-])")
_LONGEST_CHARS = 80
"""Nothing but prose is longer."""
_PROSE_CHARS = 40
"""A text as long as this is searched for values inside."""


@dataclass(frozen=True)
class Value:
    """One value, and where it stood.

    Attributes:
        form: "id", "address", "moment", "day", "money", "number", "code", "flag" or "text".
        field: The name of the field that held it.
        value: The value itself; money as "12.00 EUR".
    """

    form: str
    field: str
    value: Any


@dataclass(frozen=True)
class Row:
    """One object of a result.

    Attributes:
        tool: The tool that gave it.
        noun: The list it stood in, such as "messages"; "" where it was the whole result.
        data: Its fields.
    """

    tool: str
    noun: str
    data: Mapping[str, Any]

    @cached_property
    def key(self) -> tuple[str, str] | None:
        """Its first field that holds an id, with the id; None when it has none."""
        for field, item in self.data.items():
            if field.endswith("_id") and isinstance(item, str):
                return field, item
        return None

    @cached_property
    def stamp(self) -> str:
        """Its first field that holds a moment or a day, as text; "" when it has none."""
        return next((str(value.value) for value in self.values if value.form in ("moment", "day")), "")

    @cached_property
    def values(self) -> tuple[Value, ...]:
        """Its single values, as `values_of` gives them."""
        return tuple(values_of([self.data]))

    @cached_property
    def text(self) -> str:
        """All it says, in lower case."""
        return json.dumps(self.data, ensure_ascii=False).lower()


def form_of(item: Any) -> str:
    """Returns the form of a single value; see `Value`."""
    if isinstance(item, bool):
        return "flag"
    if isinstance(item, int | float):
        return "number"
    text = str(item)
    if len(text) > _LONGEST_CHARS or (" " in text and not text[0].isdecimal()):
        return "text"
    return _form_of_word(text)


@lru_cache(maxsize=8192)
def _form_of_word(text: str) -> str:
    return next((form for form, pattern in _FORMS.items() if pattern.fullmatch(text)), "text")


def rows_in(result: ToolResult) -> list[Row]:
    """Returns the rows of a result: the objects of its lists, or the whole of it; none for an error.

    Equal results give the very same rows, which nobody may change.
    """
    return [] if result.is_error else list(_rows(result.name, result.text))


# Several policies look at one task, most of them at the same listings: some twenty for each of its moments.
@lru_cache(maxsize=128)
def _rows(tool: str, text: str) -> tuple[Row, ...]:
    try:
        data = json.loads(text)
    except ValueError:
        return ()
    if not isinstance(data, dict):
        return ()
    lists = [(noun, items) for noun, items in data.items() if isinstance(items, list)]
    rows = [Row(tool, noun, item) for noun, items in lists for item in items if isinstance(item, dict)]
    whole = Row(tool, "", data)
    return tuple(rows or ([whole] if whole.key else []))


def values_of(data: Iterable[Any]) -> Iterator[Value]:
    """Yields the single values in plain data, in order; money too, where an amount stands beside a currency."""
    for item in data:
        yield from _leaves("", item)


def _leaves(field: str, item: Any) -> Iterator[Value]:
    # Texts first: they are most, and asking whether one is a mapping takes longer than all else.
    if isinstance(item, str):
        if item:
            yield Value(form_of(item), field, item)
    elif isinstance(item, Mapping):
        for name, inner in item.items():
            yield from _leaves(str(name), inner)
        yield from _money(item)
    elif isinstance(item, list | tuple):
        for inner in item:
            yield from _leaves(field, inner)
    elif item is not None and item != "":
        yield Value(form_of(item), field, item)


def _money(item: Mapping[str, Any]) -> Iterator[Value]:
    currency = item.get("currency")
    if not isinstance(currency, str):
        return
    for name, amount in item.items():
        if isinstance(amount, int | float) and not isinstance(amount, bool):
            yield Value("money", name, money_text(Decimal(str(abs(amount))), currency))


def values_in(text: str, field: str, now: datetime) -> Iterator[Value]:
    """Yields the values inside prose: codes, addresses, money, moments and days, the latter two in ISO form.

    Args:
        text: The prose.
        field: The field it stood in.
        now: The moment it is read at, for days without a year.
    """
    if len(text) >= _PROSE_CHARS:
        # With its text, since equal moments may stand in zones that tell different days.
        yield from (Value(form, field, found) for form, found in _inside(text, now.isoformat(), now))


@lru_cache(maxsize=4096)
def _inside(text: str, _now: str, now: datetime) -> tuple[tuple[str, str], ...]:
    """Returns (form, value) of the values inside prose."""
    return (
        *(("code", found) for found in _CODE.findall(text)),
        *(("address", found) for found in sorted(addresses_in(text))),
        *(("money", found) for found in sorted(money_in(text))),
        *(("moment", found.isoformat()) for found in sorted(moments_in(text, now))),
        *(("day", found.isoformat()) for found in sorted(days_in(text, now))),
    )
