"""Something promised to a client and not sent yet.

Mechanism: a deadline that hangs on another entry, and a figure that was corrected. Work mail holds the client's
question and the person's promise of a price, a reference and a day, so many days before an appointment; of two notes
the later one holds price and reference; the calendar holds the appointment, beside the entry it was moved from. A
last mail of the client may say that nothing is needed any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from claw_gym.core.seeding import Stream
from claw_gym.core.tool import ToolCall
from claw_gym.life import Person, Project, Slot
from claw_gym.life.loaded import Claims, Life
from claw_gym.life.text import codes, paragraphs, title
from claw_gym.tasks.coming_days import on_two_days
from claw_gym.tasks.family import Told
from claw_gym.tasks.matters import MatterKind, Plan
from claw_gym.tasks.proactive import ProactiveFamily
from claw_gym.tasks.records import event_record, letter_record, note_record, said_by
from claw_gym.tasks.shapes import entry_shape, note_shape
from claw_gym.tasks.solving import mails_of, payload
from claw_gym.tasks.success import Check
from claw_gym.tasks.task import Episode, OracleTurns
from claw_gym.tasks.texts import day_text, money_words, render, wording
from claw_gym.tasks.values import Mentions, money_text, recipients
from claw_gym.world.effects import Effect

__all__ = ["ForgottenPromise"]

_WORDS = "forgotten_promise"
_LOOK_BACK_DAYS = 100
_WINDOW_DAYS = 10
_WINDOWS = 3
_NEAREST = timedelta(days=4)
_FARTHEST = timedelta(days=_WINDOW_DAYS * _WINDOWS - 1)
_AHEAD_DAYS = (2, 3)
_NOTES_PAGE = 100
_DRAFTS_ALLOWED = 2


@dataclass(frozen=True)
class Promise:
    """One matter: what a client was promised.

    Attributes:
        now: The start of the episode.
        project: The client's project.
        client: Who asked.
        person: Who promised.
        entries: Slots of the appointment that stands and of the one it was moved from.
        prices: The price that counts, the earlier one, and
        codes: the references that go with them.
        hour: How long the appointment takes,
        attendees: who comes, and
        place: where.
        notes: Slots of the first note, of the one that counts, and of one about something else.
        circles: Participants and minutes of each note.
        mails: Slots of the question, the promise and the client's last mail.
        ahead: So many days before the appointment the mail was promised.
        settled: Whether the last mail says that nothing is needed any more.
    """

    now: datetime
    project: Project
    client: Person
    person: Person
    currency: str
    entries: tuple[Slot, Slot]
    hour: timedelta
    attendees: tuple[str, ...]
    place: str
    prices: tuple[Decimal, Decimal]
    codes: tuple[str, ...]
    notes: tuple[Slot, Slot, Slot]
    circles: tuple[tuple[tuple[str, ...], int], ...]
    mails: tuple[Slot, Slot, Slot]
    ahead: int
    settled: bool
    seed: int
    words: tuple[int, ...]

    @property
    def names(self) -> dict[str, str]:
        """What texts may name."""
        project = self.project
        found = {"project": project.name, "part": project.part, "part2": project.part2, "material": project.material}
        return found | {"test": project.test, "client": project.client.name, "lead": project.lead.first}

    @property
    def event(self) -> str:
        """The title of the appointment."""
        return title(render(_pick("event_titles", self.words[0]), **self.names))

    @property
    def due(self) -> date:
        """The last day for the promised mail."""
        return self.entries[0].at.date() - timedelta(days=self.ahead)


class Promises(MatterKind[Promise]):
    """Promises to clients."""

    def sample(self, rng: Stream, life: Life, claims: Claims, *, live: bool, number: int) -> Promise:
        """Draws a client, an appointment that was moved, two prices, and gaps for three mails and three notes."""
        project = claims.choose(rng, "project", life.draft.projects, lambda item: item.name)
        row = ("notes.notes", "notes.notes", "notes.notes")
        mail_row = ("workmail.messages", "workmail.messages", "workmail.messages")
        oldest = life.now - timedelta(days=_LOOK_BACK_DAYS - 1)
        mails = claims.chain(rng, mail_row, before=life.now - timedelta(minutes=40), after=oldest)
        notes = claims.chain(rng, row, before=life.now - timedelta(hours=3))
        low = rng.randint(4, 60) * 25
        me, client, lead = life.person, project.client.contact, project.lead
        attendees, place = entry_shape(rng, life, [me.email, *rng.sample([client.email, lead.email], 2)])
        other = rng.choice([item.lead.name for item in life.draft.projects if item.lead.name != lead.name])
        return Promise(
            now=life.now,
            project=project,
            client=client,
            person=me,
            currency=life.persona.currency,
            entries=on_two_days(rng, life, claims, after=life.now + _NEAREST, before=life.now + _FARTHEST),
            hour=timedelta(minutes=rng.choice([30, 45, 60])),
            attendees=attendees,
            place=place,
            prices=(Decimal(low + rng.randint(11, 190)), Decimal(low)),
            codes=codes("X-####", rng, 2),
            notes=(notes[0], notes[1], notes[2]),
            circles=tuple(note_shape(rng, life, [me.name, lead.name, other]) for _ in notes),
            mails=(mails[0], mails[1], mails[2]),
            ahead=rng.choice(_AHEAD_DAYS),
            settled=not live,
            seed=rng.randrange(10**9),
            words=tuple(rng.randrange(60) for _ in range(10)),
        )

    def story(self, matter: Promise) -> tuple[Told, ...]:
        """Lays the thread, three notes and the two entries of the appointment."""
        return (*_thread(matter), *_notes(matter), *_events(matter))

    def plan(self, matter: Promise, *, acting: bool) -> Plan:
        """A promise that is open is drafted or put to the person; one that the client gave up is settled."""
        question, promise, last = (slot.id for slot in matter.mails)
        key = frozenset({question, promise, matter.notes[1].id, matter.entries[0].id})
        context = frozenset({matter.notes[0].id, matter.notes[2].id, matter.entries[1].id})
        if matter.settled:
            return Plan(False, key | {last}, context, "already_settled")
        context |= {last}
        if not acting:
            return Plan(True, key, context, "needs_you", matter.due)
        return Plan(True, key, context, "handled", None, (_drafted(matter),), lambda effect: _belongs(effect, matter))

    def research(self, matters: Sequence[Promise]) -> OracleTurns:
        """Reads the coming appointments, what was sent and received lately, and the notes on the pieces."""
        now = matters[0].now
        yield [ToolCall("calendar_list_events", {"date": day, "days": _WINDOW_DAYS}) for day in _days(now)]
        inbox = [slot.id for matter in matters for slot in (matter.mails[0], matter.mails[2])]
        yield from mails_of("workmail", inbox, days_back=_LOOK_BACK_DAYS)
        sent = [matter.mails[1].id for matter in matters]
        yield from mails_of("workmail", sent, days_back=_LOOK_BACK_DAYS, label="sent")
        for matter in matters:
            query = {"query": matter.project.part, "max_results": _NOTES_PAGE}
            listed = yield ToolCall("notes_list", query)
            wanted = {slot.id for slot in matter.notes[:2]}
            rows = [row for row in payload(listed[0])["notes"] if row["note_id"] in wanted]
            yield [ToolCall("notes_get", {"note_id": row["note_id"]}) for row in rows]

    def writes(self, matter: Promise) -> list[ToolCall]:
        """A draft that answers the client's question."""
        values = {"amount": money_words(matter.prices[0], matter.currency), "code": matter.codes[0]}
        at = matter.entries[0].at
        values |= {"day": day_text(at, weekday=True), "time": f"{at:%H:%M}", "event": matter.event}
        subject = render(_pick("subjects", matter.words[1]), **matter.names)
        draft = {
            "to": matter.client.email,
            "subject": f"Re: {subject}",
            "body": render(_pick("drafts", 0), **matter.names, **values),
            "reply_to_message_id": matter.mails[0].id,
        }
        return [ToolCall("workmail_save_draft", draft)]

    def twin(self, matter: Promise, service: str) -> Promise:
        """Swaps which entry stands, what the last mail says, or the later notes, with another price and reference."""
        if service == "calendar":
            return replace(matter, entries=matter.entries[::-1])
        if service == "workmail":
            return replace(matter, settled=not matter.settled)
        first, right, other = matter.notes
        codes = (f"{matter.codes[0]}-B", matter.codes[1])
        return replace(
            matter, notes=(first, other, right), prices=(matter.prices[0] + 37, matter.prices[1]), codes=codes
        )

    def unsettled(self, matter: Promise) -> Promise:
        """Swaps the client's last mail for a neutral one."""
        return replace(matter, settled=False)

    def near_misses(self, matter: Promise) -> Sequence[Promise]:
        """Takes the earlier price and reference, or the day that was moved."""
        return (
            replace(matter, prices=matter.prices[::-1]),
            replace(matter, codes=matter.codes[::-1]),
            replace(matter, entries=matter.entries[::-1]),
        )

    def declared(self, matter: Promise) -> tuple[str, ...]:
        """The last day, the days to search from, and the folder of what was sent."""
        return matter.due.isoformat(), *_days(matter.now), "sent"


