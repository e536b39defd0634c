"""A world: all records of one life at one instant, its clock, its schedule and its journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from claw_gym.core.canonical import digest
from claw_gym.errors import UsageError
from claw_gym.world.clock import Clock, elapsed
from claw_gym.world.effects import Actor, Effect, Kind
from claw_gym.world.moments import iso
from claw_gym.world.notes import Closing, Notebook
from claw_gym.world.record import Record
from claw_gym.world.schedule import Change, Entry, Notice, Schedule
from claw_gym.world.table import BaseTable, Table

__all__ = ["Acting", "BaseWorld", "Closing", "Snapshot", "Terms", "World"]


class BaseWorld:
    """The tables that all worlds of one life share; never written after it is built.

    Attributes:
        tables: Table name -> base table.
        now: Where the clock of a new world stands; its zone is the persona's.
        accounts: Service name -> the persona's own address there, such as "gmail" -> "maren@example.org".
        as_given: Whether listings keep the order in which records were given, as the published servers do with their
            fixture files, instead of the order a person would see.
    """

    def __init__(
        self,
        tables: Iterable[BaseTable[Any]],
        now: datetime,
        accounts: Mapping[str, str] | None = None,
        *,
        as_given: bool = False,
    ) -> None:
        """Sets the attributes of the same names."""
        self.tables: dict[str, BaseTable[Any]] = {table.name: table for table in tables}
        self.now = now
        self.accounts = dict(accounts or {})
        self.as_given = as_given

    @cached_property
    def digest(self) -> str:
        """The digest of everything in it."""
        parts = {name: self.tables[name].digest for name in sorted(self.tables)}
        return digest([parts, iso(self.now), self.accounts, self.as_given])


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed for the episode and never changes in it.

    Attributes:
        deadline: When the episode ends at the latest, by the world's clock; None for never.
        answer: The form of `finish(answer=...)`; None when no answer is asked for.
        max_notifications: How often the agent may notify the person.
    """

    deadline: datetime | None = None
    answer: type[BaseModel] | None = None
    max_notifications: int = 3


@dataclass(frozen=True, slots=True)
class Acting:
    """Who is changing the world now, and by which call."""

    actor: Actor = Actor.WORLD
    tool: str = ""
    call_id: str = ""


@dataclass(frozen=True)
class Snapshot:
    """A world as it was at one moment; `World.restore` returns to it, as often as asked. Pickles."""

    world: World

    @property
    def digest(self) -> str:
        """The content digest: equal for worlds with equal records, clock, schedule, journal and reads."""
        return self.world.digest


