"""Who is in a meeting, and what the address book says of them: where somebody works for now, who keeps whose diary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from claw_gym.core.seeding import Stream
from claw_gym.life import Person, Project, Slot
from claw_gym.life.cast import LOCALES, slug
from claw_gym.life.loaded import Claims, Life
from claw_gym.life.text import code
from claw_gym.tasks.coming_days import WORKING_DAYS
from claw_gym.tasks.family import Told
from claw_gym.tasks.meeting_times import City, draw_cities
from claw_gym.tasks.records import contact_record
from claw_gym.tasks.texts import month_text, render, wording

__all__ = ["Entry", "Group", "draw_group", "full_time"]

_WORDS = "reschedule_meeting"
_CLIENT_CHANCE = 0.5
_UNTIL_DAYS = (60, 150)


@dataclass(frozen=True)
class Entry:
    """An entry of the address book, its note said in words number `word`, with a month where one is needed."""

    record: Mapping[str, Any]
    word: int
    until: str

    def elsewhere(self, city: City, now: datetime, *, told: bool) -> Told:
        """Returns the entry of somebody who works elsewhere; the note says by how much clocks differ if `told`."""
        words = wording(_WORDS)
        minutes = round(city.ahead(now).total_seconds() / 60)
        ahead = f"{words['ahead'][abs(minutes)]} {'ahead' if minutes > 0 else 'behind'}"
        forms = words["elsewhere"][self.word % len(words["elsewhere"])]
        note = render(forms[0 if told else 1], city=city.name, month=self.until, ahead=ahead)
        return "contacts.contacts", {**self.record, "location": city.name, "note": note}

    def kept(self, keeper: str) -> Told:
        """Returns the entry of somebody whose diary is kept by somebody else."""
        options = wording(_WORDS)["keepers"]
        note = render(options[self.word % len(options)], keeper=keeper)
        return contact_record(self.record, note[:1].upper() + note[1:])

    def plain(self) -> Told:
        """Returns the entry without a note."""
        return "contacts.contacts", self.record


@dataclass(frozen=True)
class Group:
    """Who is in a meeting and who might be taken for them.

    Attributes:
        mover: Who cannot come and offers other times.
        remote: Who works elsewhere.
        third: Who is out on some days; None for nobody.
        kept: Which of them does not get mail about dates, and
        keeper: who gets it instead; `other_keeper` keeps the diary of a bystander.
        entries: Entries of `remote`, `kept`, somebody else elsewhere and somebody else with a keeper.
        namesakes: Entries of others with the first names of `remote` and of `keeper`.
        bystander_city: Where the somebody else is.
        aside: Who writes about the similar meeting.
    """

    mover: Person
    remote: Person
    third: Person | None
    kept: Person
    keeper: Person
    other_keeper: Person
    entries: tuple[Entry, Entry, Entry, Entry]
    namesakes: tuple[Entry, Entry]
    bystander_city: City
    aside: Person

    @property
    def others(self) -> tuple[Person, ...]:
        """Everybody in the meeting but the person."""
        return tuple(one for one in (self.mover, self.remote, self.third) if one)

    @property
    def told(self) -> frozenset[str]:
        """The addresses that get word about dates."""
        reached = (self.keeper if one is self.kept else one for one in self.others)
        return frozenset(one.email.lower() for one in reached)

    def swapped(self) -> Group:
        """Returns the group in which the two keepers have changed places."""
        return replace(self, keeper=self.other_keeper, other_keeper=self.keeper)

    def entry_texts(self, city: City, other: City, now: datetime, *, easy: bool) -> tuple[list[Told], list[Told]]:
        """Returns the entries that count and the others; an easy note has full names and says how clocks differ."""
        remote, kept, elsewhere, diary = self.entries
        namesake, other_namesake = self.namesakes
        return (
            [remote.elsewhere(city, now, told=easy), kept.kept(_said(self.keeper, easy=easy))],
            [
                namesake.elsewhere(other, now, told=easy),
                other_namesake.plain(),
                elsewhere.elsewhere(self.bystander_city, now, told=easy),
                diary.kept(_said(self.other_keeper, easy=easy)),
            ],
        )


def _said(person: Person, *, easy: bool) -> str:
    """Returns how a note names a colleague: in full, or so that a namesake has to be told apart by the department."""
    if easy:
        return person.name
    short: str = wording(_WORDS)["keeper_short"]
    return render(short, first=person.name.split()[0], department=person.department)


def draw_group(
    rng: Stream, life: Life, claims: Claims, project: Project, *, third: bool, aside_by_mover: bool
) -> Group:
    """Draws who is in a meeting about a project, their entries, and namesakes in gaps of the address book."""
    mover, inside, keeper, other_keeper, diary, away, aside, more = rng.sample(full_time(life), 8)
    outside = rng.random() < _CLIENT_CHANCE
    remote = project.client.contact if outside else more
    clients = [company.contact for company in life.draft.clients if company is not project.client]
    kept = rng.choice([mover, inside]) if third else mover
    stands_for = (remote, kept, rng.choice(clients) if outside else away, diary)
    by_email = {str(record["email"]): record for record in life.records("contacts.contacts")}
    entries = [Entry(by_email[one.email], rng.randrange(60), _until(rng, life)) for one in stands_for]
    slots = rng.sample(claims.free("contacts.contacts"), 2)
    families = rng.sample(wording(_WORDS)["families"], 2)
    namesakes = [
        _namesake(rng, life, claims.claim("contacts.contacts", slot), one, family)
        for slot, one, family in zip(slots, (remote, keeper), families, strict=True)
    ]
    return Group(
        mover=mover,
        remote=remote,
        third=inside if third else None,
        kept=kept,
        keeper=keeper,
        other_keeper=other_keeper,
        entries=(entries[0], entries[1], entries[2], entries[3]),
        namesakes=(namesakes[0], namesakes[1]),
        bystander_city=draw_cities(rng, life.now)[0],
        aside=mover if aside_by_mover else aside,
    )


def full_time(life: Life) -> list[Person]:
    """Returns the colleagues who work all week: others would not offer just any day."""
    colleagues = (one for one in life.draft.people if one.group == "colleague")
    return [one for one in colleagues if len(one.weekdays) == len(WORKING_DAYS)]


def _until(rng: Stream, life: Life) -> str:
    return month_text(life.now + timedelta(days=rng.randint(*_UNTIL_DAYS)))


def _namesake(rng: Stream, life: Life, slot: Slot, person: Person, family: str) -> Entry:
    """Draws the entry of somebody at a supplier who has the first name of `person`."""
    first, company = person.name.split()[0], rng.choice(life.draft.suppliers)
    contacts = {one.contact.email for one in life.draft.suppliers}
    like = rng.choice([row for row in life.records("contacts.contacts") if row["email"] in contacts])
    record = {
        "contact_id": slot.id,
        "name": f"{first} {family}",
        "department": company.name,
        "title": like["title"],
        "email": f"{slug(first)}.{slug(family)}@{company.domain}",
        "phone": code(LOCALES[life.persona.country][1], rng),
        "location": like["location"],
        "note": like["note"],
    }
    return Entry(record, rng.randrange(60), _until(rng, life))