class ForgottenPromise(ProactiveFamily, name="forgotten_promise"):
    """Notice what was promised to a client and never sent, and prepare it, or say until when it has to go out."""

    services = ("workmail", "notes", "calendar")
    kind = Promises()


def _pick(kind: str, number: int) -> str:
    options: list[str] = wording(_WORDS)[kind]
    return options[number % len(options)]


def _days(now: datetime) -> list[str]:
    """Returns the first days of the windows that cover the coming weeks."""
    return [(now.date() + timedelta(days=_WINDOW_DAYS * n)).isoformat() for n in range(_WINDOWS)]


def _thread(matter: Promise) -> list[Told]:
    names = matter.names | {"event": f'"{matter.event}"', "ahead": str(matter.ahead)}
    subject = title(render(_pick("subjects", matter.words[1]), **matter.names))
    me = matter.person.email
    last = "settled" if matter.settled else "neutral"
    question = render(_pick("questions", matter.words[2]), **names)
    promise = render(_pick("promises", matter.words[3]), **names)
    final = render(_pick(last, matter.words[4]), **names)
    first, second, third = matter.mails
    asked = letter_record("workmail", first, matter.client, me, subject, question, seed=matter.seed)
    given = letter_record(
        "workmail",
        second,
        matter.person,
        matter.client,
        subject,
        promise,
        seed=matter.seed,
        reply=True,
        # Now and then somebody writes anew under an old subject.
        answers=said_by(matter.client, asked) if matter.words[9] % 3 else None,
    )
    closed = letter_record("workmail", third, matter.client, me, subject, final, seed=matter.seed + 1, reply=True)
    return [asked, given, closed]


