"""Alerts that nobody looked at on the person's own evenings of duty: find them, mark them, report them.

Mechanism: a superseded rota, a threshold and a dependency. The calendar has the rota and notes that overrule it and
each other; the helpdesk says which alerts were acknowledged within the hour, which later and which never; and what an
alert that names a scheduled job is worth stands in that job's history, which may be kept in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from claw_gym.core.seeding import Stream
from claw_gym.core.tool import ToolCall
from claw_gym.life import Person
from claw_gym.life.loaded import Life
from claw_gym.life.workplace import monitor
from claw_gym.tasks.family import Story, TaskFamily, Told
from claw_gym.tasks.on_call import WORDS, Alert, Weeks, alert_told, job_told, note_told, turn_told
from claw_gym.tasks.on_call_draw import NOTED_BEFORE, draw_weeks
from claw_gym.tasks.solving import payload
from claw_gym.tasks.success import Check, Success, no_collateral
from claw_gym.tasks.task import Episode, OracleTurns
from claw_gym.tasks.texts import day_text, render, wording
from claw_gym.world.effects import Effect
from claw_gym.world.moments import instant, parse_moment

__all__ = ["AlertsOnCall"]

_RAISED = {"low": "medium", "medium": "high", "high": "high"}
_OLD_TAG = "alert"
# As many days as a listing of a full life shows whole.
_LISTED_DAYS = 3
_STATES = ("open", "closed")
_MISSED, _SEEN = 2, 3


class Answer(BaseModel):
    """The typed answer."""

    model_config = ConfigDict(extra="forbid")

    tickets: Annotated[list[str], Field(description="ids of the missed alerts", max_length=20)]
    job_id: Annotated[str, Field(description="id of the scheduled job that one of them names")]
    ran_well_at: Annotated[
        str,
        Field(
            description="start of the first good run of that job after the alert, ISO date and time, "
            "in local time or with its offset"
        ),
    ]


@dataclass(frozen=True)
class Params:
    """Everything that varies: the weeks on duty, who reports alerts, the tag to set, and which words say it."""

    now: datetime
    difficulty: int
    weeks: Weeks
    machine: Person
    duty: str
    tag: str
    words: tuple[int, ...]

    @property
    def job(self) -> tuple[str, datetime]:
        """The job of the missed alert that names one, and when it ran well again."""
        number = next(alert.outage for alert in self.weeks.missed() if alert.outage is not None)
        outage = self.weeks.outages[number]
        return str(outage.job["job_id"]), outage.recovered


class AlertsOnCall(TaskFamily[Params], name="alerts_on_call"):
    """Find the alerts that were missed on the person's own shifts, mark them and report them."""

    services = ("helpdesk", "scheduler", "calendar")
    answer = Answer

    def sample(self, rng: Stream, life: Life, difficulty: int) -> Params:
        """Draws the weeks, the tag and the words."""
        return Params(
            now=life.now,
            difficulty=difficulty,
            weeks=draw_weeks(rng, life, difficulty),
            machine=monitor(life.persona),
            duty=life.persona.duty.title,
            tag=rng.choice(wording(WORDS)["tags"]),
            words=tuple(rng.randrange(60) for _ in range(6)),
        )

    def story(self, params: Params) -> Story:
        """Lays the rota and the notes, the alerts, and the jobs that some of them name."""
        weeks = params.weeks
        decisive = {alert.slot_id for alert in (*weeks.missed(), weeks.alerts[1], *weeks.alerts[_MISSED : _SEEN + 1])}
        evidence: list[Told] = [note_told(note, params.duty) for note in weeks.notes]
        evidence += [outage.told(utc=weeks.utc) for outage in weeks.outages[:2]]
        others: list[Told] = [outage.told(utc=weeks.utc) for outage in weeks.outages[2:]]
        for alert in weeks.alerts:
            (evidence if alert.slot_id in decisive else others).append(alert_told(alert, params.machine))
        for turn in weeks.turns:
            if turn.person.key != turn.by_life.key:
                counts = turn.day >= weeks.since
                (evidence if counts else others).append(turn_told(turn, params.duty))
        others += [_clocked(job, off=off, utc=weeks.utc) for job, off in weeks.clocked]
        return Story(tuple(evidence), tuple(others))

    def instruction(self, params: Params) -> str:
        """Says the rule in words, and by difficulty where to look."""
        words, (request, *rest) = wording(WORDS), params.words
        parts = [_pick(words["request"][params.difficulty], request)]
        keys = ("shifts", "rule", "jobs", "work", "tell")
        parts += [_pick(words[key], number) for key, number in zip(keys, rest, strict=True)]
        names = {"duty": params.duty, "since": day_text(params.weeks.since, weekday=True), "tag": params.tag}
        return " ".join(render(part, **names) for part in parts)

    def success(self, params: Params) -> Success:
        """The missed alerts are marked and nothing else is, and the answer is right."""
        ids = {alert.slot_id for alert in params.weeks.missed()}

        def belongs(effect: Effect) -> bool:
            return effect.action == "updated_tickets" and effect.record_id in ids

        return Success(_goals(params), (no_collateral(belongs),))

    def declared(self, params: Params) -> tuple[str, ...]:
        """The days at which listings of the calendar begin, and the states that listings of tickets take."""
        return (*(str(arguments["date"]) for arguments in _listings(params)), *_STATES)

    def oracle(self, params: Params) -> OracleTurns:
        """Reads rota and notes, the alerts on the own shifts and the jobs they name; then marks, and answers."""
        yield from self._research(params)
        yield [_update(params, alert) for alert in params.weeks.missed()]
        yield _finish(params)

    def _research(self, params: Params) -> OracleTurns:
        yield [ToolCall("calendar_list_events", arguments) for arguments in _listings(params)]
        listed = yield [ToolCall("helpdesk_list_tickets", {"status": status}) for status in _STATES]
        rows = [row for result in listed for row in payload(result)["tickets"]]
        mine = [row["ticket_id"] for row in rows if _is_on_shift(row, params)]
        tickets = yield [ToolCall("helpdesk_get_ticket", {"ticket_id": ticket_id}) for ticket_id in mine]
        titles = [payload(result)["title"] for result in tickets]
        jobs = yield ToolCall("scheduler_list_jobs", {})
        named = [row["job_id"] for row in payload(jobs[0])["jobs"] if any(row["name"] in title for title in titles)]
        yield [ToolCall("scheduler_get_job", {"job_id": job_id}) for job_id in named]

    def twin(self, params: Params, service: str) -> Params:
        """Swaps what became of two alerts, or of two jobs, or the evenings that a swap was about."""
        weeks = params.weeks
        if service == "helpdesk":
            alerts = list(weeks.alerts)
            missed, seen = alerts[_MISSED], alerts[_SEEN]
            alerts[_MISSED], alerts[_SEEN] = replace(missed, care=seen.care), replace(seen, care=missed.care)
            return replace(params, weeks=replace(weeks, alerts=tuple(alerts)))
        if service == "scheduler":
            first, second, *rest = weeks.outages
            outages = (replace(first, mended=second.mended), replace(second, mended=first.mended), *rest)
            return replace(params, weeks=replace(weeks, outages=outages))
        taken, left = weeks.days
        other = {taken: left, left: taken}
        notes = tuple(
            replace(note, says=tuple((person, other.get(day, day)) for person, day in note.says))
            for note in weeks.notes
        )
        return replace(params, weeks=replace(weeks, notes=notes))

    def distractor_params(self, params: Params) -> Sequence[Params]:
        """Goes by the rota alone, by the first notes, or takes each alert that nobody acknowledged in time."""
        weeks = params.weeks
        first = min(weeks.notes, key=lambda note: note.slot.at)
        known = [replace(weeks, notes=()), replace(weeks, notes=(first,))]
        known += [self.twin(params, service).weeks for service in ("helpdesk", "scheduler", "calendar")]
        right = {alert.slot_id for alert in weeks.missed()}
        return [replace(params, weeks=one) for one in known if {alert.slot_id for alert in one.missed()} != right]

    def solutions(self, params: Params) -> Sequence[Callable[[], OracleTurns]]:
        """Tags and priorities one after the other; the answer in another order and zone; a todo on the way."""

        def in_two_steps() -> OracleTurns:
            yield from self._research(params)
            for alert in reversed(params.weeks.missed()):
                for field in ("tags", "priority"):
                    one = {field: _changes(params, alert)[field]}
                    yield ToolCall("helpdesk_update_ticket", {"ticket_id": alert.slot_id, **one})
            yield _finish(params)

        def answered_otherwise() -> OracleTurns:
            yield from self._research(params)
            yield [_update(params, alert) for alert in params.weeks.missed()]
            right, moment = _answer(params), params.job[1].astimezone(params.now.tzinfo)
            answer = {**right, "tickets": right["tickets"][::-1], "ran_well_at": f"{moment:%Y-%m-%d %H:%M}"}
            yield ToolCall("finish", {"message": "Found and marked.", "answer": answer})

        def with_a_todo() -> OracleTurns:
            yield from self._research(params)
            yield ToolCall("todo_create_task", {"title": "Talk about the missed alerts"})
            yield [_update(params, alert) for alert in params.weeks.missed()]
            yield _finish(params)

        return in_two_steps, answered_otherwise, with_a_todo


