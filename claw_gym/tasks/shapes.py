"""The shapes of a life's records, for stories to take: how many people a note or an entry names, how long, where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from claw_gym.core.seeding import Stream
from claw_gym.life.loaded import Life
from claw_gym.tasks.family import Told

__all__ = ["entry_shape", "note_shape", "unread"]

_OFTEN = 4
_LATELY = timedelta(days=2)


def note_shape(rng: Stream, life: Life, people: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """Returns (participants, minutes) of a note: as many of `people`, the first ones first, as one of the life has."""
    like = rng.choice(life.records("notes.notes"))
    return tuple(people[: max(1, len(like["participants"]))]), int(like["duration_minutes"])


def entry_shape(rng: Stream, life: Life, people: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Returns (attendees, place) of a calendar entry: as many of `people`, the first ones first, as one has in the life.

    Entries that come again and again, such as shifts, are no example.
    """
    counts, places = life.made(_entries, "shapes of entries")
    # Where somebody goes alone, to a doctor or a bank, nobody else is asked to come.
    return tuple(people[: rng.choice(counts)]), rng.choice(places)


def unread(told: Told, life_now: datetime, rng: Stream) -> Told:
    """Returns a mail as it lies in the box: of the last two days every other one has not been read, as in the life."""
    table, plain = told
    late = datetime.fromisoformat(plain["date"]) >= life_now - _LATELY
    is_read = "inbox" not in plain["labels"] or not late or rng.random() < 0.5
    return table, {**plain, "is_read": is_read}


def _entries(life: Life, _: str) -> tuple[list[int], list[str]]:
    """Returns how many attend each single entry of a life, and the places of those where several do."""
    entries = life.records("calendar.events")
    titles = Counter(entry["title"] for entry in entries)
    single = [entry for entry in entries if titles[entry["title"]] < _OFTEN and entry["attendees"]]
    return [len(entry["attendees"]) for entry in single], [
        entry["location"] for entry in single if len(entry["attendees"]) > 1
    ]
