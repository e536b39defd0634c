"""Times a meeting could move to: what each person in it says, what stands in the calendar, and the one time left.

Everybody's word rules out another time, so that none can be left unread: times are offered, one is taken back later;
somebody elsewhere tells hours on the clock there, and the time that fits on our own clock is a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from claw_gym.core.seeding import Stream
from claw_gym.errors import UsageError
from claw_gym.life import Slot
from claw_gym.life.loaded import Claims, Life
from claw_gym.tasks.coming_days import WORKING_DAYS
from claw_gym.tasks.shapes import by_themselves
from claw_gym.tasks.texts import wording
from claw_gym.world.moments import zone_named

__all__ = ["City", "Times", "draw_cities", "draw_times"]

_WORDS = "reschedule_meeting"
_FIRST_DAY, _LAST_DAY = 2, 20
_MEETING_WITHIN = timedelta(days=12)
# Within every persona's day: on some days they leave at 16:00, as their cards say; earlier ends are in the calendar.
_EARLIEST, _LATEST = time(9, 30), time(16)
_FARTHEST_MIN = 120
_BLOCK_MIN = (30, 45, 60)
_SHIFTS_MIN = (-30, -15, 0, 15, 30)
_SHORT_MIN, _WIDE_MIN = (15, 30, 45), (15, 30, 45, 60, 75)
_NOTHING = timedelta()

Hours = tuple[datetime, datetime]
"""From when to when somebody is free, on the clock where they are: without a zone."""

Role = Literal["target", "gone", "foreign", "ruled_out", "useless"]


@dataclass(frozen=True)
class City:
    """Where somebody works for some time, with the name of its time zone."""

    name: str
    zone: str

    def clock(self, at: datetime) -> datetime:
        """Returns what the clocks there show at a moment."""
        return at.astimezone(zone_named(self.zone)).replace(tzinfo=None)

    def ahead(self, at: datetime) -> timedelta:
        """Returns by how much its clocks are ahead of those of `at`'s own zone."""
        return self.clock(at) - at.replace(tzinfo=None)


@dataclass(frozen=True)
class Times:
    """When a meeting stands, and what decides where it goes.

    Attributes:
        old: Slot of the meeting, and
        earlier: of its last round some weeks ago; `similar` is that of another meeting ahead.
        length: How long the meeting takes.
        first: The times that are offered at first.
        change: By the later word, the time that is taken back and the one that comes instead; `other_change` is what
            that word says in the twin of the mails.
        busy: Slots of what else the person has when something is offered, with lengths in minutes.
        spare: Slot in which the first of these stands in the twin of the calendar.
        city: Where the one who tells `hours` is; `other_city` where in the twin of the address book.
        hours: When that one is free, on the clock there.
        away: Days on which somebody else is out, and
        no_longer: the days that were named before.
        aside: Two more times, which are offered for the similar meeting.
    """

    old: Slot
    earlier: Slot
    similar: Slot
    length: timedelta
    first: tuple[datetime, ...]
    change: tuple[datetime, datetime]
    other_change: tuple[datetime, datetime]
    busy: tuple[tuple[Slot, int], ...]
    spare: Slot
    city: City
    other_city: City
    hours: tuple[Hours, ...]
    away: tuple[date, ...]
    no_longer: tuple[date, ...]
    aside: tuple[datetime, datetime]

    @property
    def offered(self) -> tuple[datetime, ...]:
        """What is offered in the end, in order."""
        gone, instead = self.change
        return tuple(sorted({*self.first, instead} - {gone}))

    @property
    def left(self) -> tuple[datetime, ...]:
        """Those of the offered times that suit everybody; a task has one."""
        return tuple(at for at in self.offered if self._free(at) and self._fits(at) and at.date() not in self.away)

    @property
    def target(self) -> datetime:
        """The one time that is left."""
        (found,) = self.left
        return found

    @property
    def wrong(self) -> tuple[datetime, ...]:
        """All other times that were ever offered."""
        return tuple(sorted({*self.first, *self.change} - {self.target}))

    def _free(self, at: datetime) -> bool:
        busy = ((slot.at, slot.at + timedelta(minutes=minutes)) for slot, minutes in self.busy)
        return all(end <= at or start >= at + self.length for start, end in busy)

    def _fits(self, at: datetime) -> bool:
        start, end = self.city.clock(at), self.city.clock(at + self.length)
        return any(low <= start and end <= high for low, high in self.hours)


