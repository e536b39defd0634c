"""Words of task families: data files beside the code, rendered with Jinja2."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from claw_gym.life.text import MONTHS, WEEKDAYS, money_text

__all__ = ["day_text", "money_words", "month_text", "render", "render_file", "wording"]

_FOLDER = Path(__file__).parent / "words"


@lru_cache(maxsize=64)
def wording(family: str) -> dict[str, Any]:
    """Returns the words of a family, from `words/<family>.yaml`."""
    found: dict[str, Any] = yaml.safe_load((_FOLDER / f"{family}.yaml").read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=1)
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # Plain text for people and models, not HTML: escaping would spoil it.
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701  see above
    )


@lru_cache(maxsize=1024)
def _compiled(text: str) -> Any:
    return _environment().from_string(text)


def render(text: str, **names: Any) -> str:
    """Returns a template's text with the names filled in; a name that is missing raises."""
    return str(_compiled(text).render(**names)).strip()


def render_file(name: str, **names: Any) -> str:
    """Returns the text of a template file of the folder `words`."""
    return str(_environment().get_template(name).render(**names)).strip()


def money_words(amount: Decimal, currency: str) -> str:
    """Returns an amount as people write it at home, such as €1,240.50; `currency` is an ISO code."""
    return money_text(amount, currency)


def day_text(day: date | datetime, *, weekday: bool = False) -> str:
    """Returns a day as people write it, such as "12 March 2026" or "Thursday 12 March"; English whatever the locale."""
    month = MONTHS[day.month - 1]
    return f"{WEEKDAYS[day.weekday()]} {day.day} {month}" if weekday else f"{day.day} {month} {day.year}"


def month_text(day: date | datetime) -> str:
    """Returns the month of a day by its English name."""
    return MONTHS[day.month - 1]
