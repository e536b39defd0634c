"""What machines and rotas of a workplace leave behind: scheduled jobs, stock, settings, shifts of duty, alerts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cronsim import CronSim

from claw_gym.core.seeding import Stream
from claw_gym.life.cast import Cast
from claw_gym.life.diary import Calendar, Diary
from claw_gym.life.draft import Person
from claw_gym.life.library import template
from claw_gym.life.pages import Pages
from claw_gym.life.persona import JobKind, Persona, StockKind
from claw_gym.life.text import code, expand, title

__all__ = [
    "DUTY_END",
    "DUTY_START",
    "Shift",
    "alert_record",
    "alerts",
    "drop_place",
    "duty_rota",
    "job_action",
    "jobs",
    "monitor",
    "run_record",
    "settings",
    "stock",
]

DUTY_START, DUTY_END = (17, 45), (22, 45)
"""Hour and minute at which a shift of duty begins and ends, local time."""

_FAULT_CHANCE = 0.05
_RESTART_CHANCE = 0.5
# What a scheduler keeps of each job; hourly jobs would else fill a life with their runs.
_MOST_RUNS = 40
_DROPS = ("share", "vault", "depot", "store", "drop", "shelf")
_FOLDERS = ("in", "out", "daily", "reports", "inbox", "exports")
_PRIORITIES = ("low", "medium", "medium", "high")
_INSIDE_CHANCE = 0.93
# How often somebody on duty takes nearly an hour, and how often nobody looks at what comes after a shift.
_SLOW_CHANCE = 0.2
_UNSEEN_CHANCE = 0.75
_MISSED_CHANCE = 0.08
_OPEN_CHANCE = 0.7
_OPEN_FOR = timedelta(days=25)
_LATE_BIAS = 0.8
# How often somebody else of the rota is quicker than whoever has the shift.
_OTHER_CHANCE = 0.12
_OFF_CHANCE = 0.12


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody's evening on duty."""

    start: datetime
    end: datetime
    person: Person


def monitor(persona: Persona) -> Person:
    """Returns the machine that reports alerts, as somebody who may send mail and open tickets."""
    name, email = persona.monitor.name, persona.monitor.email
    return Person("monitor", name, name, email, "monitoring", persona.employer, "", "colleague", persona.styles[0])


