"""Places in the coming days of a life: gaps that overlap, times that are free, the last day for an answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import combinations, pairwise

from claw_gym.core.seeding import Stream
from claw_gym.errors import UsageError
from claw_gym.life import Slot
from claw_gym.life.loaded import Claims, Life
from claw_gym.tasks.shapes import by_themselves

__all__ = ["WORKING_DAYS", "last_day", "offered_times", "on_two_days", "overlapping", "working_day_after"]

WORKING_DAYS = range(5)
"""Monday to Friday, as `weekday` counts them."""

_CLASH = timedelta(minutes=45)
_CLASH_DAYS = (3, 13)
_OFFERED_DAYS = (4, 13)
_LAST_OFFERED = 20
_MATTERS = 4  # of one episode, each with times of its own
_OFFERED_QUARTERS = (36, 64)
_CLEAR = timedelta(hours=2)


def overlapping(rng: Stream, life: Life, claims: Claims) -> tuple[Slot, Slot]:
    """Takes two gaps ahead that lie less than an hour apart; if it can, in the coming fortnight and not at one time.

    Hardly any entries of a life begin together, and next to now there are more before than after.
    """
    free = claims.free("calendar.events", after=life.now + timedelta(hours=20))
    pairs = [(first, second) for first, second in pairwise(free) if second.at - first.at <= _CLASH]
    if not pairs:
        raise UsageError("The life has no pair of free gaps left in calendar.events for the story.")
    first_day, last_day = (life.now + timedelta(days=n) for n in _CLASH_DAYS)
    near = [pair for pair in pairs if first_day < pair[0].at and pair[1].at < last_day] or pairs
    seconds = {first: second for first, second in near if first.at < second.at} or dict(near)
    # Rather one with a further gap beside it: the ids of the two follow on each other, as those of a life often do not.
    first = by_themselves(rng, life, "calendar.events", list(seconds))[-1]
    second = seconds[first]
    return claims.claim("calendar.events", first), claims.claim("calendar.events", second)


def on_two_days(
    rng: Stream, life: Life, claims: Claims, *, after: datetime, before: datetime | None = None
) -> tuple[Slot, Slot]:
    """Takes two gaps of the calendar on different days."""
    free = by_themselves(rng, life, "calendar.events", claims.free("calendar.events", after=after, before=before))
    for first, second in combinations(free, 2):
        if first.at.date() != second.at.date():
            return claims.claim("calendar.events", first), claims.claim("calendar.events", second)
    raise UsageError("The life has no two free gaps on different days left in calendar.events for the story.")


def offered_times(rng: Stream, life: Life, claims: Claims, length: timedelta) -> tuple[datetime, datetime]:
    """Draws two other times on different working days, apart from everything that stands or may come to stand there."""
    ahead = [slot.at for slot in life.draft.gaps("calendar.events") if slot.at > life.now]
    starts = []
    for days in range(_OFFERED_DAYS[0], _LAST_OFFERED):
        midnight = datetime.combine(life.now.date() + timedelta(days=days), datetime.min.time(), life.now.tzinfo)
        if midnight.weekday() in WORKING_DAYS:
            starts += [midnight + timedelta(minutes=15 * quarter) for quarter in range(*_OFFERED_QUARTERS)]
    clear = [at for at in starts if life.is_free(at, at + length) and all(abs(at - other) >= _CLEAR for other in ahead)]
    near = [at for at in clear if at.date() < life.now.date() + timedelta(days=_OFFERED_DAYS[1])]
    free = near if len({at.date() for at in near}) > _MATTERS else clear
    # Other matters of the episode offer other times, an hour apart at the least.
    first = claims.choose(rng, "hour", free, lambda at: f"{at:%m-%d %H}")
    others = [at for at in free if at.date() != first.date() and at.time() != first.time()]
    return first, claims.choose(rng, "hour", others, lambda at: f"{at:%m-%d %H}")


def last_day(rng: Stream, now: datetime, first_offered: datetime) -> date:
    """Draws the last day to answer: a working day after today and before the first time that is offered."""
    ahead = (first_offered.date() - now.date()).days
    days = [now.date() + timedelta(days=n) for n in range(1, ahead)]
    return rng.choice([day for day in days if day.weekday() in WORKING_DAYS] or [now.date()])


def working_day_after(day: date, days: int) -> date:
    """Returns the day so many days after `day`, or the next one from Monday to Friday."""
    found = day + timedelta(days=days)
    while found.weekday() not in WORKING_DAYS:
        found += timedelta(days=1)
    return found