def draw_times(rng: Stream, life: Life, claims: Claims, *, ruled_out: int, busy: int, taken_back: bool) -> Times:
    """Draws a meeting ahead, and times of which one is left.

    Args:
        rng: Draws everything.
        life: Whose calendar it is.
        claims: Gives gaps of the calendar.
        ruled_out: How many of the offered times a third person is out at; 0 for no such person.
        busy: How many of them collide with something in the calendar.
        taken_back: Whether the third person was out on the right day by an earlier word.
    """
    draw = _Draw(rng, life, claims, timedelta(minutes=rng.choice([30, 45, 60])))
    old = draw.meeting(life.now + timedelta(hours=20), life.now + _MEETING_WITHIN)
    # What collides may come to stand in the spare place, so it must be as long there.
    lengths = [rng.choice(_BLOCK_MIN) for _ in range(busy)]
    spare, right = draw.overlapping(lengths[0])
    blocked = [(*draw.overlapping(minutes), minutes) for minutes in lengths]
    similar = draw.meeting(life.now + timedelta(hours=20), None)
    gone, foreign, useless = (draw.open_time() for _ in range(3))
    ruled = [draw.open_time() for _ in range(ruled_out)]
    city, other = draw_cities(rng, life.now)
    windows = [
        _window(rng, right, draw.length, city, other, "target"),
        _window(rng, gone, draw.length, city, other, "gone"),
    ]
    windows += [_window(rng, at, draw.length, city, other, "gone") for at in (*(at for _, at, _ in blocked), *ruled)]
    windows += [_window(rng, foreign, draw.length, city, other, "foreign")]
    collides = blocked[0][1]
    first = {gone, foreign, *(at for _, at, _ in blocked), *ruled}
    # In half of the tasks the right time is the one that comes instead, so that the newest is neither right nor wrong.
    new = rng.random() < 1 / 2
    return Times(
        old=old,
        earlier=claims.take("calendar.events", life.now - timedelta(days=rng.randint(8, 25)), before=life.now),
        similar=similar,
        length=draw.length,
        first=tuple(sorted(first if new else first | {right})),
        change=(gone, right if new else useless),
        other_change=(collides if new else right, useless),
        busy=tuple((slot, minutes) for slot, _, minutes in blocked),
        spare=spare,
        city=city,
        other_city=other,
        hours=tuple(sorted(windows)),
        away=tuple(sorted(at.date() for at in ruled)),
        no_longer=(right.date(),) if taken_back else (),
        aside=draw.aside(similar),
    )


