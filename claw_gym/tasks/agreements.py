"""Agreements with clients, and what lives hold about them: pages of rules, notes on clients, notes on who leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar

from claw_gym.core.seeding import Stream, stream
from claw_gym.life import Slot
from claw_gym.life.loaded import Claims, Life
from claw_gym.life.text import MONTHS, code, title
from claw_gym.tasks.family import Told
from claw_gym.tasks.records import contact_record, customer_record
from claw_gym.tasks.texts import day_text, render, wording

__all__ = [
    "Lead",
    "Page",
    "Row",
    "Term",
    "client_note",
    "draw_leads",
    "draw_pages",
    "exchanged",
    "handed_back",
    "in_force",
    "lead_note",
    "pick",
    "running",
    "stopped",
]

T = TypeVar("T")

_WORDS = "escalate_vip_ticket"
_PRIORITIES = ("high", "urgent", "critical")
_HEAD_STARTS = range(75, 290, 5)
_HOUR = 60
# Where such a page would stand, among the categories that a life has.
_CATEGORIES = ("clients", "communications", "conduct", "events", "meetings", "office", "people", "support", "systems")
# Days from today within which a page begins to hold: one that was replaced, the one in force, one to come.
_SINCE = ((-300, -70), (-60, -6), (8, 45))


@dataclass(frozen=True)
class Term:
    """An agreement of a client: its number, first and last day, and the day on which it ended early, if it did."""

    number: str
    start: date
    end: date
    cut: date | None = None

    def runs(self, today: date) -> bool:
        """Tells whether it is running."""
        return self.start <= today <= self.end and (self.cut is None or self.cut > today)


def running(rng: Stream, today: date, form: str) -> tuple[Term, ...]:
    """Draws the agreements of a client of whom the last one runs; `form` is that of numbers, as `code` reads it."""
    start = today - timedelta(days=rng.randint(15, 200))
    now = Term(code(form, rng), start, today + timedelta(days=rng.randint(20, 300)))
    return (_before(rng, start, form), now)


def stopped(rng: Stream, today: date, form: str, *, cut: bool = False) -> tuple[Term, ...]:
    """Draws agreements that are over, or still to come; with `cut` the last one would run had it not ended early."""
    if cut:
        start = today - timedelta(days=rng.randint(60, 200))
        early = today - timedelta(days=rng.randint(6, 40))
        term = Term(code(form, rng), start, today + timedelta(days=rng.randint(40, 200)), early)
        return (_before(rng, start, form), term)
    over = _before(rng, today - timedelta(days=rng.randint(5, 60)), form)
    start = today + timedelta(days=rng.randint(8, 60))
    coming = Term(code(form, rng), start, start + timedelta(days=rng.randint(150, 365)))
    return rng.choice([(over,), (coming,), (over, coming), (_before(rng, over.start, form), over)])


def _before(rng: Stream, start: date, form: str) -> Term:
    end = start - timedelta(days=rng.randint(1, 25))
    return Term(code(form, rng), end - timedelta(days=rng.randint(120, 364)), end)


def client_note(record: Mapping[str, Any], terms: Sequence[Term], agreement: str, word: int) -> Told:
    """Returns a client's entry in the customer list, with the agreements in its notes."""
    words = wording(_WORDS)
    whole, part = pick(words["term_notes"], word)
    spans = []
    for term in terms:
        span = render(part, number=term.number, start=_short(term.start), end=_short(term.end))
        spans.append(f"{span} ({pick(words['cut_notes'], word)} {_short(term.cut)})" if term.cut else span)
    # One line for all of them, or one for each: a list of customers is kept by many hands.
    lines = spans if word % 2 else ["; ".join(spans)]
    notes = [render(whole, agreement=agreement, Agreement=title(agreement), spans=line) for line in lines]
    return customer_record(record, *notes)


