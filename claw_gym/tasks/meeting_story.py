"""A meeting that has to move, as a story lays it: what stands in the calendar, and the mails of those in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from claw_gym.core.seeding import Stream, stream
from claw_gym.life import Person, Slot
from claw_gym.life.loaded import Life
from claw_gym.life.text import title
from claw_gym.tasks.family import Told
from claw_gym.tasks.meeting_people import Group, full_time
from claw_gym.tasks.meeting_times import Times
from claw_gym.tasks.records import event_record, letter_record
from claw_gym.tasks.texts import day_text, month_text, render, wording

__all__ = ["WORDS", "Block", "Params", "draw_block", "draw_title", "places_of", "told_aside", "told_meeting"]

WORDS = "reschedule_meeting"

_UNREAD = timedelta(days=2)
_UNREAD_CHANCE = 0.5


@dataclass(frozen=True)
class Block:
    """Something else in the calendar: its title, who is in it besides the person, and where."""

    title: str
    attendees: tuple[str, ...]
    place: str


@dataclass(frozen=True)
class Params:
    """Everything that varies.

    Attributes:
        times: When the meeting stands and what decides where it goes.
        group: Who is in it, and what the address book says.
        meeting: The meeting, and
        similar: another one on the same project, about its `other_part`.
        blocks: What the person has when a time collides.
        mails: Slots of the mails about it, in order of time: the offer, the hours, the days of the third person if
            there is one, the change of the offer, and the third person's change if there is one.
        aside: Slots of the two mails about the similar meeting.
        own: The person's own addresses.
        words: Which of the wordings are used.
    """

    now: datetime
    difficulty: int
    times: Times
    group: Group
    meeting: Block
    similar: Block
    blocks: tuple[Block, ...]
    project: str
    part: str
    other_part: str
    mails: tuple[Slot, ...]
    aside: tuple[Slot, Slot]
    me: str
    first_name: str
    own: frozenset[str]
    seed: int
    words: tuple[int, ...]

    def said(self, name: str, number: int, **names: Any) -> str:
        """Returns one of the wordings `name`, drawn by the word of that number."""
        options = wording(WORDS)[name]
        return render(options[self.words[number] % len(options)], **names)

    @property
    def attendees(self) -> tuple[str, ...]:
        """Addresses of all in the meeting."""
        return self.me, *self.meeting.attendees

    @property
    def end(self) -> datetime:
        """When the meeting ends at its new time."""
        return self.times.target + self.times.length


def places_of(life: Life) -> list[str]:
    """Returns where the person meets colleagues, one place for each title; "" where none is named."""
    inside = {one.email for one in life.draft.people if one.group == "colleague"}
    rows = (row for row in life.records("calendar.events") if inside.intersection(row["attendees"]))
    return list({str(row["title"]): str(row["location"]) for row in rows}.values())


def draw_title(rng: Stream, life: Life, project: str, part: str) -> str:
    """Draws a title that no other entry of the calendar has."""
    known = life.seen("calendar.events", "title")
    found = [title(render(text, project=project, part=part)) for text in wording(WORDS)["titles"]]
    return rng.choice([text for text in found if text not in known])


def draw_block(rng: Stream, life: Life, text: str) -> Block:
    """Draws something else the person has to do, with whomever its title names."""
    colleague = rng.choice(full_time(life))
    project = rng.choice(life.draft.projects)
    names = {"first": colleague.first, "client": project.client.name, "test": project.test}
    found = title(render(text, **names, material=project.material, product=project.product))
    named = {"first": colleague.email, "client": project.client.contact.email}
    attendees = tuple(address for name, address in named.items() if f"{{{{ {name} }}}}" in text)
    return Block(found, attendees, rng.choice(places_of(life)))


def told_meeting(params: Params) -> list[Told]:
    """Returns the entry of the meeting, those that collide, and the mails about it."""
    times = params.times
    busy = [
        _entry(params, slot, timedelta(minutes=minutes), block)
        for (slot, minutes), block in zip(times.busy, params.blocks, strict=True)
    ]
    return [_entry(params, times.old, times.length, params.meeting), *busy, *_mails(params)]


def told_aside(params: Params) -> list[Told]:
    """Returns the meeting's last round, and the similar meeting with its mails."""
    times = params.times
    return [
        _entry(params, times.earlier, times.length, replace(params.meeting, attendees=params.meeting.attendees[:1])),
        _entry(params, times.similar, times.length, params.similar),
        *_aside(params),
    ]


def _entry(params: Params, slot: Slot, length: timedelta, block: Block) -> Told:
    return event_record(slot.id, slot.at, length, block.title, (params.me, *block.attendees), block.place)


def _date(at: datetime) -> str:
    return f"{at.day} {month_text(at)}"


def _at(at: datetime) -> str:
    return f"{_date(at)} at {_clock(at)}"


def _clock(at: datetime) -> str:
    return f"{at.hour}:{at:%M}"


def _day(at: date) -> str:
    return day_text(at, weekday=True)


def _listed(items: Sequence[str], last: str) -> str:
    return f" {last} ".join(filter(None, (", ".join(items[:-1]), items[-1])))


def _mails(params: Params) -> list[Told]:
    """Returns the mails about the meeting in order of time."""
    times, group, name = params.times, params.group, params.meeting.title
    gone, instead = times.change
    hours = [f"{_date(low)} {_clock(low)}-{_clock(high)}" for low, high in times.hours]
    names = {"title": name, "old": _day(times.old.at), "gone": _at(gone), "instead": _at(instead)}
    offered = [f"{_date(at)} {_clock(at)}" for at in times.first]
    names |= {"times": _listed(offered, "or"), "hours": _listed(hours, "and")}
    days, before = (_listed([_day(day) for day in days] or [""], "and") for days in (times.away, times.no_longer))
    names |= {"days": days, "before": before}
    offer, own_hours, away = (
        params.said(f"{kind}_subjects", n, project=params.project, part=title(params.part))
        for n, kind in ((5, "offer"), (6, "hours"), (7, "away"))
    )
    mails = [(group.mover, offer, params.said("offers", 8, **names), False)]
    mails += [(group.remote, own_hours, params.said("hours", 9, **names), False)]
    if group.third:
        first = {**names, "days": before or days}
        mails += [(group.third, away, params.said("aways", 10, **first), False)]
    mails += [(group.mover, offer, params.said("changes", 11, **names), True)]
    if group.third and before:
        mails += [(group.third, away, params.said("away_changes", 12, **names), True)]
    return [_letter(params, slot, n, *mail) for n, (slot, mail) in enumerate(zip(params.mails, mails, strict=True))]


def _aside(params: Params) -> list[Told]:
    """Returns the mails about the similar meeting, which stays where it is."""
    sender, name, old = params.group.aside, params.similar.title, params.times.similar.at
    one, two = (_at(at) for at in params.times.aside)
    names = {"title": name, "old": _day(old), "one": one, "two": two}
    subject = params.said("aside_subjects", 13, project=params.project, part=title(params.other_part))
    first, second = params.aside
    return [
        _letter(params, first, 10, sender, subject, params.said("asides", 14, **names), False),
        _letter(params, second, 11, sender, subject, params.said("aside_endings", 15, **names), True),
    ]


def _letter(params: Params, slot: Slot, number: int, sender: Person, subject: str, body: str, reply: bool) -> Told:
    seed = params.seed + number
    table, mail = letter_record("workmail", slot, sender, params.me, subject, body, seed=seed, reply=reply)
    lately = slot.at > params.now - _UNREAD
    return table, {**mail, "is_read": not (lately and stream(seed, "unread").random() < _UNREAD_CHANCE)}
