"""Records: frozen objects with a stable id, shown as they were given and read through typed fields.

Published fixtures follow no schema strictly: only the id is sure to be there. So a record has two sides. `plain` is
what it was made from, deeply frozen; tools show it unchanged, unknown fields included. The typed fields beside it are a
view for code: a missing or odd value reads as an empty one, a date in words as a parsed moment.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict

from claw_gym.core.canonical import FrozenDict, freeze
from claw_gym.errors import UsageError
from claw_gym.world.moments import parse_day, parse_moment

__all__ = ["Amount", "Day", "Flag", "Moment", "Record", "Text", "Texts"]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, Mapping | tuple) else str(value)


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple([item if type(item) is str else _text(item) for item in value if item is not None])
    return (value,) if isinstance(value, str) and value else ()


def _amount(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    # NaN has no place in an order, and neither it nor infinity exists in JSON.
    return number if math.isfinite(number) else 0.0


def _flag(value: Any) -> bool:
    return value.strip().lower() in ("true", "yes", "1") if isinstance(value, str) else bool(value)


Text = Annotated[str, BeforeValidator(_text)]
"""Text; anything else reads as its text, nothing as ""."""
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
"""Texts; one alone reads as a tuple of one, nothing as ()."""
Amount = Annotated[float, BeforeValidator(_amount)]
"""A number; what is none reads as 0.0."""
Flag = Annotated[bool, BeforeValidator(_flag)]
"""A truth value; a missing one reads as the default."""
Moment = Annotated[datetime | None, BeforeValidator(parse_moment)]
"""A moment, naive when its text names no zone; None when the text names no moment."""
Day = Annotated[date | None, BeforeValidator(parse_day)]
"""A calendar day; None when the text names none."""


class Record(BaseModel):
    """One frozen object of the world; subclasses declare the typed fields and `id_field`."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    id_field: ClassVar[str]
    """The field of `plain` that holds the id."""

    if TYPE_CHECKING:
        id: str
        """The stable id, as text."""
        plain: FrozenDict
        """Everything the record was made from, deeply frozen; what tools show."""

    @classmethod
    def load(cls, raw: Mapping[str, Any]) -> Self:
        """Makes a record from plain data, whatever it holds beside the id.

        Args:
            raw: Field -> value; copied and frozen deeply.

        Raises:
            UsageError: The id is missing or empty.
        """
        plain = freeze(raw)
        if plain.get(cls.id_field) in (None, ""):
            raise UsageError(f"A {cls.__name__} record needs a {cls.id_field}.")
        record = cls.model_validate(plain)
        # Straight into the instance: a property or a private attribute of pydantic costs microseconds a look-up,
        # and listings look up thousands.
        record.__dict__.update(plain=plain, id=str(plain[cls.id_field]))
        return record

    def updated(self, **changes: Any) -> Self:
        """Returns the record with fields of `plain` replaced or added."""
        return self.load({**self.plain, **changes})

    def __eq__(self, other: object) -> bool:
        """Tells whether both show the same."""
        return isinstance(other, Record) and type(self) is type(other) and self.plain == other.plain

    def __hash__(self) -> int:
        """Hashes by content, as equality compares it."""
        return hash_of(self.plain)


def hash_of(plain: FrozenDict) -> int:
    """Returns the content hash of frozen data."""
    return plain.__hash__()
