"""Lives ready to play: the draft turned into a base world, shared by every env of the process."""

from __future__ import annotations

import gc
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from claw_gym.core.seeding import Stream
from claw_gym.errors import UsageError
from claw_gym.life.build import build_life
from claw_gym.life.cache import cached_life
from claw_gym.life.draft import LifeDraft, Person, Slot
from claw_gym.life.persona import Persona, load_persona, personas
from claw_gym.services import SERVICES, record_types
from claw_gym.services.calendar import Calendar
from claw_gym.world.moments import parse_moment
from claw_gym.world.table import BaseTable
from claw_gym.world.world import BaseWorld, World

__all__ = ["LIVES_PER_PERSONA", "Claims", "Life", "life_of", "lives_of", "load_life"]

K = TypeVar("K")
T = TypeVar("T")

LIVES_PER_PERSONA = {"train": 8, "validation": 2, "test": 4}
"""How many life seeds a persona of each split has."""

_HELD = 4
# A small life takes 1.3 MB: all of them are held, since drawing among them must not build them anew.
_HELD_SMALL = 64
# Things made of one life, tasks above all; a small one takes some ten kilobytes.
_MADE = 64
_AHEAD_DAYS = 21
_NEWEST = 15


class Life:
    """A built life and its base world.

    Attributes:
        draft: The people, companies, projects and slots.
        base: The tables that all worlds of this life share.
    """

    def __init__(self, draft: LifeDraft) -> None:
        """Loads the draft into tables; tables of services without data stay empty."""
        self.draft = draft
        tables = [
            BaseTable(name, kind, [(slot.id, slot.record) for slot in draft.tables.get(name, ())])
            for name, kind in record_types().items()
        ]
        self.base = BaseWorld(tables, draft.now, draft.persona.emails)
        self._made = lru_cache(maxsize=_MADE)(_made)

    @property
    def persona(self) -> Persona:
        """Who lives it."""
        return self.draft.persona

    @property
    def person(self) -> Person:
        """The persona as somebody who sends and gets mail."""
        return next(person for person in self.draft.people if person.group == "self")

    @property
    def now(self) -> datetime:
        """Where the clock stands at the start, in the persona's zone."""
        return self.draft.now

    @property
    def services(self) -> tuple[str, ...]:
        """The services that hold data, in order of their names."""
        filled = {name.partition(".")[0] for name, slots in self.draft.tables.items() if slots}
        return tuple(name for name in SERVICES if name in filled)

    def made(self, make: Callable[[Life, K], T], key: K) -> T:
        """Returns `make(life, key)`, made once and shared while it is among those asked for last.

        Tasks are kept here and not by who draws them: then all envs of the process share them, and a source that has
        drawn a task keeps neither it nor its life alive.

        Args:
            make: Makes it; the same arguments must always give an equal result.
            key: What to make; hashable.
        """
        found: T = self._made(make, self, key)
        return found

    def is_free(self, start: datetime, end: datetime) -> bool:
        """Tells whether the calendar of the life itself leaves a time free; stories are not looked at."""
        starts, ends = self._busy
        at = bisect_right(ends, start)
        return at == len(starts) or end <= starts[at]

    @cached_property
    def _busy(self) -> tuple[list[datetime], list[datetime]]:
        """The starts and ends of the times that are taken, those that touch or overlap joined, in order."""
        world = World(self.base)
        last = self.now.date() + timedelta(days=_AHEAD_DAYS)
        busy = []
        for event in Calendar(world).events_between(self.now.date().isoformat(), last.isoformat())["events"]:
            start, end = parse_moment(event["start_time"]), parse_moment(event["end_time"])
            if start and end:
                busy.append((start, end))
        starts, ends = list[datetime](), list[datetime]()
        for start, end in sorted(busy):
            if ends and start <= ends[-1]:
                ends[-1] = max(ends[-1], end)
            else:
                starts.append(start)
                ends.append(end)
        return starts, ends

    def seen(self, table: str, field: str) -> tuple[str, ...]:
        """Returns the texts that a field of a table holds, each once, in order; those in lists one by one, "" left out.

        What a story invents where the life has a habit (rooms, tags, categories) would tell it from the life.
        """
        return self.made(_seen, (table, field))

    def records(self, table: str) -> tuple[Mapping[str, Any], ...]:
        """Returns the plain records of a table in order."""
        return self.draft.records(table)


