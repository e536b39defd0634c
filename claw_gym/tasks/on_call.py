"""Shifts of duty, the alerts that fell into them and the jobs some alerts name, as stories lay them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from claw_gym.core.canonical import thaw
from claw_gym.core.seeding import Stream, stream
from claw_gym.life import Person, Slot
from claw_gym.life.library import template
from claw_gym.life.loaded import Life
from claw_gym.life.text import expand
from claw_gym.life.workplace import alert_record, run_record
from claw_gym.services.calendar import Calendar
from claw_gym.tasks.family import Told
from claw_gym.tasks.records import event_record
from claw_gym.tasks.texts import month_text, render, wording
from claw_gym.world.world import World

__all__ = [
    "IN_TIME",
    "WORDS",
    "Alert",
    "Care",
    "Note",
    "Outage",
    "Place",
    "Turn",
    "Weeks",
    "alert_told",
    "colleagues_on",
    "failing_run",
    "holder",
    "is_free",
    "job_told",
    "neglected_turns",
    "note_told",
    "places_for_alerts",
    "rota",
    "turn_told",
]

WORDS = "alerts_on_call"
IN_TIME = timedelta(hours=1)
"""Within this an alert has to be acknowledged."""

_MOST_RUNS = 40
_LEAST_ROOM = timedelta(minutes=20)
_AFTER_END_CHANCE = 0.3
_AFTER_END = timedelta(hours=9)
_CLEAR = timedelta(minutes=115)
_STALE = timedelta(hours=80)
_NOTE_LENGTH = timedelta(minutes=30)


@dataclass(frozen=True)
class Turn:
    """One evening of the rota.

    Attributes:
        event: The life's entry.
        start: When the shift begins, and
        end: ends.
        person: Who has it by the rota of the story.
        by_life: Who has it by the rota of the life.
    """

    event: Mapping[str, Any]
    start: datetime
    end: datetime
    person: Person
    by_life: Person

    @property
    def day(self) -> date:
        """The day of the shift."""
        return self.start.date()


@dataclass(frozen=True)
class Note:
    """A calendar entry on who has which evening, whatever the rota says.

    Attributes:
        slot: Where it stands.
        kind: Which words it takes: "swap", "correction", "cover" or "off".
        says: Who has which day now, in the order in which the words of the kind name them.
        word: Which of the words.
        place: Where it was agreed, and
        people: by whom, as addresses.
    """

    slot: Slot
    kind: str
    says: tuple[tuple[Person, date], ...]
    word: int
    place: str
    people: tuple[str, ...]


@dataclass(frozen=True)
class Care:
    """What became of an alert: `by` acknowledged it after so many minutes; without `by`, nobody did.

    `closed` is in how many minutes after it came in it was closed; None leaves it open.
    """

    by: Person | None
    minutes: int
    closed: int | None

    @property
    def in_time(self) -> bool:
        """Whether somebody acknowledged it within the hour."""
        return self.by is not None and timedelta(minutes=self.minutes) <= IN_TIME


@dataclass(frozen=True)
class Outage:
    """A job that failed and was mended, by hand, in time or too late.

    Attributes:
        job: The life's record.
        at: The run that failed.
        early: A run by hand before the end of the shift, and
        late: one after it.
        mended: Whether the early one went well; otherwise that failed too, and the late one went well.
        usual_s: How long its runs take.
        fault: What failed runs leave as a note, and
        fine: good ones.
        off: Whether the job was switched off soon after; then it ran no more.
    """

    job: Mapping[str, Any]
    at: datetime
    early: datetime
    late: datetime
    mended: bool
    usual_s: int
    fault: str
    fine: str
    off: bool = False

    @property
    def recovered(self) -> datetime:
        """When it first ran well again."""
        return self.early if self.mended else self.late

    def told(self, *, utc: bool) -> Told:
        """Returns the job with its history, in UTC where the scheduler keeps it so."""
        runs = [thaw(run) for run in self.job["execution_history"]]
        if self.off:
            runs = [run for run in runs if _at(run) <= self.at]
        else:
            runs += [self._by_hand(self.early, failed=not self.mended)]
            # Nobody starts by hand what has run.
            runs += [] if self.mended else [self._by_hand(self.late, failed=False)]
        for n, run in enumerate(runs):
            if _at(run) == self.at:
                rng = stream(0, "failed run", self.job["job_id"], self.at.isoformat())
                runs[n] = run_record(self.at, self.usual_s, self.fault, failed=True, rng=rng)
        return job_told({**thaw(self.job), "enabled": not self.off}, runs, utc=utc)

    def _by_hand(self, at: datetime, *, failed: bool) -> dict[str, Any]:
        rng = stream(0, "run by hand", self.job["job_id"], at.isoformat())
        return run_record(
            at, self.usual_s, f"Started by hand. {self.fault if failed else self.fine}", failed=failed, rng=rng
        )


@dataclass(frozen=True)
class Alert:
    """An alert that the story lays.

    Attributes:
        slot_id: The ticket's id.
        at: When it came in.
        text: What it says.
        priority: Its priority.
        care: What became of it.
        outage: Index of the job it names; None for most.
    """

    slot_id: str
    at: datetime
    text: str
    priority: str
    care: Care
    outage: int | None = None


def job_told(job: dict[str, Any], runs: Sequence[dict[str, Any]], *, utc: bool) -> Told:
    """Returns a job with other runs, newest first and no more of them than a scheduler keeps."""
    kept = sorted(runs, key=_at, reverse=True)[:_MOST_RUNS]
    if utc:
        kept = [{**run, "run_time": _at(run).astimezone(UTC).isoformat()} for run in kept]
    last = {"last_run": kept[0]["run_time"], "last_status": kept[0]["status"]} if kept else {}
    return "scheduler.jobs", {**job, **last, "execution_history": kept}


def _at(run: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(run["run_time"]))


def holder(turn: Turn, notes: Iterable[Note]) -> Person:
    """Returns who really had a shift: as the latest note on that day says, else as the rota does."""
    found = turn.person
    for note in sorted(notes, key=lambda item: item.slot.at):
        for person, day in note.says:
            if day == turn.day:
                found = person
    return found


def turn_told(turn: Turn, duty: str) -> Told:
    """Returns the entry of the rota, with the name that the story gives it."""
    return "calendar.events", {
        **thaw(turn.event),
        "title": f"{duty}: {turn.person.first}",
        "attendees": [turn.person.email],
    }


def note_told(note: Note, duty: str) -> Told:
    """Returns the entry of a note."""
    words = wording(WORDS)["notes"][note.kind]
    names = {f"who{n}": person.first for n, (person, _) in enumerate(note.says)}
    names |= {f"day{n}": f"{day.day} {month_text(day)[:3]}" for n, (_, day) in enumerate(note.says)}
    text = render(words[note.word % len(words)], duty=duty, **names)
    return event_record(note.slot.id, note.slot.at, _NOTE_LENGTH, text, note.people, note.place)


@dataclass(frozen=True)
class Weeks:
    """Weeks on duty, as one task has them.

    Attributes:
        since: The first day that counts.
        turns: The evenings of the rota, those shortly before `since` too.
        notes: The notes on swaps.
        alerts: The alerts that the story lays; the first two name the jobs of the first two outages, the third was
            missed and the fourth acknowledged just in time.
        outages: The jobs that some alerts name.
        clocked: Further jobs, whose history is in UTC or that are switched off, as (job, off).
        days: The days that the swap is about: the one taken over and, of the same colleague, one left alone.
        utc: Whether the scheduler keeps the jobs of the story in UTC.
    """

    me: Person
    since: date
    turns: tuple[Turn, ...]
    notes: tuple[Note, ...]
    alerts: tuple[Alert, ...]
    outages: tuple[Outage, ...]
    clocked: tuple[tuple[Mapping[str, Any], bool], ...]
    days: tuple[date, date]
    utc: bool

    def mine(self) -> list[Turn]:
        """Returns the shifts that count: the person's own in the end, from the first day on."""
        return [turn for turn in self.turns if turn.day >= self.since and holder(turn, self.notes) == self.me]

    def fell_into_mine(self, alert: Alert) -> bool:
        """Tells whether an alert came in during one of those."""
        return any(turn.start <= alert.at <= turn.end for turn in self.mine())

    def missed(self) -> list[Alert]:
        """Returns the alerts that count, in order of time."""
        found = [alert for alert in self.alerts if self.fell_into_mine(alert) and not alert.care.in_time]
        return sorted((alert for alert in found if not self._done_with(alert)), key=lambda alert: alert.at)

    def _done_with(self, alert: Alert) -> bool:
        outage = None if alert.outage is None else self.outages[alert.outage]
        return outage is not None and (outage.off or outage.mended)


