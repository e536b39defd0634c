"""A meeting of a client and one of a colleague at the same time, with what is told about them, as stories lay it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from claw_gym.life import Person, Slot
from claw_gym.life.text import title
from claw_gym.tasks.family import Told
from claw_gym.tasks.records import event_record, letter_record, said_by, todo_record
from claw_gym.tasks.texts import day_text, month_text, render, wording

__all__ = ["WORDS", "Clash", "events", "mail_of", "mails", "pick", "todos"]

WORDS = "double_booking"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Clash:
    """One matter: a client's meeting and a colleague's that overlap.

    Attributes:
        now: The start of the episode.
        ahead: Slot of the client's meeting that collides.
        movable: Slot of the colleague's.
        before: Slot of a meeting with the same client some time ago.
        earlier: Slot of the colleague's last one.
        swapped: Whether the two entries of the client have changed places, as in the calendar twin.
        todos: Slots of the todo about the movable meeting and of one that is done and about something else.
        todo_swapped: Whether these two have changed places, as in the todo twin.
        colleague: Who called the movable one and offers other times.
        present: Name and address of those in it, the colleague first; `outside` those in the client's.
        own: The person's own addresses.
        offered: The two other times.
        excluded: Which of them the todo rules out, 0 or 1.
        by: Last day to answer, as the todo says.
        settled: Whether the last mail cancels the movable meeting.
    """

    now: datetime
    ahead: Slot
    movable: Slot
    before: Slot
    earlier: Slot
    swapped: bool
    minutes: int
    titles: tuple[str, str]
    places: tuple[str, str]
    me: str
    first_name: str
    own: frozenset[str]
    outside: tuple[str, ...]
    client: Person
    colleague: Person
    present: tuple[tuple[str, str], ...]
    offered: tuple[datetime, datetime]
    excluded: int
    by: date
    mails: tuple[Slot, Slot]
    todos: tuple[Slot, Slot]
    todo_swapped: bool
    settled: bool
    project: str
    seed: int
    words: tuple[int, ...]
    looks: tuple[Mapping[str, Any], ...]
    reply_id: str

    @property
    def live(self) -> bool:
        """Whether something is open."""
        return not self.settled

    @property
    def fixed(self) -> str:
        """Id of the client's meeting that collides."""
        return (self.before if self.swapped else self.ahead).id

    @property
    def todo(self) -> Slot:
        """Slot of the todo about the movable meeting."""
        return self.todos[1 if self.todo_swapped else 0]

    @property
    def target(self) -> datetime:
        """The offered time that works."""
        return self.offered[1 - self.excluded]

    @property
    def inside(self) -> tuple[str, ...]:
        """Who sits in the movable meeting."""
        return self.me, *(address for _, address in self.present)

    @property
    def length(self) -> timedelta:
        """How long the movable meeting takes."""
        return timedelta(minutes=self.minutes)


def pick(options: list[str], number: int) -> str:
    """Returns one of the words, by a number that was drawn."""
    return options[number % len(options)]


def events(matter: Clash) -> tuple[Told, ...]:
    """Returns the two meetings that collide, and the last one of either."""
    (fixed, movable), (room, place) = matter.titles, matter.places
    other = (matter.ahead if matter.swapped else matter.before).id
    outside, inside, length = (matter.me, *matter.outside), matter.inside, matter.length
    return (
        event_record(matter.fixed, matter.ahead.at, _HOUR, fixed, outside, room),
        event_record(other, matter.before.at, _HOUR, fixed, outside, room),
        event_record(matter.movable.id, matter.movable.at, length, movable, inside, place),
        event_record(matter.earlier.id, matter.earlier.at, length, movable, inside, place),
    )


def mails(matter: Clash) -> tuple[Told, Told]:
    """Returns the colleague's offer, and a later mail that quotes it or not, and cancels the meeting or not."""
    words = wording(WORDS)
    one, two = (f"{day_text(item, weekday=True)} at {item:%H:%M}" for item in matter.offered)
    names = {"title": matter.titles[1], "project": matter.project, "one": one, "two": two}
    subject = title(render(pick(words["offer_subjects"], matter.words[0]), **names))
    offer = mail_of(matter, matter.mails[0], subject, render(pick(words["offers"], matter.words[1]), **names))
    last = render(pick(words["cancelled" if matter.settled else "neutral"], matter.words[3]), **names)
    return offer, mail_of(matter, matter.mails[1], subject, last, answers=offer)


def mail_of(matter: Clash, slot: Slot, subject: str, body: str, *, answers: Told | None = None) -> Told:
    """Returns a mail of the colleague, who may quote what it answers."""
    seed, reply = matter.seed + int(answers is not None), answers is not None or subject.startswith("Re: ")
    bare, said = subject.removeprefix("Re: "), said_by(matter.colleague, answers) if answers else None
    return letter_record(
        "workmail", slot, matter.colleague, matter.me, bare, body, seed=seed, reply=reply, answers=said
    )


def todos(matter: Clash) -> tuple[Told, Told]:
    """Returns the todo about the movable meeting, and one that is done and about something else."""
    words, out = wording(WORDS), matter.offered[matter.excluded]
    names = {"title": matter.titles[1], "project": matter.project, "first": matter.colleague.first}
    limits = {
        "not_day": day_text(out, weekday=True),
        "not_date": f"{out.day} {month_text(out)}",
        "not_time": f"{out:%H:%M}",
        "by": day_text(matter.by, weekday=True),
        "by_date": f"{matter.by.day} {month_text(matter.by)}",
        "reason": pick(words["reasons"], matter.words[6]),
    }
    answer = (
        title(render(pick(words["todo_titles"], matter.words[4]), **names)),
        title(render(pick(words["todo_descriptions"], matter.words[5]), **names, **limits)),
    )
    done = (
        render(pick(words["done_titles"], matter.words[7]), project=matter.project, first=matter.client.first),
        pick(words["done_descriptions"], matter.words[8]),
    )
    rest = matter.todos[0 if matter.todo_swapped else 1]
    done_by = matter.todos[1].at.date().isoformat()
    told = (
        todo_record(matter.todo, *answer, status="pending", due=matter.by.isoformat(), tag="", priority=""),
        todo_record(rest, *done, status="completed", due=done_by, tag="", priority=""),
    )
    one, two = ((table, {**plain, **look}) for (table, plain), look in zip(told, matter.looks, strict=True))
    return one, two
