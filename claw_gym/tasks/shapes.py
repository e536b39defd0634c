"""The shapes of a life's records, for stories to take: how many people a note or an entry names, where, which tag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from claw_gym.core.seeding import Stream
from claw_gym.life import Slot
from claw_gym.life.loaded import Life

__all__ = ["by_themselves", "entry_shape", "has_receipt", "hours_from", "note_shape", "single_entries", "todo_shape"]

_OFTEN = 4
_NAMES_PLACE = 0.6


def note_shape(rng: Stream, life: Life, people: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """Returns (participants, minutes) of a note: as many of `people`, the first ones first, as one of the life has."""
    like = rng.choice(life.records("notes.notes"))
    return tuple(people[: max(1, len(like["participants"]))]), int(like["duration_minutes"])


def entry_shape(rng: Stream, life: Life, people: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Returns (attendees, place) of a calendar entry: as many of `people`, the first ones first, as the life has it.

    Entries that come again and again, such as shifts, are no example. Who notes down something alone may name no place.
    """
    counts, places = life.made(_entries, "shapes of entries")
    count, place = rng.choice(counts), rng.choice(places)
    return tuple(people[:count]), place if count > 1 or rng.random() < _NAMES_PLACE else ""


def by_themselves(rng: Stream, life: Life, table: str, gaps: Sequence[Slot]) -> list[Slot]:
    """Returns gaps of a table in an order that is drawn, those with another gap beside them later more often.

    Many gaps ahead come in pairs; where only one of a pair is filled, the number that is left out beside it shows.
    """
    places = {slot.id: place for place, slot in enumerate(life.draft.tables[table])}
    empty = {places[slot.id] for slot in life.draft.gaps(table)}

    def rank(slot: Slot) -> float:
        place = places[slot.id]
        return rng.random() * (1 + (place - 1 in empty) + (place + 1 in empty))

    return sorted(gaps, key=rank)


def hours_from(hour: int, slot: Slot) -> int:
    """Returns how many hours a gap's stamp lies from an hour of the day."""
    return abs(slot.at.hour - hour)


def has_receipt(rng: Stream, life: Life) -> bool:
    """Returns whether a charge names its receipt, as often as the charges of the life do."""
    return bool(rng.choice(life.records("finance.transactions"))["receipt_url"])


def todo_shape(rng: Stream, life: Life) -> tuple[str, str]:
    """Returns (tag, priority) of a todo that has to do with work: those of one of the life's that names a project."""
    like = rng.choice(life.made(_on_projects, "todos on projects"))
    return str(like["tags"][0]), str(like["priority"])


def _on_projects(life: Life, _: str) -> list[Mapping[str, Any]]:
    tagged = [todo for todo in life.records("todo.tasks") if todo["tags"]]
    names = [project.name for project in life.draft.projects]
    # A small life may have none.
    return [todo for todo in tagged if any(name in todo["title"] for name in names)] or tagged


def _entries(life: Life, _: str) -> tuple[list[int], list[str]]:
    """Returns how many attend each single entry of a life, and the places where people of the firm meet."""
    single = single_entries(life)
    colleagues = {person.email for person in life.draft.people if person.group == "colleague"}
    met = [entry["location"] for entry in single if not colleagues.isdisjoint(entry["attendees"])]
    # What only one entry has for a place is somebody's site or school.
    again = [place for place, count in Counter(met).items() for _ in range(count) if count > 1]
    elsewhere = {project.name for project in life.draft.projects}
    places = [place for place in again if place not in elsewhere]
    return [len(entry["attendees"]) for entry in single], places or met or [""]


def single_entries(life: Life) -> list[Mapping[str, Any]]:
    """Returns the entries that do not come again and again."""
    entries = life.records("calendar.events")
    titles = Counter(entry["title"] for entry in entries)
    return [entry for entry in entries if titles[entry["title"]] < _OFTEN and entry["attendees"]]
