"""What happens by itself: scheduled puts, removals and notices, each with a trigger. All of it data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from claw_gym.core.canonical import freeze
from claw_gym.errors import UsageError
from claw_gym.world.clock import elapsed
from claw_gym.world.effects import Actor, Effect
from claw_gym.world.moments import iso

__all__ = ["Change", "Entry", "Notice", "OnEffect", "Schedule"]


@dataclass(frozen=True, slots=True)
class Notice:
    """What the agent is told without asking, as a phone's notification would tell it.

    Attributes:
        at: When it came, ISO text in the world's zone.
        source: The service it comes from.
        text: One line.
    """

    at: str
    source: str
    text: str


@dataclass(frozen=True)
class Change:
    """A put (with `record`) or a removal (without) in one table.

    With `before`, nothing of the entry happens unless the record is still exactly that: what an agent has mended in
    time does not break.
    """

    table: str
    record: Mapping[str, Any] | None = None
    record_id: str = ""
    before: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        """Freezes the records deeply."""
        object.__setattr__(self, "record", freeze(self.record))
        object.__setattr__(self, "before", freeze(self.before))


@dataclass(frozen=True, slots=True)
class OnEffect:
    """A trigger: an agent's effect that matches every field given, plus a delay.

    Attributes:
        delay: Time from the effect to the entry.
        table: The table it changes; "" for any.
        action: Its action list, such as "sent_messages"; "" for any.
        record_id: The record it changes; "" for any.
        fields: Fields the record must have after the change, compared as text without regard to case.
    """

    delay: timedelta
    table: str = ""
    action: str = ""
    record_id: str = ""
    fields: tuple[tuple[str, str], ...] = ()

    def matches(self, effect: Effect) -> bool:
        """Tells whether `effect` pulls the trigger."""
        return (
            effect.actor is Actor.AGENT
            and self.table in ("", effect.table)
            and self.action in ("", effect.action)
            and self.record_id in ("", effect.record_id)
            and all(str(effect.shown.get(key, "")).lower() == value.lower() for key, value in self.fields)
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that will happen.

    Attributes:
        trigger: A moment, or an agent's effect plus a delay.
        changes: Puts and removals, done in order.
        notice: What the agent is told; "" for nothing.
        source: The service the notice comes from.
        actor: PERSON when somebody answers, WORLD otherwise.
    """

    trigger: datetime | OnEffect
    changes: tuple[Change, ...] = ()
    notice: str = ""
    source: str = ""
    actor: Actor = Actor.WORLD

    def plain(self) -> dict[str, Any]:
        """Returns the entry as plain data, for digests."""
        trigger = iso(self.trigger) if isinstance(self.trigger, datetime) else repr(self.trigger)
        changes = [[change.table, change.record, change.record_id, change.before] for change in self.changes]
        told = {"notice": self.notice, "source": self.source, "actor": self.actor.value}
        return {"trigger": trigger, "changes": changes, **told}


@dataclass(slots=True)
class Schedule:
    """The entries still to come: timed ones by their moment in UTC, the others waiting for an effect."""

    timed: list[tuple[datetime, Entry]] = field(default_factory=list)
    waiting: list[tuple[OnEffect, Entry]] = field(default_factory=list)

    @property
    def entries(self) -> list[Entry]:
        """Everything still to come."""
        return [entry for _, entry in self.timed] + [entry for _, entry in self.waiting]

    def fork(self) -> Schedule:
        """Returns an independent copy; the entries themselves are shared."""
        return Schedule(self.timed.copy(), self.waiting.copy())

    def add(self, entry: Entry) -> None:
        """Takes an entry; equal moments keep the order in which they were added.

        Raises:
            UsageError: Its moment has no time zone.
        """
        if isinstance(entry.trigger, OnEffect):
            self.waiting.append((entry.trigger, entry))
        else:
            self._at(entry.trigger, entry)

    def _at(self, moment: datetime, entry: Entry) -> None:
        if moment.tzinfo is None:
            raise UsageError(f"An entry of the schedule needs a moment with a time zone, not {moment}.")
        # In UTC, because moments of one zone compare by wall clock, which jumps at a change of daylight saving.
        self.timed.append((moment.astimezone(UTC), entry))
        self.timed.sort(key=itemgetter(0))

    def pull(self, effect: Effect) -> None:
        """Sets the time of every waiting entry that `effect` triggers."""
        for trigger, entry in [item for item in self.waiting if item[0].matches(effect)]:
            self.waiting.remove((trigger, entry))
            self._at(elapsed(effect.at, trigger.delay), entry)

    def due(self, now: datetime) -> tuple[datetime, Entry] | None:
        """Takes out and returns the first entry whose moment has come, with that moment, or None."""
        return self.timed.pop(0) if self.timed and self.timed[0][0] <= now else None

    def plain(self) -> list[Any]:
        """Returns all entries as plain data, for digests."""
        timed = [[iso(moment), entry.plain()] for moment, entry in self.timed]
        return [*timed, *(entry.plain() for _, entry in self.waiting)]