class Claims:
    """What a story has taken of one life: gaps, people, times; each is taken once."""

    def __init__(self, life: Life) -> None:
        """Starts with everything free."""
        self.life = life
        self._taken: set[tuple[str, str]] = set()
        self._chosen: set[tuple[str, str]] = set()

    def choose(self, rng: Stream, kind: str, options: Sequence[T], name: Callable[[T], str] = str) -> T:
        """Returns an option that was not chosen before under `kind`.

        Args:
            rng: Draws it.
            kind: What is chosen, such as "colleague".
            options: What there is to choose from.
            name: Tells options apart.

        Raises:
            UsageError: All were chosen.
        """
        free = [option for option in options if (kind, name(option)) not in self._chosen]
        if not free:
            raise UsageError(f"The life has no {kind} left for the story.")
        found = rng.choice(free)
        self._chosen.add((kind, name(found)))
        return found

    def free(self, table: str, *, after: datetime | None = None, before: datetime | None = None) -> list[Slot]:
        """Returns the free gaps of a table between two moments, in order."""
        return [
            slot
            for slot in self.life.draft.gaps(table)
            if (table, slot.id) not in self._taken
            and (after is None or slot.at > after)
            and (before is None or slot.at < before)
        ]

    def claim(self, table: str, slot: Slot) -> Slot:
        """Marks a gap as taken and returns it."""
        self._taken.add((table, slot.id))
        return slot

    def take(
        self,
        table: str,
        near: datetime,
        *,
        after: datetime | None = None,
        before: datetime | None = None,
        hours: range = range(24),
    ) -> Slot:
        """Returns the free gap of a table whose stamp is nearest to a moment, and marks it as taken.

        Args:
            table: The table.
            near: The wanted moment.
            after: Only gaps later than this; None for no bound.
            before: Only gaps earlier than this; None for no bound.
            hours: Only gaps in these hours, as far as there are any.

        Raises:
            UsageError: No gap is left; the family asks too much of lives of this scale.
        """
        free = self.free(table, after=after, before=before)
        free = [slot for slot in free if slot.at.hour in hours] or free
        if not free:
            raise UsageError(f"The life has no free gap left in {table} for the story.")
        return self.claim(table, min(free, key=lambda item: (abs(item.at - near), item.id)))

    def chain(
        self, rng: Stream, tables: Sequence[str], *, before: datetime, after: datetime | None = None
    ) -> list[Slot]:
        """Returns free gaps, one of each table and each later than the one before it, and marks them as taken.

        Args:
            rng: Draws which, among the latest that are free.
            tables: The tables in order of time; the same one may occur again.
            before: Only gaps earlier than this.
            after: Only gaps later than this; None for no bound.

        Raises:
            UsageError: There is no such row of gaps; the family asks too much of lives of this scale.
        """
        found = _chained(self, rng, tables, before, after)
        if found is None:
            raise UsageError(f"The life has no free gaps in a row left for {', '.join(tables)}.")
        return [self.claim(table, slot) for table, slot in zip(tables, found, strict=True)]


def _chained(
    claims: Claims, rng: Stream, tables: Sequence[str], before: datetime, after: datetime | None
) -> list[Slot] | None:
    """Returns free gaps of `tables`, one each and in order of time, all before a moment; None where there are none."""
    if not tables:
        return []
    newest = claims.free(tables[-1], after=after, before=before)[::-1]
    # Those of the last weeks in any order, then all others: were it always the newest, rank alone would give it away.
    first = newest[:_NEWEST]
    rng.shuffle(first)
    for slot in (*first, *newest[_NEWEST:]):
        rest = _chained(claims, rng, tables[:-1], slot.at, after)
        if rest is not None:
            return [*rest, slot]
    return None


def _seen(life: Life, key: tuple[str, str]) -> tuple[str, ...]:
    table, field = key
    found: dict[Any, None] = {}
    for record in life.records(table):
        value = record.get(field)
        found.update(dict.fromkeys(value if isinstance(value, list | tuple) else [value]))
    return tuple(str(value) for value in found if value)


def _made(make: Callable[[Life, K], T], life: Life, key: K) -> T:
    return make(life, key)


# Every life that is still in use anywhere, be it by one env in the middle of an episode, is found here again; what is
# held besides is for those that will come back.
_alive: WeakValueDictionary[tuple[str, int, str], Life] = WeakValueDictionary()


def _load(persona: str, life_seed: int, scale: str) -> Life:
    key = (persona, life_seed, scale)
    found = _alive.get(key)
    if found is None:
        # A small life is built as fast as it is read. Two threads may both get it; the first to come is shared.
        make = build_life if scale == "small" else cached_life
        with _uncollected():
            life = Life(make(load_persona(persona), life_seed, scale))
        found = _alive.setdefault(key, life)
    return found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keeps the garbage collector from walking over a life while it is made: nothing of it is garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


_load_small, _load_other = lru_cache(maxsize=_HELD_SMALL)(_load), lru_cache(maxsize=_HELD)(_load)


def load_life(persona: str, life_seed: int, scale: str) -> Life:
    """Returns a life, shared by all who use it; a process holds the four used last besides, and all small ones."""
    load = _load_small if scale == "small" else _load_other
    return load(persona, life_seed, scale)


def lives_of(split: str | None = None) -> list[tuple[str, int]]:
    """Returns (persona, life seed) of every life of a split, or of all splits."""
    return [(person.name, n) for person in personas(split) for n in range(LIVES_PER_PERSONA[person.split])]


def life_of(split: str, index: int, scale: str) -> Life:
    """Returns the life that an index picks among all lives of a split.

    Raises:
        UsageError: No persona stands in the split yet.
    """
    lives = lives_of(split)
    if not lives:
        raise UsageError(f"No persona stands in the split {split!r} yet; use split='train'.")
    return load_life(*lives[index % len(lives)], scale)
