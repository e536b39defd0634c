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
from claw_gym.life.text import codes, title
from claw_gym.life.voice import spoken
from claw_gym.tasks.agreements import Page, Term, running, stopped
from claw_gym.tasks.coming_days import working_day_after
from claw_gym.tasks.family import Told
from claw_gym.tasks.records import letter_record, ticket_record
from claw_gym.tasks.texts import day_text, render, wording

__all__ = [
    "Case",
    "Closed",
    "clients_of",
    "closed_ticket",
    "draw_case",
    "draw_categories",
    "draw_closed",
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
_LONG_AGO = timedelta(days=6)
# How many days before the first mail about it a ticket may be, at least.
_WAITED = (0, 0, 0, 0, 5, 20)
_ENDING_CHANCE = 0.4
# So much farther away a gap may be for the sake of office hours.
_ODD_HOUR = timedelta(days=80)


Looks = Mapping[str, tuple[str, tuple[str, ...]]]
"""Kind of trouble -> category and tags of a ticket about it."""


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
        looks: for any kind, category and tags that such a ticket has.
        priority: Its priority.
        marked: The tags it has got in place of its own; none where it was not escalated.
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
    looks: Looks
    priority: str
    marked: tuple[str, ...]
    writers: tuple[Person, ...]
    mails: tuple[Slot, ...]
    unread: tuple[bool, ...]
    me: str
    refs: tuple[str, ...]
    named: tuple[datetime, datetime]
    seed: int

    @property
    def last(self) -> int:
        """Which of the values hold: 1 where a second mail corrects the first."""
        return min(len(self.mails), 2) - 1

    @property
    def look(self) -> tuple[str, tuple[str, ...], str]:
        """Category, tags and priority of the ticket."""
        category, tags = self.looks[self.kind]
        return category, self.marked or tags, self.priority


@dataclass(frozen=True)
class Closed:
    """An older ticket of a client, closed on a day: about a kind of trouble, with what its texts may name."""

    reporter: Person
    names: Mapping[str, Any]
    kind: str
    looks: Looks
    ticket: Slot
    day: date
    seed: int


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
    categories: Mapping[str, str],
    terms: tuple[Term, ...],
    *,
    mails: int,
    takeover: bool,
) -> Case:
    """Draws a ticket of a client and so many mails about it; with `takeover` a second person may go on writing."""
    slots = claims.chain(rng, ["workmail.messages"] * mails, before=life.now - _LATELY)
    writers = rng.sample([client.contact, client.billing], 2)
    later = writers[1] if takeover and rng.random() < 1 / 2 else writers[0]
    form = rng.choice(["{}-#####", "#####-{}", "{}#####", "{}/####"]).format(_initials(client.name))
    refs = codes(form, rng, 2)
    return Case(
        client=client,
        record=_entry(life, client),
        names=_names(rng, life, client, life.now + timedelta(days=rng.randint(5, 30))),
        terms=terms,
        reporter=rng.choice([client.contact, client.billing]),
        ticket=ticket_gap(claims, slots[0].at - timedelta(days=rng.choice(_WAITED))),
        kind=rng.choice(list(categories)),
        looks=_looks(rng, life, categories, closed=False),
        priority=rng.choice(["medium", "high", "high", "urgent"]),
        marked=(),
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
    return replace(case, priority=row.priority, marked=(row.mark, number))


def draw_closed(
    rng: Stream,
    life: Life,
    claims: Claims,
    clients: Sequence[Company],
    categories: Mapping[str, str],
    case: Case,
    count: int,
) -> tuple[Closed, ...]:
    """Draws closed tickets: one of a case's client about the same kind of trouble, the others of any client and kind.

    They lie where the life has such tickets, and so many are left out that a small life keeps gaps.
    """
    found: list[Closed] = []
    count = min(count, len(claims.free("helpdesk.tickets", before=life.now - _LONG_AGO)) - 1)
    usual = set(categories.values())
    rows = [row for row in life.records("helpdesk.tickets") if row["status"] == "closed"]
    rows = [row for row in rows if row["category"] in usual] or rows
    for n in range(count):
        client = rng.choice(clients) if n else case.client
        wanted = datetime.fromisoformat(rng.choice(rows)["created_at"])
        slot = _gap_near(claims, min(wanted, case.ticket.at) if n == 0 else wanted)
        at = slot.at + timedelta(days=rng.randint(5, 20))
        found.append(
            Closed(
                reporter=rng.choice([client.contact, client.billing]) if n else case.reporter,
                names=_names(rng, life, client, at),
                kind=rng.choice(list(categories)) if n else case.kind,
                looks=_looks(rng, life, categories, closed=True),
                ticket=slot,
                day=working_day_after(slot.at.date(), rng.randint(1, 3)),
                seed=rng.randrange(10**9),
            )
        )
    return tuple(found)


def _gap_near(claims: Claims, wanted: datetime) -> Slot:
    """Takes the gap of a ticket near a moment, of office hours rather than the nearest, and long enough ago."""
    free = claims.free("helpdesk.tickets", before=claims.life.now - _LONG_AGO)

    def away(slot: Slot) -> tuple[timedelta, str]:
        hour = slot.at.hour
        odd = 0 if hour in _OFFICE_HOURS else 1 if hour in _WAKING_HOURS else 3
        return abs(slot.at - wanted) + odd * _ODD_HOUR, slot.id

    return claims.claim("helpdesk.tickets", min(free, key=away))


def _initials(name: str) -> str:
    return "".join(re.findall(r"\b[A-Za-z]", name)[:3]).upper()


def _names(rng: Stream, life: Life, client: Company, day: datetime) -> Mapping[str, Any]:
    """Draws what texts about a client's trouble may name; `day` is one to come then."""
    project = next(project for project in life.draft.projects if project.client == client)
    names = {"c": client.name, "p": project.name, "part": project.part}
    return {**names, "n": rng.randint(2, 6), "d": _day(day)}


def draw_categories(rng: Stream, life: Life, kinds: Sequence[str]) -> Mapping[str, str]:
    """Draws under which category the helpdesk files each kind of trouble.

    It is one that fits and has waiting tickets, if there is any, else one that clients' tickets have.
    """
    words, rows = wording(_WORDS), life.records("helpdesk.tickets")
    names = {client.name for client in life.draft.clients}
    usual = [str(row["category"]) for row in rows if row["department"] in names] or ["clients"]
    open_now = [row for row in rows if row["status"] != "closed"]
    waiting = sorted({str(row["category"]) for row in open_now if row["department"] in names})
    found = {}
    for kind in kinds:
        fit = {text.lower() for text in (*words["any_categories"], *words["kinds"][kind]["categories"])}
        found[kind] = rng.choice([one for one in waiting if one.lower() in fit] or usual)
    return found


def _looks(rng: Stream, life: Life, categories: Mapping[str, str], *, closed: bool) -> Looks:
    """Draws tags for each kind of trouble, as many as a ticket of the life has, beside its category."""
    rows = [row for row in life.records("helpdesk.tickets") if (row["status"] == "closed") == closed]
    rows = [row for row in rows if row["category"] in categories.values()] or rows
    own = [tag for row in rows for tag in row["tags"] if tag in _TAGS] or list(_TAGS)
    # Of two tags one says that it is a client's and the other what it is about; of one it may be either.
    looks = {}
    for kind, category in categories.items():
        many = [len(row["tags"]) for row in rows if row["category"] == category] or [1]
        count = rng.choice(many)
        tags = (rng.choice(own), rng.choice(wording(_WORDS)["kinds"][kind]["tags"]))
        looks[kind] = category, tags if count > 1 else (rng.choice(tags),)
    return looks


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
        "named": f"{_day(named)}, {named:%H:%M}",
    }


