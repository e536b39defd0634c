"""Reserved gaps: free ids and stamps between the records, which look like the records' own."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
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
    "helpdesk.tickets": 48,
}
_LEAST_ELSEWHERE = 14
_LATE_SHARE = 0.55
_RECEIPTS = 0.3
_LATE_DAYS = 21
_PAIRS_AHEAD = 6
_SINGLES_AHEAD = 11
_FAR_DAYS = (1, 18)
_ENTRY_MIN, _PAIR_MIN = 60, 120
# As lives have it: few entries begin early or late.
_HOURS = (8, *(9, 10, 11, 12, 13, 14, 15) * 3, 12, 16, 16)
_OFFICE_HOURS = "08:30-17:00"
_TRIES = 12
# A rota has more of the entries, and hours of its own.
_SERIES_SHARE = 0.1
_STAMPLESS = ("contacts.contacts", "crm.customers", "inventory.products", "config.integrations", "scheduler.jobs")

_Entry = tuple[datetime, dict[str, Any] | None, str]


def places_ahead(calendar: Calendar, diary: Diary, rng: Stream) -> list[datetime]:
    """Takes room ahead before anything else does: pairs of starts within an hour, and single ones."""
    starts: list[datetime] = []
    for _ in range(_PAIRS_AHEAD):
        number = calendar.today + rng.randint(1, 12)
        first = diary.book(number, _hour(rng), _PAIR_MIN, rng)
        starts += [first, first + timedelta(minutes=rng.choice([0, 15, 30, 45]))]
    far = (calendar.today + rng.randint(*_FAR_DAYS) for _ in range(_SINGLES_AHEAD))
    return starts + [diary.book(number, _hour(rng), _ENTRY_MIN, rng) for number in far]


def _hour(rng: Stream) -> str:
    """Returns an hour in which entries begin, as often as they do."""
    hour = rng.choice(_HOURS)
    return f"{hour:02}:00-{hour:02}:45"


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
            [*ahead, *_calendar_gaps(records, count - len(ahead), calendar, diary, rng)]
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
    """Returns stamps with the days and the times of day of `records`, many of them in the last weeks."""
    if table in _STAMPLESS:
        low, high = min(page[0] for page in records), max(page[0] for page in records)
        return [low + (high - low) * rng.random() for _ in range(count)]
    # Receipts come at all hours; what people write, which is what stories tell mostly, does not.
    written = [at for at, record, _ in records if "receipts" not in record.get("labels", ())]
    sent = [at for at, record, _ in records if "receipts" in record.get("labels", ())] or written
    midnights = [calendar.at(day, 0) for day in calendar.days[: calendar.today + 1]]
    # Where few are written, each has a day to itself as a rule.
    every, late = _days([at for at, _, _ in records] if len(records) > calendar.today else midnights, calendar)
    stamps: list[datetime] = []
    while len(stamps) < count:
        day = rng.choice(late if len(stamps) < count * _LATE_SHARE else every)
        like = rng.choice(sent if rng.random() < _RECEIPTS else written)
        at = calendar.at(day, like.hour * 60 + rng.randint(0, 59), rng.randint(0, 59))
        if at < calendar.now and at not in stamps:
            stamps.append(at)
    return stamps


def _days(stamps: Iterable[datetime], calendar: Calendar) -> tuple[list[date], list[date]]:
    """Returns the days of stamps up to now, each as often as it occurs, and those of the last weeks."""
    every = [at.date() for at in stamps if at < calendar.now]
    since = calendar.now.date() - timedelta(days=_LATE_DAYS)
    return every, [day for day in every if day >= since] or every


def _calendar_gaps(records: list[Page], count: int, calendar: Calendar, diary: Diary, rng: Stream) -> list[datetime]:
    """Returns starts at free quarter hours, on days and at hours at which single entries of the past lie."""

    def series(record: Mapping[str, Any]) -> str:
        return str(record["title"]).partition(":")[0]

    often = Counter(series(record) for _, record, _ in records)
    past = [at for at, record, _ in records if often[series(record)] < len(records) * _SERIES_SHARE]
    past = [at for at in past if at.date() in calendar.days[: calendar.today]]
    every, late = _days(past, calendar)
    starts: list[datetime] = []
    while len(starts) < count:
        hour, days = rng.choice(past).hour, late if rng.random() < _LATE_SHARE else every
        # On another day rather than at another hour: the busy hours are those that are full.
        for _ in range(_TRIES):
            start = diary.room(rng.choice(days), f"{hour:02}:00-{hour:02}:45", _ENTRY_MIN, rng)
            if start is not None:
                break
        else:
            start = diary.book(calendar.number(rng.choice(days)), _OFFICE_HOURS, _ENTRY_MIN, rng)
        starts.append(start)
    return starts