def _notes(matter: Promise) -> list[Told]:
    kinds = ("old_notes", "notes", "other_notes")
    titles = ("note_titles", "note_titles", "other_titles")
    told = []
    for n, (slot, kind, heading) in enumerate(zip(matter.notes, kinds, titles, strict=True)):
        which = 0 if kind == "notes" else 1
        values = {"amount": money_words(matter.prices[which], matter.currency), "code": matter.codes[which]}
        text = render(_pick(kind, matter.words[5 + n]), **matter.names, **values)
        name = render(_pick(heading, matter.words[5 + n]), **matter.names)
        people, minutes = matter.circles[n]
        told.append(note_record(slot, title(name), people, paragraphs(text), minutes=minutes))
    return told


def _events(matter: Promise) -> list[Told]:
    stands, moved = matter.entries
    marks = wording(_WORDS)["gone"]
    name, place = (render(text, title=matter.event, place=matter.place) for text in marks[matter.words[8] % len(marks)])
    return [
        event_record(stands.id, stands.at, matter.hour, matter.event, matter.attendees, matter.place),
        event_record(moved.id, moved.at, matter.hour, name, matter.attendees, place),
    ]


def _drafted(matter: Promise) -> Check:
    def holds(episode: Episode) -> bool:
        drafts = [effect for effect in episode.written("workmail", "drafts") if _is_to(matter, effect)]
        # Whoever saves one for every price there is has promised none; what stands in the last one is meant.
        return bool(drafts) and len(drafts) <= _DRAFTS_ALLOWED and _fits(matter, drafts[-1])

    return Check(f"a draft answers {matter.client.name} with price, reference, day and time", holds)


def _belongs(effect: Effect, matter: Promise) -> bool:
    return effect.service == "workmail" and effect.action == "drafts" and _fits(matter, effect)


def _is_to(matter: Promise, effect: Effect) -> bool:
    return recipients(effect.shown["to"]) == {matter.client.email.lower()}


def _fits(matter: Promise, effect: Effect) -> bool:
    """Tells whether a draft keeps the promise: to the client, with all that was promised, in the thread or anew."""
    mentions = Mentions(
        money=(money_text(matter.prices[0], matter.currency),),
        ids=(matter.codes[0],),
        moments=(matter.entries[0].at,),
        wrong=(matter.codes[1],),
        wrong_moments=(matter.entries[1].at,),
        most={"money": 1, "days": 1, "times": 1},
        currency=matter.currency,
    )
    draft = effect.shown
    answered = draft.get("reply_to_message_id") or ""
    return (
        _is_to(matter, effect)
        and answered in {"", *(slot.id for slot in matter.mails)}
        and mentions.holds(f"{draft['subject']}\n{draft['body']}", matter.now)
    )