def alert_told(alert: Alert, machine: Person) -> Told:
    """Returns the ticket of an alert with what became of it."""
    record = alert_record(machine, alert.at, alert.text, alert.priority)
    return "helpdesk.tickets", {"ticket_id": alert.slot_id, **record, **_care(alert)}


def _care(alert: Alert) -> dict[str, Any]:
    at, care, out = alert.at, alert.care, dict[str, Any]()
    rng = stream(0, "care", alert.slot_id, at.isoformat())
    if care.closed is not None:
        out["status"] = "closed"
    if care.by is not None:
        out["acknowledged_by"] = care.by.name
        out["acknowledged_at"] = (at + timedelta(minutes=care.minutes)).isoformat()
    if care.closed is not None:
        out["closed_at"] = (at + timedelta(minutes=care.closed)).date().isoformat()
        first = care.by.first if care.by else ""
        words = template("alerts")["closed_alone" if care.by is None else "resolutions"]
        out["resolution"] = expand(rng.choice(words), rng, {"first": first})
        if care.by is not None and alert.outage is not None:
            out["resolution"] = render(rng.choice(wording(WORDS)["job_resolutions"]), first=first)
    return out


@dataclass(frozen=True)
class Place:
    """Where a ticket may stand: the slot of an alert of the life, or a gap, with a time that keeps the order."""

    slot_id: str
    at: datetime
    turn: int
    after_end: bool
    of_life: bool