def _pick(options: list[str], number: int) -> str:
    return options[number % len(options)]


def _clocked(job: Any, *, off: bool, utc: bool) -> Told:
    """Returns a job of the life with its history in UTC, or one that was switched off a week of runs ago."""
    runs = list(job["execution_history"])
    kept = runs[len(runs) // 3 :] if off else runs
    return job_told({**job, "enabled": job["enabled"] and not off}, kept, utc=utc)


def _listings(params: Params) -> list[dict[str, Any]]:
    """Returns the arguments of the calls that list the calendar from the first notes until yesterday."""
    day = params.weeks.since - NOTED_BEFORE
    found: list[dict[str, Any]] = []
    while day < params.now.date():
        days = min(_LISTED_DAYS, (params.now.date() - day).days)
        found.append({"date": day.isoformat(), "days": days})
        day += timedelta(days=days)
    return found


def _is_on_shift(row: dict[str, Any], params: Params) -> bool:
    at = datetime.fromisoformat(row["created_at"])
    return row["reporter"] == params.machine.name and any(t.start <= at <= t.end for t in params.weeks.mine())


def _changes(params: Params, alert: Alert) -> dict[str, Any]:
    return {"tags": [_OLD_TAG, params.tag], "priority": _RAISED[alert.priority]}


def _update(params: Params, alert: Alert) -> ToolCall:
    return ToolCall("helpdesk_update_ticket", {"ticket_id": alert.slot_id, **_changes(params, alert)})


def _answer(params: Params) -> dict[str, Any]:
    job_id, moment = params.job
    stamp = moment.astimezone(UTC) if params.weeks.utc else moment
    ids = [alert.slot_id for alert in params.weeks.missed()]
    return {"tickets": ids, "job_id": job_id, "ran_well_at": stamp.isoformat()}


def _finish(params: Params) -> ToolCall:
    return ToolCall("finish", {"message": "The missed alerts are marked.", "answer": _answer(params)})


def _goals(params: Params) -> tuple[Check, ...]:
    missed = params.weeks.missed()
    job_id, moment = params.job

    def marked(episode: Episode) -> bool:
        table = episode.world.table("helpdesk.tickets")
        for alert in missed:
            ticket = table.get(alert.slot_id)
            if ticket is None:
                return False
            plain = ticket.plain
            tags = [str(tag).strip().lower() for tag in plain["tags"]]
            right = (sorted(tags), plain["priority"], plain["category"], plain["status"])
            status = "open" if alert.care.closed is None else "closed"
            if right != (sorted([_OLD_TAG, params.tag]), _RAISED[alert.priority], "alert", status):
                return False
        return True

    def answered(episode: Episode) -> bool:
        given = episode.closing.answer if episode.closing else None
        if given is None:
            return False
        stamp = parse_moment(given["ran_well_at"])
        zone = params.now.tzinfo
        ids = {str(item).strip().upper() for item in given["tickets"]}
        return (
            ids == {alert.slot_id for alert in missed}
            and given["job_id"].strip().upper() == job_id
            and stamp is not None
            and zone is not None
            and instant(stamp, zone).replace(second=0) == instant(moment, zone).replace(second=0)
        )

    return (
        Check("every missed alert has the tag and the higher priority", marked),
        Check("the answer names the missed alerts, the job and its first good run", answered),
    )
