"""A few lines for the manager on how a piece of work stands, put together from four places.

Mechanism: what was said last, everywhere. Two notes name a variant, two mails an amount, the later one of each
counts; of the todos only those count that are completed and were due in a span; of two entries of the calendar one is
cancelled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from claw_gym.core.seeding import Stream
from claw_gym.core.tool import ToolCall
from claw_gym.life import Person, Project, Slot
from claw_gym.life.loaded import Claims, Life
from claw_gym.life.text import codes, paragraphs, title
from claw_gym.tasks.family import Story, TaskFamily, Told
from claw_gym.tasks.records import event_record, letter_record, note_record, todo_record
from claw_gym.tasks.shapes import by_themselves, entry_shape, note_shape, todo_shape
from claw_gym.tasks.solving import mails_of, payload
from claw_gym.tasks.success import Check, Success, no_collateral
from claw_gym.tasks.task import Episode, OracleTurns
from claw_gym.tasks.texts import day_text, money_words, render, wording
from claw_gym.tasks.values import Mentions, money_text, recipients
from claw_gym.world.moments import parse_moment

__all__ = ["AssembleRecentWork"]

_WORDS = "assemble_recent_work"
_SPAN_DAYS = (10, 16)
_RECENT = timedelta(days=26)
_LONGEST = 12
_LOOK_BACK_DAYS = 120
_AHEAD_WINDOWS = 3
_WINDOW_DAYS = 10
_MAILS_ALLOWED = 2


class Answer(BaseModel):
    """The typed answer."""

    model_config = ConfigDict(extra="forbid")

    variant: Annotated[str, Field(description="number of the variant that was settled on last")]
    amount: Annotated[
        str, Field(description='amount with currency, such as "120.00 EUR"', pattern=r"^\d+\.\d{2} [A-Z]{3}$")
    ]
    done: Annotated[list[str], Field(description="ids of the todos whose numbers the mail gives, in any order")]
    next: Annotated[str, Field(description="day and time of what is ahead, such as 2026-03-04T09:30")]


@dataclass(frozen=True)
class Job:
    """One todo: its place, its number, the day it is due, and whether it is completed."""

    slot: Slot
    number: str
    due: date
    completed: bool
    words: int
    tag: str
    priority: str


@dataclass(frozen=True)
class Params:
    """Everything that varies; of pairs the first one counts.

    Attributes:
        circles: Participants and minutes of each note.
        senders: Who wrote each mail.
        jobs: The todos, those that count and others.
        since: First day of the span.
        until: Last day of the span.
        attendees: Who comes to what is ahead, and
        place: where.
    """

    now: datetime
    difficulty: int
    project: Project
    boss: Person
    me: Person
    own: frozenset[str]
    currency: str
    notes: tuple[Slot, Slot]
    circles: tuple[tuple[tuple[str, ...], int], ...]
    codes: tuple[str, ...]
    mails: tuple[Slot, Slot]
    senders: tuple[Person, Person]
    amounts: tuple[Decimal, Decimal]
    jobs: tuple[Job, ...]
    since: date
    until: date
    entries: tuple[Slot, Slot]
    minutes: int
    attendees: tuple[str, ...]
    place: str
    seed: int
    words: tuple[int, ...]

    @property
    def names(self) -> dict[str, str]:
        """What texts may name."""
        work = self.project
        found = {"project": work.name, "product": work.product, "part": work.part, "part2": work.part2}
        found |= {"material": work.material, "test": work.test, "client": work.client.name}
        found |= {"extra": _pick("extras", self.words[8]), "event": _pick("events", self.words[7])}
        return found | {"lead": work.lead.first, "client_first": work.client.contact.first, "boss": self.boss.name}

    def counts(self, job: Job) -> bool:
        """Tells whether a todo belongs into the report."""
        return job.completed and self.since <= job.due <= self.until

    @property
    def done(self) -> list[Job]:
        """The todos that belong into the report."""
        return [job for job in self.jobs if self.counts(job)]


class AssembleRecentWork(TaskFamily[Params], name="assemble_recent_work"):
    """Put together from notes, mail, todos and calendar how a piece of work stands, and tell the manager."""

    services = ("notes", "workmail", "todo", "calendar")
    answer = Answer

    def sample(self, rng: Stream, life: Life, difficulty: int) -> Params:
        """Draws the project, two versions of everything, and todos inside and outside the span."""
        claims = Claims(life)
        boss = next(person for person in life.draft.people if person.key == life.persona.reports_to)
        project = rng.choice([item for item in life.draft.projects if item.lead is not boss])
        old_note, note = claims.chain(rng, ["notes.notes"] * 2, before=life.now - timedelta(hours=3))
        oldest, newest = life.now - timedelta(days=_LOOK_BACK_DAYS - 1), life.now - timedelta(hours=1)
        old_mail, mail = claims.chain(rng, ["workmail.messages"] * 2, before=newest, after=oldest)
        me, lead, client = life.person, project.lead, project.client.contact
        attendees, place = entry_shape(rng, life, [me.email, *rng.sample([client.email, lead.email], 2)])
        until = life.now.date() - timedelta(days=1)
        since = until - timedelta(days=rng.randint(*_SPAN_DAYS))
        low = rng.randint(6, 90) * 50
        high = low + rng.randint(3, 40) * 10
        return Params(
            now=life.now,
            difficulty=difficulty,
            project=project,
            boss=boss,
            me=me,
            own=frozenset(address.lower() for address in life.persona.emails.values()),
            currency=life.persona.currency,
            notes=(note, old_note),
            circles=tuple(note_shape(rng, life, [me.name, lead.name, boss.name]) for _ in range(2)),
            codes=codes("K-####", rng, 2),
            mails=(mail, old_mail),
            senders=(rng.choice([client, lead]), rng.choice([client, lead])),
            amounts=tuple(rng.sample([Decimal(low), Decimal(high)], 2)),  # type: ignore[arg-type]  # two of two
            jobs=_jobs(rng, life, claims, difficulty, since, until),
            since=since,
            until=until,
            entries=_entries(rng, life, claims),
            minutes=rng.choice([30, 45, 60, 90]),
            attendees=attendees,
            place=place,
            seed=rng.randrange(10**9),
            words=tuple(rng.randrange(60) for _ in range(10)),
        )

    def story(self, params: Params) -> Story:
        """Lays notes, mails, todos and entries; what counts is the evidence."""
        notes, mails, events = _notes(params), _mails(params), _events(params)
        todos = [(params.counts(job), _todo(params, job)) for job in params.jobs]
        evidence = (notes[0], mails[0], *(told for counts, told in todos if counts), events[0])
        others = (notes[1], mails[1], *(told for counts, told in todos if not counts), events[1])
        return Story(evidence, others)

    def instruction(self, params: Params) -> str:
        """Names the work more and more vaguely, and says what the mail has to hold."""
        words = wording(_WORDS)
        which = render(words["which"][params.difficulty], **params.names)
        opening = render(_pick("request", params.words[0]), **params.names, which=which)
        span = {"since": day_text(params.since), "until": day_text(params.until)}
        return f"{opening} {render(words['steps'], **params.names, **span)}"

    def success(self, params: Params) -> Success:
        """The manager has the right values and no others, and so has the person."""

        def belongs(to: str) -> bool:
            return recipients(to) - params.own == {params.boss.email}

        guard = no_collateral(
            lambda effect: (
                effect.service == "workmail" and effect.action == "sent_messages" and belongs(effect.shown["to"])
            )
        )
        return Success((_told_boss(params, belongs), _answered(params)), (guard,))

    def declared(self, params: Params) -> tuple[str, ...]:
        """The amount and the moment in the form of the answer, and what is listed."""
        amount = money_text(params.amounts[0], params.currency)
        return amount, f"{params.entries[0].at:%Y-%m-%dT%H:%M}", *_days(params.now), "completed"

    def oracle(self, params: Params) -> OracleTurns:
        """Reads notes, mails, todos and entries about the work, then writes and answers."""
        yield from self._research(params)
        yield self._mail(params, "mail")
        yield self._finish(params)

    def _research(self, params: Params) -> OracleTurns:
        # The entries ahead say what the work is called, where the request only describes it.
        yield [ToolCall("calendar_list_events", {"date": day, "days": _WINDOW_DAYS}) for day in _days(params.now)]
        listed = yield ToolCall("notes_list", {"query": params.project.name, "max_results": 100})
        wanted = {slot.id for slot in params.notes}
        rows = [row for row in payload(listed[0])["notes"] if row["note_id"] in wanted]
        yield [ToolCall("notes_get", {"note_id": row["note_id"]}) for row in rows]
        yield from mails_of("workmail", [slot.id for slot in params.mails], days_back=_LOOK_BACK_DAYS)
        yield ToolCall("todo_list_tasks", {"status": "completed"})

    def _mail(self, params: Params, form: str) -> ToolCall:
        words, at = wording(_WORDS), params.entries[0].at
        values = {"code": params.codes[0], "amount": money_words(params.amounts[0], params.currency)}
        values |= {"done": ", ".join(job.number for job in params.done), "first": params.boss.first}
        values |= {"day": day_text(at, weekday=True), "time": f"{at:%H:%M}"}
        subject = render(words["subject"], **params.names)
        body = render(words[form], **params.names, **values)
        return ToolCall("workmail_send_message", {"to": params.boss.email, "subject": subject, "body": body})

    def _finish(self, params: Params) -> ToolCall:
        answer = {
            "variant": params.codes[0],
            "amount": money_text(params.amounts[0], params.currency),
            "done": [job.slot.id for job in params.done],
            "next": f"{params.entries[0].at:%Y-%m-%dT%H:%M}",
        }
        return ToolCall("finish", {"message": "The mail is out.", "answer": answer})

    def twin(self, params: Params, service: str) -> Params:
        """Swaps the variants, the amounts, the state of two todos, or which entry is cancelled."""
        if service == "notes":
            return replace(params, codes=params.codes[::-1])
        if service == "workmail":
            return replace(params, amounts=params.amounts[::-1])
        if service == "calendar":
            return replace(params, entries=params.entries[::-1])
        return replace(params, jobs=_swapped(params))

    def distractor_params(self, params: Params) -> Sequence[Params]:
        """Takes the earlier variant or amount, the cancelled entry, or todos by another state."""
        return [self.twin(params, service) for service in self.services]

    def solutions(self, params: Params) -> Sequence[Callable[[], OracleTurns]]:
        """Reworded in another order; two mails; a draft and a todo on the way."""

        def reworded() -> OracleTurns:
            yield from self._research(params)
            yield self._mail(params, "reworded")
            yield self._finish(params)

        def two_mails() -> OracleTurns:
            yield from self._research(params)
            yield [self._mail(params, "first_half"), self._mail(params, "second_half")]
            yield self._finish(params)

        def drafted() -> OracleTurns:
            yield from self._research(params)
            mail = self._mail(params, "mail")
            yield ToolCall("workmail_save_draft", mail.arguments)
            yield ToolCall("todo_create_task", {"title": "Report is out"})
            yield mail
            yield self._finish(params)

        return reworded, two_mails, drafted


def _pick(kind: str, number: int) -> Any:
    options = wording(_WORDS)[kind]
    return options[number % len(options)]


def _days(now: datetime) -> list[str]:
    """Returns the first days of the windows that cover the coming weeks."""
    return [(now.date() + timedelta(days=_WINDOW_DAYS * n)).isoformat() for n in range(_AHEAD_WINDOWS)]


def _jobs(rng: Stream, life: Life, claims: Claims, difficulty: int, since: date, until: date) -> tuple[Job, ...]:
    """Draws todos: two or three that count, as many that are open, and some that were completed before the span."""
    counted, others = (2, 2) if difficulty < 3 else (3, 3)
    kinds = [(True, True)] * counted + [(False, True)] * (others - 1) + [(True, False)] * (others - 1)
    rng.shuffle(kinds)
    # A list of all that was ever completed is cut; what an agent should find is not old.
    free = claims.free("todo.tasks", after=life.now - _RECENT, before=life.now - timedelta(days=2))
    early = claims.free("todo.tasks", before=life.now - (life.now.date() - since) - timedelta(days=3))
    words = rng.sample(range(len(wording(_WORDS)["todos"])), len(kinds))
    jobs, numbers = list[Job](), [f"T-{item}" for item in rng.sample(range(1000, 10_000), len(kinds))]
    for number, (completed, inside) in enumerate(kinds):
        # What was due before the span was noted down before it too.
        slot = rng.choice([item for item in (free if inside else early) if item not in {job.slot for job in jobs}])
        claims.claim("todo.tasks", slot)
        first = max(since, slot.at.date()) if inside else slot.at.date()
        last = until if inside else min(since - timedelta(days=1), first + timedelta(days=_LONGEST))
        due = first + timedelta(days=rng.randint(0, (last - first).days))
        jobs.append(Job(slot, numbers[number], due, completed, words[number], *todo_shape(rng, life)))
    return tuple(jobs)


def _entries(rng: Stream, life: Life, claims: Claims) -> tuple[Slot, Slot]:
    """Takes two gaps ahead of now on different days."""
    last = life.now + timedelta(days=_WINDOW_DAYS * _AHEAD_WINDOWS - 1)
    free = claims.free("calendar.events", after=life.now + timedelta(days=1), before=last)
    first, *others = by_themselves(rng, life, "calendar.events", free)
    second = next(item for item in others if item.at.date() != first.at.date())
    return claims.claim("calendar.events", first), claims.claim("calendar.events", second)


def _swapped(params: Params) -> tuple[Job, ...]:
    """Returns the todos with the states of one that counts and of an open one of the span exchanged."""
    done = params.done[0]
    still = next(job for job in params.jobs if not job.completed)
    other = {done: replace(done, completed=False), still: replace(still, completed=True)}
    return tuple(other.get(job, job) for job in params.jobs)


def _notes(params: Params) -> list[Told]:
    told = []
    for n, (kind, slot, variant) in enumerate(zip(("notes", "old_notes"), params.notes, params.codes, strict=True)):
        heading = title(render(_pick("note_titles", params.words[1] + n), **params.names))
        text = render(_pick(kind, params.words[2] + n * params.words[9]), **params.names, code=variant)
        people, minutes = params.circles[n]
        told.append(note_record(slot, heading, people, paragraphs(text), minutes=minutes))
    return told


def _mails(params: Params) -> list[Told]:
    subject, told = title(render(_pick("mail_subjects", params.words[4]), **params.names)), []
    for n, (kind, slot, amount) in enumerate(zip(("corrected", "agreed"), params.mails, params.amounts, strict=True)):
        sender = params.senders[n]
        options = wording(_WORDS)[kind]["lead" if sender is params.project.lead else "client"]
        said = {"amount": money_words(amount, params.currency)}
        text = title(render(options[(params.words[5] + n) % len(options)], **params.names, **said))
        seed = params.seed + n
        told.append(letter_record("workmail", slot, sender, params.me.email, subject, text, seed=seed, reply=n == 0))
    return told


def _todo(params: Params, job: Job) -> Told:
    heading = title(render(_pick("todos", job.words), **params.names))
    text = title(render(_pick("descriptions", job.words + params.words[6]), **params.names, number=job.number))
    status, due = "completed" if job.completed else "pending", job.due.isoformat()
    return todo_record(job.slot, heading, text, status=status, due=due, tag=job.tag, priority=job.priority)


def _events(params: Params) -> list[Told]:
    name = title(render(_pick("titles", params.words[3]), **params.names))
    gone, nowhere = (render(text, title=name, place=params.place) for text in _pick("gone", params.words[0]))
    length, (stands, moved) = timedelta(minutes=params.minutes), params.entries
    return [
        event_record(stands.id, stands.at, length, name, params.attendees, params.place),
        event_record(moved.id, moved.at, length, gone, params.attendees, nowhere),
    ]


def _told_boss(params: Params, belongs: Callable[[str], bool]) -> Check:
    mentions = Mentions(
        money=(money_text(params.amounts[0], params.currency),),
        ids=(params.codes[0], *(job.number for job in params.done)),
        moments=(params.entries[0].at,),
        wrong=(params.codes[1], *(job.number for job in params.jobs if not params.counts(job))),
        wrong_moments=(params.entries[1].at,),
        most={"money": 1, "days": 1, "times": 1},
        currency=params.currency,
    )

    def holds(episode: Episode) -> bool:
        mails = [effect.shown for effect in episode.written("workmail", "sent_messages")]
        mails = [mail for mail in mails if belongs(mail["to"])]
        text = "\n".join(f"{mail['subject']}\n{mail['body']}" for mail in mails)
        return 1 <= len(mails) <= _MAILS_ALLOWED and mentions.holds(text, params.now)

    return Check(f"{params.boss.name} was told variant, amount, todos and the next appointment", holds)


def _answered(params: Params) -> Check:
    wanted = {job.slot.id for job in params.done}
    amount = money_text(params.amounts[0], params.currency)

    def holds(episode: Episode) -> bool:
        given = episode.closing.answer if episode.closing else None
        if given is None:
            return False
        moment = parse_moment(given["next"])
        at = params.entries[0].at
        # A moment without an offset is meant where the person is.
        right = moment is not None and (moment if moment.tzinfo else moment.replace(tzinfo=at.tzinfo)) == at
        return right and (given["variant"], given["amount"], set(given["done"])) == (params.codes[0], amount, wanted)

    return Check("the answer names variant, amount, todos and the next appointment", holds)