@dataclass(frozen=True)
class Row:
    """What a page says of one kind of trouble; `head_start` is in minutes, `spelt` tells whether it stands in hours."""

    kind: str
    what: int
    priority: str
    mark: str
    head_start: int
    spelt: bool

    @property
    def lead_text(self) -> str:
        """The head start as the page has it."""
        hours, minutes = divmod(self.head_start, _HOUR)
        if not self.spelt:
            return f"{self.head_start} minutes"
        said = f"{hours} hour{'s' if hours > 1 else ''}"
        return f"{said} and {minutes} minutes" if minutes else said


@dataclass(frozen=True)
class Page:
    """An article on what agreements mean for tickets, in force from `since` until a later one is.

    `length` is how many characters it has, if what it has to say is not longer.
    """

    slot: Slot
    title: str
    since: date
    rows: tuple[Row, ...]
    author: str
    category: str
    tags: tuple[str, ...]
    words: tuple[int, ...]
    length: int

    def told(self, agreement: str, role: str) -> Told:
        """Returns the article."""
        words = wording(_WORDS)
        parts = ("scope", "valid", "rule", "head_start")
        names = {"agreement": agreement, "role": role, "day": day_text(self.since)}
        said = {part: render(pick(words[part], n), **names) for part, n in zip(parts, self.words, strict=False)}
        rows = [
            render(
                pick(words["rows"], self.words[-1]),
                kind=row.kind,
                Kind=title(row.kind),
                what=pick(words["kinds"][row.kind]["what"], row.what),
                priority=row.priority,
                mark=row.mark,
                lead=row.lead_text,
            )
            for row in self.rows
        ]
        head = [f"{said['scope']} {said['valid']}", said["rule"]]
        tail = [" ".join(rows), said["head_start"]]
        # As pages have it: three or four paragraphs, no lists.
        text = "\n\n".join([*head, *(tail if self.words[0] % 2 else [" ".join(tail)])])
        for aside in stream(self.length, "asides", self.slot.id).sample(words["asides"], len(words["asides"])):
            # As pages do, some say more than they have to.
            text = f"{text} {aside}" if len(text) + len(aside) < self.length else text
        return "kb.articles", {
            "article_id": self.slot.id,
            "title": render(self.title, agreement=agreement, Agreement=title(agreement)),
            "category": self.category,
            "tags": list(self.tags),
            "content": text,
            "author": self.author,
            "last_updated": self.slot.at.date().isoformat(),
        }


def draw_pages(rng: Stream, life: Life, claims: Claims, kinds: Sequence[str], count: int) -> tuple[Page, ...]:
    """Draws pages that say different things of the same kinds: one replaced, the one in force, one to come.

    Which of them was edited last has nothing to do with which is in force.

    Args:
        rng: Draws them.
        life: The life.
        claims: What the story has taken.
        kinds: The kinds of trouble.
        count: 2 or 3; with 2 none is to come.
    """
    words, today = wording(_WORDS), life.now.date()
    slots = _days_apart(rng, life, claims, count)
    titles = rng.sample(words["page_titles"], count)
    authors = rng.sample([person.name for person in life.draft.people if person.group == "colleague"], count)
    heads = iter(rng.sample(_HEAD_STARTS, count * len(kinds)))
    numbers = iter(rng.sample(range(11, 99), count * len(kinds)))
    mark, first = rng.choice(words["marks"]), rng.randrange(len(_PRIORITIES))
    seen = life.seen("kb.articles", "category")
    many = [len(row["tags"]) for row in life.records("kb.articles")]
    category = rng.choice([one for one in seen if one.lower() in _CATEGORIES] or seen)
    pages = []
    for n in range(count):
        rows = [
            Row(
                kind,
                rng.randrange(60),
                _PRIORITIES[(first + place + n) % len(_PRIORITIES)],
                f"{mark}-{next(numbers)}",
                next(heads),
                rng.random() < 1 / 2,
            )
            for place, kind in enumerate(kinds)
        ]
        since = today + timedelta(days=rng.randint(*_SINCE[n]))
        tags = ("tickets", rng.choice(["clients", "agreements", "escalation"]))[: rng.choice(many)]
        says = tuple(rng.randrange(60) for _ in range(5))
        slot = claims.claim("kb.articles", slots[n])
        rng.shuffle(rows)
        length = len(rng.choice(life.records("kb.articles"))["content"])
        pages.append(Page(slot, titles[n], since, tuple(rows), authors[n], category, tags, says, length))
    return tuple(pages)