def _day(at: datetime) -> str:
    return day_text(at).rpartition(" ")[0]


def wish_ticket(case: Case, slot: Slot) -> Told:
    """Returns another ticket of the client, which is nothing but a wish."""
    words, rng = wording(_WORDS), stream(case.seed, "wish")
    category, tags = case.looks[case.kind]
    heading, text = rng.choice(words["wishes"])
    # A wish is no trouble of any kind, so that its tags say only that it is a client's.
    tags = tuple(tag for tag in tags if tag in _TAGS) or _TAGS[:1]
    return _ticket(case, slot, heading, text, category=category, tags=tags, priority=rng.choice(["low", "medium"]))


def closed_ticket(closed: Closed) -> Told:
    """Returns an older ticket, which is closed."""
    words, rng = wording(_WORDS), stream(closed.seed, "closed")
    category, tags = closed.looks[closed.kind]
    heading, text = rng.choice(words["kinds"][closed.kind]["tickets"])
    if rng.random() < _ENDING_CHANCE:
        text = f"{text} {rng.choice(words['ticket_endings'])}"
    names = {"first": closed.reporter.first, "c": closed.names["c"], "n": closed.names["n"]}
    resolution = render(rng.choice(words["resolutions"]), **names)
    look: dict[str, Any] = {"category": category, "tags": tags, "priority": rng.choice(["medium", "high"])}
    return _ticket(closed, closed.ticket, heading, text, **look, closed_at=closed.day, resolution=resolution)


def _ticket(case: Case | Closed, slot: Slot, heading: str, text: str, **look: Any) -> Told:
    by, rng = case.reporter, stream(case.seed, "ticket", slot.id)
    said = title(spoken(render(text, **case.names), by.key, rng))
    return ticket_record(slot, by, title(render(heading, **case.names)), said, **look)
