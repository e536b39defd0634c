"""Clients with a ticket in progress and what they write about it, as stories lay them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from claw_gym.core.seeding import Stream, stream
from claw_gym.life import Company, Person, Slot
from claw_gym.life.loaded import Claims, Life
from claw_gym.life.text import code, title
from claw_gym.life.voice import spoken
from claw_gym.tasks.agreements import Page, Term, running, stopped
from claw_gym.tasks.coming_days import working_day_after
from claw_gym.tasks.family import Told
from claw_gym.tasks.records import letter_record, ticket_record
from claw_gym.tasks.texts import day_text, render, wording

__all__ = [
    "Case",
    "clients_of",
    "closed_ticket",
    "draw_case",
    "draw_others",
    "escalated",
    "ticket_gap",
    "told_case",
    "wish_ticket",
]

_WORDS = "escalate_vip_ticket"
_OFFICE_HOURS, _WAKING_HOURS = range(8, 18), range(7, 22)
_TAGS = ("client", "clients", "complaint")
_NEAR = timedelta(days=12)
_NAMED_DAYS, _NAMED_HOURS = (2, 11), (13, 18)
_NAMED_MINUTES = (0, 10, 15, 20, 30, 40, 45, 50)
_LATELY = timedelta(minutes=20)
_UNREAD = timedelta(days=2)


@dataclass(frozen=True)
class Case:
    """A client with a ticket in progress.

    Attributes:
        record: The client's entry in the customer list.
        names: What texts may name: client, project, part, a number and a day.
        terms: The client's agreements.
        reporter: Who opened the ticket.
        ticket: Its slot,
        kind: the kind of trouble and
        look: its category, tags and priority.
        writers: Who wrote each mail, and
        mails: their slots; the first two tell values, a third none.
        unread: Which of them were not read yet.
        me: The address they went to.
        refs: The client's reference by the first mail and by the second.
        named: The hour by which they need us, likewise.
        seed: Draws manners and words.
    """

    client: Company
    record: Mapping[str, Any]
    names: Mapping[str, Any]
    terms: tuple[Term, ...]
    reporter: Person
    ticket: Slot
    kind: str
    look: tuple[str, tuple[str, ...], str]
    writers: tuple[Person, ...]
    mails: tuple[Slot, ...]
    unread: tuple[bool, ...]
    me: str
    refs: tuple[str, str]
    named: tuple[datetime, datetime]
    seed: int

    @property
    def last(self) -> int:
        """Which of the values hold: 1 where a second mail corrects the first."""
        return min(len(self.mails), 2) - 1


def clients_of(rng: Stream, life: Life) -> tuple[list[Company], frozenset[str]]:
    """Returns the clients, first those without an unfinished ticket in the life, and the names of the rest.

    Only the first may have a running agreement, or the life would hold another ticket to escalate.
    """
    open_at = {str(row["department"]) for row in life.records("helpdesk.tickets") if row["status"] != "closed"}
    clients = rng.sample(life.draft.clients, len(life.draft.clients))
    clients.sort(key=lambda client: client.name in open_at)
    return clients, frozenset(client.name for client in clients if client.name in open_at)


def draw_others(
    rng: Stream, life: Life, clients: Sequence[Company], busy: frozenset[str], form: str
) -> tuple[tuple[Mapping[str, Any], tuple[Term, ...]], ...]:
    """Draws entry and agreements of clients without a ticket in the story; of the `busy` ones none is running."""
    today = life.now.date()
    draws = [stopped if client.name in busy else rng.choice([running, stopped]) for client in clients]
    return tuple((_entry(life, one), draw(rng, today, form)) for one, draw in zip(clients, draws, strict=True))


def _entry(life: Life, client: Company) -> Mapping[str, Any]:
    """Returns the entry of a client in the customer list."""
    return next(row for row in life.records("crm.customers") if row["customer_id"] == client.customer_id)


def ticket_gap(claims: Claims, before: datetime) -> Slot:
    """Takes a late gap of a ticket before a moment, of office hours if one is near: at night there are only alerts."""
    free = claims.free("helpdesk.tickets", before=before) or claims.free("helpdesk.tickets", before=claims.life.now)
    hours = [slot for slot in free if slot.at.hour in _OFFICE_HOURS]
    near = [slot for slot in hours if slot.at > before - _NEAR]
    waking = [slot for slot in free if slot.at.hour in _WAKING_HOURS]
    return claims.claim("helpdesk.tickets", max(near or waking or free, key=lambda slot: slot.at))


def draw_case(
    rng: Stream,
    life: Life,
    claims: Claims,
    client: Company,
    kinds: Sequence[str],
    terms: tuple[Term, ...],
    *,
    mails: int,
    takeover: bool,
) -> Case:
    """Draws a ticket of a client and so many mails about it; with `takeover` a second person may go on writing."""
    slots = claims.chain(rng, ["workmail.messages"] * mails, before=life.now - _LATELY)
    writers = rng.sample([client.contact, client.billing], 2)
    later = writers[1] if takeover and rng.random() < 1 / 2 else writers[0]
    project = next(project for project in life.draft.projects if project.client == client)
    form = rng.choice(["{}-#####", "#####-{}", "{}#####", "{}/####"]).format(_initials(client.name))
    refs = code(form, rng), code(form, rng)
    while refs[0] == refs[1]:
        refs = code(form, rng), code(form, rng)
    spoken_of = life.now + timedelta(days=rng.randint(5, 30))
    return Case(
        client=client,
        record=_entry(life, client),
        names={
            "c": client.name,
            "p": project.name,
            "part": project.part,
            "n": rng.randint(2, 6),
            "d": _day(spoken_of),
        },
        terms=terms,
        reporter=rng.choice([client.contact, client.billing]),
        ticket=ticket_gap(claims, slots[0].at),
        kind=rng.choice(kinds),
        look=(*_look(rng, life), rng.choice(["medium", "high", "high", "urgent"])),
        writers=(writers[0], *[later] * (mails - 1)),
        mails=tuple(slots),
        unread=tuple(slot.at > life.now - _UNREAD and rng.random() < 1 / 2 for slot in slots),
        me=life.persona.emails["workmail"],
        refs=refs,
        named=_hours(rng, life),
        seed=rng.randrange(10**9),
    )


def escalated(case: Case, page: Page, today: date) -> Case:
    """Returns a case of which the ticket has already what the page wants."""
    row = next(row for row in page.rows if row.kind == case.kind)
    number = next(term.number for term in case.terms if term.runs(today))
    return replace(case, look=(case.look[0], (row.mark, number), row.priority))


def _initials(name: str) -> str:
    return "".join(re.findall(r"\b[A-Za-z]", name)[:3]).upper()


def _look(rng: Stream, life: Life) -> tuple[str, tuple[str, ...]]:
    """Draws category and tag of a ticket among what clients' tickets have in the life."""
    names = {client.name for client in life.draft.clients}
    rows = [row for row in life.records("helpdesk.tickets") if row["department"] in names]
    tags = [tag for row in rows for tag in row["tags"] if tag in _TAGS] or list(_TAGS)
    return str(rng.choice([row["category"] for row in rows] or ["clients"])), (rng.choice(tags),)