def _days_apart(rng: Stream, life: Life, claims: Claims, count: int) -> list[Slot]:
    """Draws gaps of pages on days on which no other page was edited, if there are so many."""
    free = claims.free("kb.articles", before=life.now)
    taken = {str(row["last_updated"]) for row in life.records("kb.articles")}
    alone = {slot.at.date(): slot for slot in free if slot.at.date().isoformat() not in taken}
    return rng.sample(list(alone.values()) if len(alone) >= count else free, count)


def in_force(pages: Sequence[Page], today: date) -> Page:
    """Returns the page that began to hold last."""
    return max((page for page in pages if page.since <= today), key=lambda page: page.since)


def exchanged(pages: Sequence[Page], one: Page, other: Page) -> tuple[Page, ...]:
    """Returns the pages with the first days of two exchanged."""
    days = {one.slot.id: other.since, other.slot.id: one.since}
    return tuple(replace(page, since=days.get(page.slot.id, page.since)) for page in pages)


@dataclass(frozen=True)
class Lead:
    """Somebody of the house who takes over tickets of a kind, from a day to a day; `contact` is in the address book."""

    contact: Mapping[str, Any]
    kind: str
    start: date
    end: date

    @property
    def id(self) -> str:
        """Id of the contact."""
        return str(self.contact["contact_id"])


def draw_leads(rng: Stream, life: Life, kinds: Sequence[str], coming: Sequence[str]) -> tuple[Lead, ...]:
    """Draws who leads for each kind now and who did before, and for those `coming` who will next; all different."""
    colleagues = {person.email for person in life.draft.people if person.group == "colleague"}
    book = [record for record in life.records("contacts.contacts") if record["email"] in colleagues]
    people = iter(rng.sample(book, 2 * len(kinds) + len(coming)))
    today, leads = life.now.date(), []
    for kind in kinds:
        start = today - timedelta(days=rng.randint(6, 70))
        end = today + timedelta(days=rng.randint(15, 150))
        leads.append(Lead(next(people), kind, start, end))
        leads.append(Lead(next(people), kind, start - timedelta(days=rng.randint(90, 240)), start - timedelta(days=1)))
        if kind in coming:
            first = end + timedelta(days=1)
            leads.append(Lead(next(people), kind, first, first + timedelta(days=rng.randint(90, 240))))
    return tuple(leads)


def handed_back(leads: Sequence[Lead], now: Lead) -> tuple[Lead, ...]:
    """Returns the leads as if `now` and who led last before had the other's time."""
    before = max((one for one in leads if one.kind == now.kind and one.end < now.start), key=lambda one: one.end)
    people = {now.start: before.contact, before.start: now.contact}
    return tuple(
        replace(one, contact=people.get(one.start, one.contact)) if one.kind == now.kind else one for one in leads
    )


def lead_note(lead: Lead, role: str, word: int, today: date) -> Told:
    """Returns the entry of somebody in the address book, with what they lead and when in the note."""
    start, end = _short(lead.start), _short(lead.end)
    # Of a start nearby nobody says the year.
    since = start.rpartition(" ")[0] if lead.start.year == today.year else start
    said = {"role": role, "Role": title(role), "kind": lead.kind, "start": start, "end": end, "since": since}
    if lead.start.year == lead.end.year:
        said["start"] = start.rpartition(" ")[0]
    when = "over" if lead.end < today else "running" if lead.start <= today else "coming"
    note = render(pick(wording(_WORDS)["lead_notes"][when], word), **said)
    return contact_record(lead.contact, note)


def _short(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def pick(options: Sequence[T], number: int) -> T:
    """Returns one of some wordings by a number of any size."""
    return options[number % len(options)]