def duty_rota(
    persona: Persona, cast: Cast, calendar: Calendar, diary: Diary, pages: Pages, days: int, rng: Stream
) -> list[Shift]:
    """Adds the shifts of the last `days` working days and the coming week: each evening one of the rota has the duty.

    The person's calendar shows them all, because the rota is shared; who has a shift is in its title. The person's own
    keep clear of the other things of the evening.
    """
    by_key = {person.key: person for person in cast.people}
    rota = [cast.me, *(by_key[key] for key in persona.duty.with_)]
    turn = rng.randrange(len(rota))
    shifts = []
    for day in calendar.days[max(0, calendar.today - days) : calendar.today + 6]:
        # Most turns follow the list; now and then two have swapped.
        person = rota[turn % len(rota)] if rng.random() > 0.15 else rng.choice(rota)
        turn += 1
        first, last = (hour * 60 + minute for hour, minute in (DUTY_START, DUTY_END))
        if person is cast.me and not diary.is_free(day, first, last):
            person = rng.choice(rota[1:])
        if person is cast.me:
            diary.block(day, first, last)
        start, end = calendar.at(day, first), calendar.at(day, last)
        shifts.append(Shift(start, end, person))
        minutes = int((end - start).total_seconds() // 60)
        pages.event(start, minutes, f"{persona.duty.title}: {person.first}", [person.email], persona.duty.place)
    return shifts


def alerts(
    persona: Persona, me: Person, shifts: Sequence[Shift], calendar: Calendar, pages: Pages, count: int, rng: Stream
) -> None:
    """Adds tickets of the machine that watches the workplace; whoever had the duty acknowledged most of them."""
    machine = monitor(persona)
    past = [shift for shift in shifts if shift.end < calendar.now]
    rota = list({shift.person.key: shift.person for shift in past}.values())
    lines = _endless(persona.alerts, rng)
    for _ in range(count):
        # As with everything else, more of the last weeks is kept.
        shift = past[int(len(past) * rng.random() ** _LATE_BIAS)]
        inside = rng.random() < _INSIDE_CHANCE
        length = shift.end - shift.start
        at = shift.start + length * rng.random() if inside else shift.end + timedelta(hours=10) * rng.random()
        at = at.replace(microsecond=0)
        if at >= calendar.now:
            continue
        text = expand(next(lines), rng, {"city": persona.city, "employer": persona.employer})
        record = alert_record(machine, at, text, rng.choice(_PRIORITIES))
        # The person has never missed one; that this is so until now is what a task may change.
        missed = rng.random() < (_MISSED_CHANCE if inside else _UNSEEN_CHANCE) and (
            not inside or shift.person is not me
        )
        by = rng.choice(rota) if rng.random() < _OTHER_CHANCE else shift.person
        record |= _care(at, None if missed else by, calendar.now, rng)
        pages.plain("helpdesk.tickets", at, record)


def _care(at: datetime, by: Person | None, now: datetime, rng: Stream) -> dict[str, Any]:
    """Returns what became of an alert: `by` acknowledged it within the hour and closed it, or nobody did."""
    words = template("alerts")
    if by is None:
        closed = at + timedelta(hours=rng.choice((24, 36, 48)))
        if closed >= now or (at > now - _OPEN_FOR and rng.random() < _OPEN_CHANCE):
            return {}
        told = expand(rng.choice(words["closed_alone"]), rng, {})
        return {"status": "closed", "closed_at": closed.date().isoformat(), "resolution": told}
    slow = rng.random() < _SLOW_CHANCE
    taken = at + timedelta(minutes=rng.randint(36, 57) if slow else rng.randint(2, 35))
    closed = taken + timedelta(minutes=rng.randint(10, 300))
    return {
        "status": "closed",
        "acknowledged_by": by.name,
        "acknowledged_at": taken.isoformat(),
        "closed_at": closed.date().isoformat(),
        "resolution": expand(rng.choice(words["resolutions"]), rng, {"first": by.first}),
    }


def alert_record(machine: Person, at: datetime, text: str, priority: str) -> dict[str, Any]:
    """Returns the ticket of an alert as it comes in: open, and acknowledged by nobody."""
    return {
        "title": title(text),
        "description": f"Automatic alert at {at:%H:%M} on {at.date().isoformat()}: {text}.",
        "reporter": machine.name,
        "department": "Monitoring",
        "priority": priority,
        "status": "open",
        "category": "alert",
        "tags": ["alert"],
        "created_at": at.isoformat(),
    }


def jobs(persona: Persona, cast: Cast, calendar: Calendar, pages: Pages, days: int, rng: Stream) -> None:
    """Adds the scheduled jobs with how they ran in the last `days` days; what failed ran well the next time."""
    owners = {person.key: person for person in cast.people}
    places, accounts = [drop_place(rng) for _ in range(4)], [code("svc-####", rng) for _ in range(3)]
    kinds = rng.sample(persona.jobs, len(persona.jobs))
    for n, kind in enumerate(kinds):
        place = rng.choice(places)
        runs = _runs(kind, calendar, days, rng)
        # Some were switched off a while ago, and nobody has taken them off the list.
        off = rng.random() < _OFF_CHANCE and len(runs) > _MOST_RUNS // 2
        runs = runs[len(runs) // 3 :] if off else runs
        record = {
            "name": kind.name,
            "description": kind.description,
            "cron_expression": kind.cron,
            "action": job_action(kind.action, place, rng.choice(accounts)),
            "enabled": not off,
            "last_run": runs[0]["run_time"] if runs else None,
            "last_status": runs[0]["status"] if runs else None,
            "created_by": owners[kind.owner].name,
            "tags": [*kind.tags, place.partition("/")[0]],
            "created_at": (calendar.at(calendar.first, 9 * 60) - timedelta(days=rng.randint(20, 700))).isoformat(),
            "notes": "",
            "execution_history": runs,
        }
        pages.plain("scheduler.jobs", calendar.at(calendar.first, 0) + timedelta(minutes=n), record)


def drop_place(rng: Stream) -> str:
    """Returns a place where jobs leave files, such as "depot-41/daily"."""
    return f"{rng.choice(_DROPS)}-{rng.randint(11, 98)}/{rng.choice(_FOLDERS)}"


def job_action(verb: str, place: str, account: str) -> str:
    """Returns what a job does, to which place and under which account, as the scheduler holds it."""
    return f"{verb} > {place} as {account}"


def _runs(kind: JobKind, calendar: Calendar, days: int, rng: Stream) -> list[dict[str, Any]]:
    """Returns the latest runs of a job, newest first; the last one always went well."""
    begin = (calendar.now - timedelta(days=days)).replace(second=0, microsecond=0)
    runs: list[dict[str, Any]] = []
    usual = rng.randint(4, 240)
    for due in CronSim(kind.cron, begin):
        if due >= calendar.now - timedelta(minutes=10):
            break
        failed = rng.random() < _FAULT_CHANCE and bool(runs) and runs[-1]["status"] == "success"
        runs.append(run_record(due, usual, rng.choice(kind.faults if failed else kind.ok), failed=failed, rng=rng))
        if failed and rng.random() < _RESTART_CHANCE:
            again = due + timedelta(minutes=rng.randint(15, 50))
            runs.append(run_record(again, usual, f"Started by hand. {rng.choice(kind.ok)}", failed=False, rng=rng))
    if runs and runs[-1]["status"] != "success":
        runs[-1] |= {"status": "success", "notes": expand(rng.choice(kind.ok), rng, {})}
    return runs[::-1][:_MOST_RUNS]


def run_record(at: datetime, usual_s: int, note: str, *, failed: bool, rng: Stream) -> dict[str, Any]:
    """Returns one run of a job; a failed one stops early."""
    seconds = max(1, round(usual_s * (rng.uniform(0.05, 0.4) if failed else rng.uniform(0.8, 1.3))))
    return {
        "run_time": at.isoformat(),
        "status": "failed" if failed else "success",
        "duration_seconds": seconds,
        "notes": expand(note, rng, {}),
    }


def stock(persona: Persona, cast: Cast, calendar: Calendar, pages: Pages, rng: Stream) -> None:
    """Adds the products, all of them above the stock at which they are ordered again."""
    suppliers = {company.key: company.name for company in cast.suppliers}
    for n, kind in enumerate(rng.sample(persona.stock, len(persona.stock))):
        record = _product(kind, suppliers, calendar.days[rng.randint(calendar.today // 2, calendar.today - 1)], rng)
        pages.plain("inventory.products", calendar.at(calendar.first, 0) + timedelta(minutes=n), record)


def _product(kind: StockKind, suppliers: Mapping[str, str], delivered: date, rng: Stream) -> dict[str, Any]:
    least = rng.randint(*kind.least)
    return {
        "name": kind.name,
        "category": kind.category,
        "current_stock": least + rng.randint(max(1, least // 3), least * 3 + 2),
        "min_stock_threshold": least,
        "unit": kind.unit,
        "unit_price": round(rng.uniform(*kind.price), 2),
        "supplier": suppliers[kind.supplier],
        "last_delivery": delivered.isoformat(),
    }


def settings(persona: Persona, calendar: Calendar, pages: Pages, rng: Stream) -> None:
    """Adds the connections to other systems, all of them in order."""
    for n, kind in enumerate(persona.integrations):
        checked = calendar.at(calendar.days[calendar.today - 1], rng.randint(6 * 60, 20 * 60))
        record = {
            "name": kind.name,
            "display_name": kind.display_name,
            "service": kind.service,
            "status": "active",
            "last_verified": checked.isoformat(),
            "monthly_calls": rng.randint(3, 400) * 50,
            "error_rate": round(rng.uniform(0, 0.6), 1),
            "notes": kind.notes,
        }
        pages.plain("config.integrations", calendar.at(calendar.first, 0) + timedelta(minutes=n), record)


def _endless(lines: Sequence[str], rng: Stream) -> Iterator[str]:
    while True:
        yield from rng.sample(lines, len(lines))
