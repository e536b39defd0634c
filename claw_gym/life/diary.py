"""Time in a life: working days, stamps on them, and a diary that never books two things at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from claw_gym.core.seeding import Stream
from claw_gym.life.persona import Persona, Routine

__all__ = ["Calendar", "Diary", "choose_now"]

_DAY_NUMBERS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4}
_AHEAD_DAYS = 40
_STEP_MIN = 15
_NEAR_DAYS = 5
_WHOLE_DAY = "08:00-18:00"


def choose_now(persona: Persona, rng: Stream) -> datetime:
    """Returns a working morning between 08:30 and 10:00 local in March or April 2026."""
    days = [date(2026, 3, 1) + timedelta(days=n) for n in range(61)]
    open_days = [day for day in days if day.weekday() < 5 and day.isoformat() not in persona.closed_days]
    moment = datetime.combine(rng.choice(open_days), time(8, 30), ZoneInfo(persona.timezone))
    return moment + timedelta(minutes=rng.randint(0, 89), seconds=rng.randint(0, 59))


def clock_range(window: str) -> tuple[int, int]:
    """Returns the two ends of "HH:MM-HH:MM" in minutes after midnight."""
    first, last = (part.split(":") for part in window.split("-"))
    return int(first[0]) * 60 + int(first[1]), int(last[0]) * 60 + int(last[1])


class Calendar:
    """The working days of a life, numbered from its first; `today` is the number of now's day."""

    def __init__(self, persona: Persona, now: datetime, days_back: int) -> None:
        """Lays out the days from `days_back` calendar days before `now` to some weeks after it."""
        self.now = now
        self.zone = ZoneInfo(persona.timezone)
        self.first = now.date() - timedelta(days=days_back)
        every = (self.first + timedelta(days=n) for n in range(days_back + _AHEAD_DAYS))
        self.days = [day for day in every if day.weekday() < 5 and day.isoformat() not in persona.closed_days]
        self.today = self.days.index(now.date())

    def at(self, day: date, minutes: int, seconds: int = 0) -> datetime:
        """Returns the aware stamp `minutes` after local midnight of `day`."""
        clock = time(minutes // 60, minutes % 60, seconds)
        return datetime.combine(day, clock, self.zone)

    def stamp(self, day: date, window: str, rng: Stream) -> datetime:
        """Returns a stamp on `day` within `window` ("HH:MM-HH:MM"), to the second."""
        low, high = clock_range(window)
        return self.at(day, rng.randint(low, high), rng.randint(0, 59))

    def number(self, day: date) -> int:
        """Returns the number of the first working day on or after `day`."""
        return next(n for n, open_day in enumerate(self.days) if open_day >= day)


class Diary:
    """Keeps the busy times of the person, so that two entries only overlap where a story wants them to."""

    def __init__(self, calendar: Calendar, routines: Iterable[Routine]) -> None:
        """Starts with the weekly routines in every week."""
        self._calendar = calendar
        self._busy: dict[date, list[tuple[int, int]]] = {}
        for routine in routines:
            start = clock_range(f"{routine.start}-{routine.start}")[0]
            for day in calendar.days:
                if day.weekday() == _DAY_NUMBERS[routine.day]:
                    self.block(day, start, start + routine.minutes)

    def block(self, day: date, start: int, end: int) -> None:
        """Marks the minutes from `start` to `end` of `day` as taken."""
        self._busy.setdefault(day, []).append((start, end))

    def is_free(self, day: date, start: int, end: int) -> bool:
        """Tells whether nothing stands between the two minutes of `day`."""
        return all(end <= low or start >= high for low, high in self._busy.get(day, ()))

    def book(self, number: int, window: str, minutes: int, rng: Stream) -> datetime:
        """Takes a free quarter hour on working day `number` or soon after; returns the start.

        Rather than a week later it lies at another time of day, for what was agreed on has to come soon.

        Nothing is booked across now: what is over is over, and what is ahead lies at least an hour ahead.
        """
        for wanted, days in ((window, _NEAR_DAYS), (_WHOLE_DAY, _NEAR_DAYS), (window, len(self._calendar.days))):
            for day in self._calendar.days[max(number, 0) :][:days]:
                begin = self.room(day, wanted, minutes, rng)
                if begin is not None:
                    return begin
        raise ValueError(f"No room for {minutes} minutes within {window} from working day {number} on.")

    def room(self, day: date, window: str, minutes: int, rng: Stream) -> datetime | None:
        """Takes a free quarter hour of a day and returns its start; None where there is none."""
        low, high = clock_range(window)
        now = self._calendar.now
        starts = list(range(low, high + 1, _STEP_MIN))
        rng.shuffle(starts)
        for start in starts:
            begin = self._calendar.at(day, start)
            near_now = begin < now + timedelta(hours=1) and begin + timedelta(minutes=minutes) > now
            if not near_now and self.is_free(day, start, start + minutes):
                self.block(day, start, start + minutes)
                return begin
        return None


def first_occurrence(routine: Routine, calendar: Calendar) -> datetime:
    """Returns the start of the first week's entry of `routine`."""
    day = next(day for day in calendar.days if day.weekday() == _DAY_NUMBERS[routine.day])
    return calendar.at(day, clock_range(f"{routine.start}-{routine.start}")[0])