class World(Notebook):
    """One world, owned by one episode. Reading never changes it; every change is an `Effect` in the journal."""

    def __init__(self, base: BaseWorld, terms: Terms | None = None) -> None:
        """Starts as the base is."""
        super().__init__()
        self.base = base
        self.terms = terms or Terms()
        self.clock = Clock(base.now)
        self.schedule = Schedule()
        self.acting = Acting()
        self._tables: dict[str, Table[Any]] = {}

    def table(self, name: str) -> Table[Any]:
        """Returns this world's view of a table.

        Raises:
            UsageError: The life has no such table.
        """
        found = self._tables.get(name)
        if found is None:
            if name not in self.base.tables:
                raise UsageError(f"This world has no table {name!r}.")
            found = self._tables[name] = Table(self.base.tables[name])
        return found

    def tell(self, records: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Lays a story: puts records without effects, before the agent begins.

        Args:
            records: (table, plain data); ids that the life reserved take their reserved places.
        """
        for table, plain in records:
            view = self.table(table)
            view.put(view.base.record_type.load(plain))

    def put(self, table: str, record: Record, *, kind: Kind, action: str = "") -> Effect:
        """Adds or replaces a record, as whoever is acting."""
        before = self.table(table).put(record)
        return self._journal(table, record.id, before, record, kind, action)

    def remove(self, table: str, record_id: str, *, kind: Kind = Kind.DESTRUCTIVE, action: str = "") -> Effect | None:
        """Removes a record, as whoever is acting; returns None when there is none."""
        before = self.table(table).remove(record_id)
        return self._journal(table, record_id, before, None, kind, action) if before else None

    def _journal(
        self, table: str, key: str, before: Record | None, after: Record | None, kind: Kind, action: str
    ) -> Effect:
        who = self.acting
        journal = self._notes.journal
        effect = Effect(
            len(journal), self.clock.now, who.actor, who.tool, who.call_id, table, key, before, after, kind, action
        )
        journal.append(effect)
        self.schedule.pull(effect)
        return effect

    def expect(self, entry: Entry) -> None:
        """Schedules what others do about the agent's effects, unless a record it brings is there or on its way.

        Nobody answers twice: an answer is one record, whatever else the agent does that would bring it about.
        """
        coming = {self._brings(change) for other in self.schedule.entries for change in other.changes}
        for change in entry.changes:
            table, key = self._brings(change)
            if key and ((table, key) in coming or key in self.table(table)):
                return
        self.schedule.add(entry)

    def _brings(self, change: Change) -> tuple[str, str]:
        """Returns (table, id) of the record that a change puts; the id is "" for a removal."""
        kind = self.base.tables[change.table].record_type
        return change.table, str(change.record[kind.id_field]) if change.record is not None else ""

    @contextmanager
    def acting_as(self, acting: Acting) -> Iterator[None]:
        """Attributes changes made inside to `acting`."""
        outer, self.acting = self.acting, acting
        try:
            yield
        finally:
            self.acting = outer

    def advance(self, delay: timedelta) -> None:
        """Lets time pass, and everything happen that falls due on the way, each at its own moment."""
        self.advance_to(elapsed(self.clock.now, delay))

    def advance_to(self, moment: datetime) -> None:
        """Lets time pass until `moment`; see `advance`."""
        while (item := self.schedule.due(moment)) is not None:
            self.clock.set(item[0])
            self._happen(item[1])
        self.clock.set(moment)

    def _happen(self, entry: Entry) -> None:
        if not all(self._stands(change) for change in entry.changes):
            return
        with self.acting_as(Acting(entry.actor)):
            for change in entry.changes:
                if change.record is not None:
                    record = self.base.tables[change.table].record_type.load(change.record)
                    self.put(change.table, record, kind=Kind.OUTWARD)
                else:
                    self.remove(change.table, change.record_id)
        if entry.notice:
            self._notes.notices.append(Notice(iso(self.clock.now), entry.source, entry.notice))

    def _stands(self, change: Change) -> bool:
        """Tells whether the record that a change replaces is still the one it was written for."""
        if change.before is None:
            return True
        found = self.table(change.table).get(self._brings(change)[1] or change.record_id)
        return found is not None and found.plain == change.before

    def fork(self) -> World:
        """Returns an independent world in the same state; costs only what changed since the base."""
        twin = World(self.base, self.terms)
        twin._tables = {name: table.fork() for name, table in self._tables.items() if table.touched}
        twin.clock = self.clock.fork()
        twin.schedule = self.schedule.fork()
        twin._notes = self._notes.fork()
        return twin

    def snapshot(self) -> Snapshot:
        """Returns this moment, to be restored later."""
        return Snapshot(self.fork())

    def restore(self, snapshot: Snapshot) -> None:
        """Returns to a moment of this life.

        Raises:
            UsageError: The snapshot is of another life.
        """
        if snapshot.world.base is not self.base and snapshot.world.base.digest != self.base.digest:
            raise UsageError("The snapshot is of another life; restore it into an env that plays the same task.")
        # All of it at once; whoever holds this world keeps holding it.
        vars(self).update(vars(snapshot.world.fork()))

    @property
    def digest(self) -> str:
        """The content digest of everything: base, changes, clock, schedule, journal, reads, notices."""
        tables = {name: table.overlay() for name, table in sorted(self._tables.items()) if table.changed}
        return digest(
            {
                "base": self.base.digest,
                "tables": tables,
                "now": iso(self.clock.now),
                "schedule": self.schedule.plain(),
                **self._notes.plain(),
            }
        )
