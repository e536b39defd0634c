"""Reserved gaps: free ids and stamps between the records, which look like the records' own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from claw_gym.core.seeding import Stream, stream
from claw_gym.life.diary import Calendar, Diary
from claw_gym.life.draft import ID_FORMS, Slot
from claw_gym.life.pages import Page

__all__ = ["number_slots", "places_ahead"]

_LEAST = {
    "gmail.messages": 30,
    "workmail.messages": 34,
    "finance.transactions": 20,
    "calendar.events": 46,
    "todo.tasks": 20,
    "helpdesk.tickets": 64,
}
_LEAST_ELSEWHERE = 14
_LATE_SHARE = 0.55
_LATE_DAYS = 21
_PAIRS_AHEAD = 8
_SINGLES_AHEAD = 12
_FAR_DAYS = (1, 18)
_STAMPLESS = ("contacts.contacts", "crm.customers", "inventory.products", "config.integrations", "scheduler.jobs")

_Entry = tuple[datetime, dict[str, Any] | None, str]


def places_ahead(calendar: Calendar, diary: Diary, rng: Stream) -> list[datetime]:
    """Takes room ahead before anything else does: pairs of starts within an hour, and single ones."""
    starts: list[datetime] = []
    for _ in range(_PAIRS_AHEAD):
        number = calendar.today + rng.randint(1, 12)
        first = diary.book(number, "09:00-16:00", 120, rng)
        starts += [first, first + timedelta(minutes=rng.choice([0, 15, 30, 45]))]
    far = (calendar.today + rng.randint(*_FAR_DAYS) for _ in range(_SINGLES_AHEAD))
    return starts + [diary.book(number, "09:00-16:30", 60, rng) for number in far]


def number_slots(
    tables: Mapping[str, list[Page]],
    ahead: list[datetime],
    calendar: Calendar,
    diary: Diary,
    life_seed: int,
    share: float,
) -> dict[str, tuple[Slot, ...]]:
    """Returns the tables with gaps put in and ids given in order.

    Args:
        tables: Records without ids, with their stamps and storylines, in any order.
        ahead: What `places_ahead` took.
        calendar: The days of the life.
        diary: Its busy times; gaps of the calendar take free ones.
        life_seed: Seeds where the gaps fall.
        share: The share of slots that are gaps.
    """
    out: dict[str, tuple[Slot, ...]] = {}
    for table, records in tables.items():
        rng = stream(life_seed, "gaps", table)
        if not records:
            # A service without data has no place for a story either.
            out[table] = ()
            continue
        count = max(_LEAST.get(table, _LEAST_ELSEWHERE), math.ceil(len(records) * share / (1 - share)))
        gaps = (
            [*ahead, *_calendar_gaps(count - len(ahead), calendar, diary, rng)]
            if table == "calendar.events"
            else _gaps(table, records, count, calendar, rng)
        )
        entries: list[_Entry] = [*records, *((at, None, "") for at in gaps)]
        # Records come first among equals, so the order never depends on anything but stamps and the order of writing.
        entries.sort(key=lambda entry: entry[0])
        field, prefix, first = ID_FORMS[table]
        out[table] = tuple(_slot(f"{prefix}{first + n}", field, *entry) for n, entry in enumerate(entries))
    return out


def _slot(slot_id: str, field: str, at: datetime, record: dict[str, Any] | None, story: str) -> Slot:
    return Slot(slot_id, at, None if record is None else {field: slot_id, **record}, story)


def _gaps(table: str, records: list[Page], count: int, calendar: Calendar, rng: Stream) -> list[datetime]:
    """Returns stamps with the times of day of `records`, many of them in the last weeks."""
    if table in _STAMPLESS:
        low, high = min(page[0] for page in records), max(page[0] for page in records)
        return [low + (high - low) * rng.random() for _ in range(count)]
    # Receipts come at all hours; what people write, which is what stories tell mostly, does not.
    written = [at for at, record, _ in records if "receipts" not in record.get("labels", ())]
    stamps: list[datetime] = []
    while len(stamps) < count:
        late = len(stamps) < count * _LATE_SHARE
        first = max(0, calendar.number(calendar.now.date() - timedelta(days=_LATE_DAYS))) if late else 0
        day = calendar.days[rng.randint(first, calendar.today)]
        like = rng.choice(written)
        at = calendar.at(day, like.hour * 60 + rng.randint(0, 59), rng.randint(0, 59))
        if at < calendar.now and at not in stamps:
            stamps.append(at)
    return stamps


def _calendar_gaps(count: int, calendar: Calendar, diary: Diary, rng: Stream) -> list[datetime]:
    """Returns starts at free quarter hours of days that are past."""
    starts: list[datetime] = []
    while len(starts) < count:
        late = rng.random() < _LATE_SHARE
        number = rng.randint(calendar.today - _LATE_DAYS * 5 // 7 if late else 0, calendar.today - 1)
        starts.append(diary.book(number, "09:00-16:30", 60, rng))
    return starts
