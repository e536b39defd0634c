"""A life to read: one day of it, one storyline, one person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from claw_gym.core.seeding import stream
from claw_gym.errors import UnknownNameError, UsageError
from claw_gym.life.draft import LifeDraft, Slot
from claw_gym.life.statistics import STAMPLESS
from claw_gym.life.text import WEEKDAYS

__all__ = ["show_day", "show_person", "show_sample", "show_thread"]

_BRIEF_CHARS = 110
_LATEST = 40
_INDENT = "    "
# What a record is called by, and what it says, by the fields that services use.
_NAMES = ("subject", "title", "name", "merchant", "display_name")
_TEXTS = ("body", "content", "description", "resolution", "notes", "note")


def show_day(draft: LifeDraft, text: str) -> Iterator[str]:
    """Yields lines about everything that happened on a day, in order of time.

    Raises:
        UsageError: `text` is no day, or lies outside the life.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--day should be a day such as 2026-02-12, not {text!r}.") from None
    found = sorted(_stamped(draft, day), key=lambda item: item[1].at)
    if not found:
        raise UsageError(f"Nothing happened on {day}; this life runs from {draft.start} to {draft.now.date()}.")
    yield f"{WEEKDAYS[day.weekday()]} {day}, {draft.persona.full_name}: {len(found)} records"
    for table, slot in found:
        yield ""
        yield f"{slot.at:%H:%M}  {_headline(table, slot)}"
        yield from _body(slot)


def show_thread(draft: LifeDraft, record_id: str) -> Iterator[str]:
    """Yields the records of the storyline that a record belongs to, in order of time and whole.

    Raises:
        UnknownNameError: There is no record of that id.
    """
    every = [(table, slot) for table in draft.tables for slot in draft.tables[table] if slot.record is not None]
    known = {slot.id: (table, slot) for table, slot in every}
    if record_id not in known:
        raise UnknownNameError("record", record_id, known)
    table, start = known[record_id]
    story = [(t, s) for t, s in every if s.story == start.story] if start.story else [(table, start)]
    services = sorted({t.partition(".")[0] for t, _ in story})
    yield f"{len(story)} records in {', '.join(services)}"
    for t, slot in sorted(story, key=lambda item: item[1].at):
        yield ""
        when = "" if t.partition(".")[0] in STAMPLESS else f"{slot.at:%Y-%m-%d %H:%M}  "
        yield f"{when}{_headline(t, slot)}"
        yield from _body(slot)


def show_sample(draft: LifeDraft, count: int, seed: int) -> Iterator[str]:
    """Yields `count` storylines of several records, drawn by `seed`, each in order of time and whole."""
    sizes = Counter(slot.story for table in draft.tables for slot in draft.tables[table] if slot.story)
    tales = sorted(story for story, size in sizes.items() if size > 1)
    first = {slot.story: slot.id for table in draft.tables for slot in draft.tables[table] if slot.story}
    drawn = stream(seed, "sample", draft.persona.name).sample(tales, min(count, len(tales)))
    yield f"{len(drawn)} of {len(tales)} storylines of {draft.persona.name}, drawn by seed {seed}"
    for number, story in enumerate(drawn, 1):
        yield ""
        yield f"=== {number}: {story}"
        yield from show_thread(draft, first[story])


def show_person(draft: LifeDraft, name: str) -> Iterator[str]:
    """Yields who somebody is and the latest records that name them, in brief.

    Raises:
        UnknownNameError: Nobody of that name is in the life.
    """
    wanted = name.casefold()
    people = [one for one in draft.people if wanted in (one.name.casefold(), one.first.casefold(), one.email)]
    if not people:
        raise UnknownNameError("person", name, [one.name for one in draft.people])
    one = people[0]
    yield f"{one.name}, {one.role}" + (f", {one.company}" if one.company else "")
    yield f"{one.email}  {one.phone}"
    for fact in (one.department, one.note):
        if fact:
            yield fact
    marks = (one.name, one.email)
    found = [
        (table, slot)
        for table in draft.tables
        for slot in draft.tables[table]
        if slot.record is not None and any(mark in str(slot.record) for mark in marks)
    ]
    found.sort(key=lambda item: item[1].at)
    yield f"{len(found)} records name {one.first}; the latest {min(_LATEST, len(found))}:"
    for table, slot in found[-_LATEST:]:
        yield f"{slot.at:%Y-%m-%d %H:%M}  {_headline(table, slot)}"[:_BRIEF_CHARS]


def _stamped(draft: LifeDraft, day: date) -> Iterator[tuple[str, Slot]]:
    for table in draft.tables:
        if table.partition(".")[0] not in STAMPLESS:
            yield from ((table, slot) for slot in draft.tables[table] if slot.record and slot.at.date() == day)


def _headline(table: str, slot: Slot) -> str:
    record: Mapping[str, Any] = slot.record or {}
    name = next((str(record[field]) for field in _NAMES if record.get(field)), "")
    parts = [table.partition(".")[0], slot.id, name]
    if "from" in record:
        parts.append(f"{record['from']} > {record['to']}")
    if "start_time" in record:
        parts.append(f"{record['start_time'][11:16]}-{record['end_time'][11:16]} {record['location']}")
    if "amount" in record:
        parts.append(f"{record['amount']:.2f} {record['currency']}")
    parts += [str(record[field]) for field in ("status", "reporter", "source") if record.get(field)]
    return "  ".join(part.strip() for part in parts)


def _body(slot: Slot) -> Iterator[str]:
    record: Mapping[str, Any] = slot.record or {}
    for field in _TEXTS:
        for line in str(record.get(field) or "").splitlines():
            yield f"{_INDENT}{line}" if line else ""