def colleagues_on(life: Life) -> list[Person]:
    """Returns who shares the duty with the person."""
    people = {person.key: person for person in life.draft.people if person.group == "colleague"}
    return [people[key] for key in life.persona.duty.with_]


def rota(life: Life, since: date) -> Iterator[Turn]:
    """Yields the past evenings of the rota since a day."""
    duty = life.persona.duty
    firsts = {person.first: person for person in (life.person, *colleagues_on(life))}
    for event in life.records("calendar.events"):
        title, _, first = event["title"].rpartition(": ")
        start, end = datetime.fromisoformat(event["start_time"]), datetime.fromisoformat(event["end_time"])
        if title == duty.title and first in firsts and end < life.now and start.date() >= since:
            yield Turn(event, start, end, firsts[first], firsts[first])


def neglected_turns(life: Life, turns: Sequence[Turn]) -> frozenset[int]:
    """Returns which evenings have an alert that nobody acknowledged in the life."""
    missed = [
        datetime.fromisoformat(ticket["created_at"])
        for ticket in life.records("helpdesk.tickets")
        if ticket["category"] == "alert" and "acknowledged_at" not in ticket
    ]
    return frozenset(n for n, turn in enumerate(turns) if any(turn.start <= at <= turn.end for at in missed))


def places_for_alerts(rng: Stream, life: Life, turns: Sequence[Turn]) -> Iterator[Place]:
    """Yields where alerts may stand: in place of alerts of the life, and in gaps at times that keep ids in order."""
    slots = life.draft.tables["helpdesk.tickets"]
    low = slots[0].at
    first = min(turn.start for turn in turns)
    for n, slot in enumerate(slots):
        if slot.record is not None:
            low = slot.at
            found = [m for m, turn in enumerate(turns) if turn.start <= slot.at <= turn.end]
            if found and slot.at > first and slot.record["category"] == "alert":
                yield Place(slot.id, low, found[0], after_end=False, of_life=True)
            continue
        high = next((other.at for other in slots[n + 1 :] if other.record is not None), life.now)
        if high <= first:
            continue
        after_end = rng.random() < _AFTER_END_CHANCE
        spans = [(t.end, t.end + _AFTER_END) if after_end else (t.start, t.end) for t in turns]
        spans = [(max(low, begin), min(high, end)) for begin, end in spans]
        fitting = [m for m, (begin, end) in enumerate(spans) if end - begin > _LEAST_ROOM]
        if fitting:
            turn = rng.choice(fitting)
            begin, end = spans[turn]
            # Whole seconds, and none of the span's ends: a shift ends on the minute.
            low = begin + timedelta(seconds=rng.randint(61, int((end - begin).total_seconds()) - 61))
            low = low.astimezone(life.now.tzinfo)
            yield Place(slot.id, low, turn, after_end=after_end, of_life=False)


def failing_run(job: Mapping[str, Any], alert: datetime, end: datetime) -> datetime | None:
    """Returns the run that an alert may be about: not long before it, and the next is due long after the shift."""
    runs = [datetime.fromisoformat(run["run_time"]) for run in job["execution_history"]]
    before = [run for run in runs if run < alert - timedelta(minutes=5)]
    after = [run for run in runs if run >= alert - timedelta(minutes=5)]
    if not before or max(before) < alert - _STALE or any(run < end + _CLEAR for run in after):
        return None
    return max(before)


def is_free(life: Life, turn: Turn) -> bool:
    """Tells whether the person could have the duty on that evening."""
    if turn.by_life.key == life.person.key:
        return True
    day = turn.day.isoformat()
    return not any(
        datetime.fromisoformat(event["end_time"]) > turn.start
        and datetime.fromisoformat(event["start_time"]) < turn.end
        and event["event_id"] != turn.event["event_id"]
        for event in Calendar(World(life.base)).events_between(day, day)["events"]
    )