class _Draw:
    """Takes times ahead, each on a day of its own."""

    def __init__(self, rng: Stream, life: Life, claims: Claims, length: timedelta) -> None:
        self.length = length
        self._rng = rng
        self._life = life
        self._claims = claims
        self._days: set[date] = set()
        closed = {date.fromisoformat(day) for day in life.persona.closed_days}
        ahead = (life.now.date() + timedelta(days=n) for n in range(_FIRST_DAY, _LAST_DAY))
        self._open = [day for day in ahead if day.weekday() in WORKING_DAYS and day not in closed]

    def meeting(self, after: datetime, before: datetime | None) -> Slot:
        """Takes the gap of a meeting."""
        slots = self._claims.free("calendar.events", after=after, before=before)
        slots = [slot for slot in slots if slot.at.date() not in self._days]
        if not slots:
            raise UsageError("The life has no free gap left in calendar.events for the story.")
        slot = by_themselves(self._rng, self._life, "calendar.events", slots)[0]
        self._days.add(slot.at.date())
        return self._claims.claim("calendar.events", slot)

    def overlapping(self, minutes: int) -> tuple[Slot, datetime]:
        """Takes a gap for something else and a time for the meeting, free by itself, with which that would collide."""
        slots = self._claims.free("calendar.events", after=self._life.now + timedelta(days=1))
        slots = by_themselves(self._rng, self._life, "calendar.events", slots)
        slots = [slot for slot in slots if slot.at.date() in self._open]
        for slot in slots:
            for shift in self._rng.sample(_SHIFTS_MIN, len(_SHIFTS_MIN)):
                at = slot.at + timedelta(minutes=shift)
                overlap = min(at + self.length, slot.at + timedelta(minutes=minutes)) - max(at, slot.at)
                if slot.at.date() not in self._days and overlap > _NOTHING and self._suits(at):
                    self._days.add(slot.at.date())
                    return self._claims.claim("calendar.events", slot), at
        raise UsageError("The life has no free gap left in calendar.events for the story.")

    def open_time(self) -> datetime:
        """Takes a time at which the calendar is free."""
        at = self._any_time(self._days)
        self._days.add(at.date())
        return at

    def aside(self, similar: Slot) -> tuple[datetime, datetime]:
        """Draws two times on other days than the similar meeting; they may fall on days taken for others."""
        first = self._any_time({similar.at.date()})
        return first, self._any_time({similar.at.date(), first.date()})

    def _any_time(self, taken: set[date]) -> datetime:
        times = [at for at in self._quarters() if at.date() not in taken and self._suits(at)]
        if not times:
            raise UsageError("The life has no free time left in the coming days for the story.")
        day = self._rng.choice(sorted({at.date() for at in times}))
        return self._rng.choice([at for at in times if at.date() == day])

    def _quarters(self) -> Iterator[datetime]:
        for day in self._open:
            first = datetime.combine(day, _EARLIEST, self._life.now.tzinfo)
            for quarter in range(4 * (_LATEST.hour - _EARLIEST.hour)):
                yield first + timedelta(minutes=15 * quarter)

    def _suits(self, at: datetime) -> bool:
        end = at + self.length
        return at.time() >= _EARLIEST and end.time() <= _LATEST and self._life.is_free(at, end)


def draw_cities(rng: Stream, now: datetime) -> tuple[City, City]:
    """Draws two places, one with clocks ahead of ours and one with clocks behind, by the same all through the weeks."""
    first, second = rng.sample([rng.choice(side) for side in _steady_cities(now)], 2)
    return first, second


@lru_cache(maxsize=64)
def _steady_cities(now: datetime) -> tuple[list[City], list[City]]:
    """Returns the places with clocks behind ours and those ahead that stay so far apart all through the weeks."""
    sides: tuple[list[City], list[City]] = ([], [])
    for entry in wording(_WORDS)["cities"]:
        city = City(entry["name"], entry["zone"])
        shifts = {city.ahead(now + timedelta(days=n)) for n in range(_LAST_DAY + 1)}
        minutes = {round(shift.total_seconds() / 60) for shift in shifts}
        (one, *more) = minutes
        if not more and 0 < abs(one) <= _FARTHEST_MIN:
            sides[one > 0].append(city)
    return sides


def _window(rng: Stream, at: datetime, length: timedelta, city: City, other: City, role: Role) -> Hours:
    """Returns hours on the clock of `city` around a time.

    Of "target" they hold the time by the clock there, and not if they are taken for hours on ours or in `other`; of
    "foreign" they hold it on ours and in `other`, and not by the clock there; else by the clock there, maybe on ours.
    """
    shift, elsewhere = city.ahead(at), other.ahead(at)
    if role == "foreign":
        low, high = sorted((_NOTHING, elsewhere))
    elif role == "target" or rng.random() < 1 / 2:
        low = high = shift
    else:
        low, high = sorted((_NOTHING, shift))
    before, after = (timedelta(minutes=rng.choice(_WIDE_MIN)) for _ in range(2))
    # What must not be let in lies by `shift` beyond this end of the hours.
    short = timedelta(minutes=rng.choice([n for n in _SHORT_MIN if timedelta(minutes=n) < abs(shift)]))
    ahead = shift > _NOTHING
    if role == "target":
        before, after = (short, after) if ahead else (before, short)
    elif role == "foreign":
        before, after = (before, short) if ahead else (short, after)
    here = at.replace(tzinfo=None)
    return here + low - before, here + length + high + after