def _hours(rng: Stream, life: Life) -> tuple[datetime, datetime]:
    """Draws two hours on different working days ahead."""
    found: list[datetime] = []
    while len(found) < 2:
        day = working_day_after(life.now.date(), rng.randint(*_NAMED_DAYS))
        clock = time(rng.randint(*_NAMED_HOURS), rng.choice(_NAMED_MINUTES))
        fits = day.isoformat() not in life.persona.closed_days and all(day != other.date() for other in found)
        if fits:
            found.append(datetime.combine(day, clock, tzinfo=life.now.tzinfo))
    return found[0], found[1]


def told_case(case: Case) -> list[Told]:
    """Returns the ticket in progress and the mails about it."""
    words = wording(_WORDS)
    kind, rng = words["kinds"][case.kind], stream(case.seed, "case")
    heading, text = rng.choice(kind["tickets"])
    category, tags, priority = case.look
    ticket = _ticket(case, case.ticket, heading, text, category=category, tags=tags, priority=priority)
    subject = render(rng.choice(words["subjects"]), **_said(case, 0), **case.names)
    told = [ticket]
    for n, (slot, writer) in enumerate(zip(case.mails, case.writers, strict=True)):
        body = render(rng.choice(words[("first", "second", "thanks")[n]]), **_said(case, min(n, 1)))
        if n and writer is not case.writers[n - 1]:
            first = case.writers[n - 1].first
            body = f"{render(rng.choice(words['takeover']), first=first)} {body}"
        table, mail = letter_record("workmail", slot, writer, case.me, subject, body, seed=case.seed + n, reply=n > 0)
        told.append((table, {**mail, "is_read": not case.unread[n]}))
    return told


def _said(case: Case, n: int) -> dict[str, str]:
    named = case.named[n]
    return {
        "opened": _day(case.ticket.at),
        "ref": case.refs[n],
        "named": f"{day_text(named, weekday=True)}, {named:%H:%M}",
    }


def _day(at: datetime) -> str:
    return day_text(at).rpartition(" ")[0]


def wish_ticket(case: Case, slot: Slot) -> Told:
    """Returns another ticket of the client, which is nothing but a wish."""
    words, rng = wording(_WORDS), stream(case.seed, "wish")
    category, tags, _ = case.look
    heading, text = rng.choice(words["wishes"])
    return _ticket(case, slot, heading, text, category=category, tags=tags, priority=rng.choice(["low", "medium"]))


def closed_ticket(case: Case, slot: Slot, closed: date) -> Told:
    """Returns an older ticket of the client about the same kind of trouble, which is closed."""
    words, rng = wording(_WORDS), stream(case.seed, "closed")
    kind, (category, tags, _) = words["kinds"][case.kind], case.look
    resolution = render(rng.choice(words["resolutions"]), first=case.reporter.first)
    look: dict[str, Any] = {"category": category, "tags": tags, "priority": rng.choice(["medium", "high"])}
    heading, text = rng.choice(kind["tickets"])
    then = {**case.names, "n": rng.randint(2, 6), "d": _day(slot.at + timedelta(days=rng.randint(5, 20)))}
    earlier = replace(case, names=then)
    return _ticket(earlier, slot, heading, text, **look, closed_at=closed, resolution=resolution)


def _ticket(case: Case, slot: Slot, heading: str, text: str, **look: Any) -> Told:
    by, rng = case.reporter, stream(case.seed, "ticket", slot.id)
    said = title(spoken(render(text, **case.names), by.key, rng))
    return ticket_record(slot, by, title(render(heading, **case.names)), said, **look)
