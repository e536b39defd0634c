"""A meeting has to move: find the one time that suits everybody, move it, tell those who have to be told.

Mechanism: a superseded constraint, a clock elsewhere, a dependency. Work mail says when the others can, some of it
taken back later; one of them tells hours on another clock, and only the address book says on which, and who keeps
whose diary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from claw_gym.core.seeding import Stream, stream
from claw_gym.core.tool import ToolCall
from claw_gym.life import Slot
from claw_gym.life.loaded import Claims, Life
from claw_gym.life.text import title
from claw_gym.tasks.family import Story, TaskFamily, Told
from claw_gym.tasks.meeting_people import Group, draw_group, full_time
from claw_gym.tasks.meeting_times import Times, draw_times
from claw_gym.tasks.records import event_record, letter_record
from claw_gym.tasks.solving import mails_of
from claw_gym.tasks.success import Check, Success, no_collateral
from claw_gym.tasks.task import Episode, OracleTurns
from claw_gym.tasks.texts import day_text, render, wording
from claw_gym.tasks.values import Mentions, addresses_in, recipients
from claw_gym.world.effects import Effect
from claw_gym.world.moments import parse_moment

__all__ = ["RescheduleMeeting"]

_WORDS = "reschedule_meeting"
_THIRD_FROM = 3
_HARD_FROM = 4
_TAKEN_BACK_FROM = 5
_SEARCH_DAYS = 90
_AHEAD_DAYS = 28
_WINDOW_DAYS = 7
_UNREAD = timedelta(days=2)
_UNREAD_CHANCE = 0.5
_MAILS_EACH = 2


class Answer(BaseModel):
    """The typed answer."""

    model_config = ConfigDict(extra="forbid")

    new_start: Annotated[str, Field(description="when the meeting starts now, such as 2026-03-04T14:00:00+01:00")]
    told: Annotated[list[str], Field(description="the mail addresses you wrote to about it")]


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
        similar: another one on the same project.
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
    mails: tuple[Slot, ...]
    aside: tuple[Slot, Slot]
    me: str
    first_name: str
    own: frozenset[str]
    seed: int
    words: tuple[int, ...]

    def said(self, name: str, number: int, **names: Any) -> str:
        """Returns one of the wordings `name`, drawn by the word of that number."""
        options = wording(_WORDS)[name]
        return render(options[self.words[number] % len(options)], **names)

    @property
    def attendees(self) -> tuple[str, ...]:
        """Addresses of all in the meeting."""
        return self.me, *self.meeting.attendees

    @property
    def end(self) -> datetime:
        """When the meeting ends at its new time."""
        return self.times.target + self.times.length


class RescheduleMeeting(TaskFamily[Params], name="reschedule_meeting"):
    """Find the time that suits everybody, move the meeting there, and tell those who have to be told."""

    services = ("calendar", "workmail", "contacts")
    answer = Answer

    def sample(self, rng: Stream, life: Life, difficulty: int) -> Params:
        """Draws people, times and places; harder tasks have a third voice, more that collides, and more taken back."""
        claims = Claims(life)
        third, back = difficulty >= _THIRD_FROM, difficulty >= _TAKEN_BACK_FROM
        times = draw_times(
            rng, life, claims, ruled_out=int(third), busy=2 if difficulty >= _HARD_FROM else 1, taken_back=back
        )
        project = rng.choice(life.draft.projects)
        group = draw_group(rng, life, claims, project, third=third, aside_by_mover=difficulty >= _HARD_FROM)
        places = life.seen("calendar.events", "location")
        options = wording(_WORDS)["titles"]
        titles = [
            title(render(rng.choice(options), project=project.name, part=part))
            for part in (project.part, project.part2)
        ]
        row = ["workmail.messages"] * (3 + third + back)
        words = wording(_WORDS)["busy_titles"]
        return Params(
            now=life.now,
            difficulty=difficulty,
            times=times,
            group=group,
            meeting=Block(titles[0], tuple(one.email for one in group.others), rng.choice(places)),
            similar=Block(titles[1], tuple({group.mover.email, group.aside.email}), rng.choice(places)),
            blocks=tuple(_block(rng, life, text) for text in rng.sample(words, len(times.busy))),
            project=project.name,
            part=project.part,
            mails=tuple(claims.chain(rng, row, before=life.now - timedelta(minutes=20))),
            aside=_pair(claims.chain(rng, row[:2], before=life.now - timedelta(minutes=20))),
            me=life.persona.emails["workmail"],
            first_name=life.persona.first,
            own=frozenset(address.lower() for address in life.persona.emails.values()),
            seed=rng.randrange(10**9),
            words=tuple(rng.randrange(60) for _ in range(16)),
        )

    def story(self, params: Params) -> Story:
        """Lays the meeting, what collides, mails and entries about it; beside them others of each kind."""
        times, meeting = params.times, params.meeting
        city, other, easy = times.city, times.other_city, params.difficulty < _HARD_FROM
        counting, beside = params.group.entry_texts(city, other, params.now, easy=easy)

        def entry(slot: Slot, length: timedelta, block: Block) -> Told:
            return event_record(slot.id, slot.at, length, block.title, (params.me, *block.attendees), block.place)

        busy = [
            entry(slot, timedelta(minutes=minutes), block)
            for (slot, minutes), block in zip(times.busy, params.blocks, strict=True)
        ]
        return Story(
            (entry(times.old, times.length, meeting), *busy, *_letters(params), *counting),
            (
                entry(times.earlier, times.length, meeting),
                entry(times.similar, times.length, params.similar),
                *_aside(params),
                *beside,
            ),
        )

    def instruction(self, params: Params) -> str:
        """Names title and person, or only the project, by difficulty."""
        names = {"person": params.group.mover.name, "title": params.meeting.title}
        names |= {"project": params.project, "part": params.part}
        options = wording(_WORDS)["request"][params.difficulty]
        opening = render(options[params.words[0] % len(options)], **names)
        steps = (params.said(name, n) for n, name in enumerate(("find", "write", "tell", "close"), 1))
        return " ".join((opening, *steps))

    def success(self, params: Params) -> Success:
        """The meeting stands at the time that suits everybody, and those who have to know do."""
        return Success(_goals(params), (no_collateral(lambda effect: _belongs(effect, params)),))

    def declared(self, params: Params) -> tuple[str, ...]:
        """The new start and end in ISO form, and the days to search."""
        moments = (params.times.target, params.end)
        return (*(_iso(at) for at in moments), *(_iso(at)[:19] for at in moments), *_windows(params))

    def oracle(self, params: Params) -> OracleTurns:
        """Reads calendar, mails and address book; then moves the meeting, writes and answers."""
        yield from self._research(params)
        yield [self._create(params), self._delete(params), self._mail(params, "body", sorted(params.group.told))]
        yield self._finish(params)

    def _research(self, params: Params) -> OracleTurns:
        # A week a call: a longer listing would be cut.
        yield [ToolCall("calendar_list_events", {"date": day, "days": _WINDOW_DAYS}) for day in _windows(params)]
        yield from mails_of("workmail", [slot.id for slot in params.mails], days_back=_SEARCH_DAYS)
        yield ToolCall("contacts_search", {"query": ""})

    def _create(self, params: Params) -> ToolCall:
        return ToolCall(
            "calendar_create_event",
            {
                "title": params.meeting.title,
                "start_time": _iso(params.times.target),
                "end_time": _iso(params.end),
                "attendees": list(params.attendees),
                "location": params.meeting.place,
            },
        )

    def _delete(self, params: Params) -> ToolCall:
        return ToolCall("calendar_delete_event", {"event_id": params.times.old.id})

    def _mail(self, params: Params, form: str, to: Sequence[str]) -> ToolCall:
        words, times = wording(_WORDS)["mail"], params.times
        names = {
            "title": params.meeting.title,
            "me": params.first_name,
            "city": times.city.name,
            "old_day": day_text(times.old.at, weekday=True),
            "old_time": f"{times.old.at:%H:%M}",
            "day": day_text(times.target, weekday=True),
            "time": f"{times.target:%H:%M}",
            "end": f"{params.end:%H:%M}",
            "there": f"{times.city.clock(times.target):%H:%M}",
        }
        subject, body = render(words["subject"], **names), render(words[form], **names)
        return ToolCall("workmail_send_message", {"to": ", ".join(to), "subject": subject, "body": body})

    def _finish(self, params: Params) -> ToolCall:
        answer = {"new_start": _iso(params.times.target), "told": sorted(params.group.told)}
        return ToolCall("finish", {"message": "The meeting has moved and everybody knows.", "answer": answer})

    def twin(self, params: Params, service: str) -> Params:
        """Lets the right time collide, takes it back, or moves the one who is elsewhere to clocks on the other side."""
        times = params.times
        if service == "calendar":
            (slot, minutes), *rest = times.busy
            times = replace(times, busy=((times.spare, minutes), *rest), spare=slot)
        elif service == "workmail":
            times = replace(times, change=times.other_change, other_change=times.change)
        else:
            times = replace(times, city=times.other_city, other_city=times.city)
        return replace(params, times=times)

    def distractor_params(self, params: Params) -> Sequence[Params]:
        """Takes a time that collides, was taken back, or fits another clock; writes to another one's keeper."""
        twins = [self.twin(params, service) for service in self.services]
        return (*twins, replace(params, group=params.group.swapped()))

    def solutions(self, params: Params) -> Sequence[Callable[[], OracleTurns]]:
        """Old entry out first and a mail to each; mails before entries, other forms; drafts and todos on the way."""

        def one_by_one() -> OracleTurns:
            yield from self._research(params)
            yield self._delete(params)
            yield self._create(params)
            yield [self._mail(params, "away", [address]) for address in sorted(params.group.told)]
            yield self._finish(params)

        def reworded() -> OracleTurns:
            yield from self._research(params)
            yield self._mail(params, "reworded", [f"<{address}>" for address in params.group.told])
            created = self._create(params).arguments
            local = {name: str(created[name])[:19] for name in ("start_time", "end_time")}
            named = [f"{one.name} <{one.email}>" for one in params.group.others]
            yield ToolCall("calendar_create_event", {**created, **local, "attendees": named})
            yield self._delete(params)
            yield self._finish(params)

        def drafted() -> OracleTurns:
            yield from self._research(params)
            mail = self._mail(params, "body", sorted(params.group.told))
            yield ToolCall("workmail_save_draft", mail.arguments)
            yield ToolCall("todo_create_task", {"title": "See whether everybody has the new time"})
            yield [mail, self._delete(params), self._create(params)]
            yield self._finish(params)

        return one_by_one, reworded, drafted


def _pair(slots: Sequence[Slot]) -> tuple[Slot, Slot]:
    first, second = slots
    return first, second


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _windows(params: Params) -> list[str]:
    first = params.now.date()
    return [(first + timedelta(days=n)).isoformat() for n in range(0, _AHEAD_DAYS, _WINDOW_DAYS)]


def _places(life: Life) -> list[str]:
    """Returns where the person meets colleagues, each place once."""
    inside = {one.email for one in life.draft.people if one.group == "colleague"}
    rows = (row for row in life.records("calendar.events") if inside.intersection(row["attendees"]))
    return list(dict.fromkeys(str(row["location"]) for row in rows if row["location"]))


def _title(rng: Stream, life: Life, project: str, part: str) -> str:
    """Draws a title that no other entry of the calendar has."""
    known = life.seen("calendar.events", "title")
    found = [title(render(text, project=project, part=part)) for text in wording(_WORDS)["titles"]]
    return rng.choice([text for text in found if text not in known])


def _block(rng: Stream, life: Life, text: str) -> Block:
    """Draws something else the person has to do, with whomever its title names."""
    colleague = rng.choice(full_time(life))
    project = rng.choice(life.draft.projects)
    names = {"first": colleague.first, "client": project.client.name, "test": project.test}
    found = title(render(text, **names, material=project.material, product=project.product))
    named = {"first": colleague.email, "client": project.client.contact.email}
    attendees = tuple(address for name, address in named.items() if f"{{{{ {name} }}}}" in text)
    return Block(found, attendees, rng.choice(_places(life)))


def _at(at: datetime) -> str:
    return f"{at.day} {day_text(at).split()[1]} at {_clock(at)}"


def _clock(at: datetime) -> str:
    return f"{at.hour}:{at:%M}"


def _day(at: Any) -> str:
    return day_text(at, weekday=True)


def _listed(items: Sequence[str], last: str) -> str:
    return f" {last} ".join(filter(None, (", ".join(items[:-1]), items[-1])))


def _letters(params: Params) -> list[Told]:
    """Returns the mails about the meeting in order of time."""
    times, group, name = params.times, params.group, params.meeting.title
    gone, instead = times.change
    hours = [f"{low.day} {day_text(low).split()[1]} {_clock(low)}-{_clock(high)}" for low, high in times.hours]
    names = {"title": name, "old": _day(times.old.at), "gone": _at(gone), "instead": _at(instead)}
    names |= {"times": _listed([_at(at) for at in times.first], "or"), "hours": _listed(hours, "and")}
    days, before = (_listed([_day(day) for day in days] or [""], "and") for days in (times.away, times.no_longer))
    names |= {"days": days, "before": before}
    offer, own_hours, away = (
        params.said(f"{kind}_subjects", n, title=name) for n, kind in ((5, "offer"), (6, "hours"), (7, "away"))
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
    subject = params.said("aside_subjects", 13, **names)
    first, second = params.aside
    return [
        _letter(params, first, 10, sender, subject, params.said("asides", 14, **names), False),
        _letter(params, second, 11, sender, subject, params.said("aside_endings", 15, **names), True),
    ]


def _letter(params: Params, slot: Slot, number: int, sender: Any, subject: str, body: str, reply: bool) -> Told:
    seed = params.seed + number
    table, mail = letter_record("workmail", slot, sender, params.me, subject, body, seed=seed, reply=reply)
    lately = slot.at > params.now - _UNREAD
    return table, {**mail, "is_read": not (lately and stream(seed, "unread").random() < _UNREAD_CHANCE)}


def _goals(params: Params) -> tuple[Check, ...]:
    times, told = params.times, params.group.told
    mentions = Mentions(moments=(times.target,), wrong_moments=times.wrong, most={"days": 2, "times": 3})

    def moved(episode: Episode) -> bool:
        made = [effect for effect in episode.written("calendar", "created_events") if _is_new_entry(effect, params)]
        return len([e for e in made if e.record_id in episode.world.table("calendar.events")]) == 1

    def cleared(episode: Episode) -> bool:
        return times.old.id not in episode.world.table("calendar.events")

    def written(episode: Episode) -> bool:
        mails = [effect.shown for effect in episode.written("workmail", "sent_messages")]
        for address in told:
            got = [f"{mail['subject']}\n{mail['body']}" for mail in mails if address in recipients(mail["to"])]
            if not 1 <= len(got) <= _MAILS_EACH or not mentions.holds("\n".join(got), params.now):
                return False
        return True

    def answered(episode: Episode) -> bool:
        given = episode.closing.answer if episode.closing else None
        if given is None:
            return False
        addresses = {item for text in given["told"] for item in recipients(text)} - params.own
        return _moment(given["new_start"], params) == times.target and addresses == told

    return (
        Check(f"{params.meeting.title} stands at the time that suits everybody", moved),
        Check(f"the old entry of {params.meeting.title} is gone", cleared),
        Check("everybody who gets word about dates was told the new day and time", written),
        Check("the answer names the new start and the addresses", answered),
    )


def _moment(text: Any, params: Params) -> datetime | None:
    at = parse_moment(text)
    return at if at is None or at.tzinfo else at.replace(tzinfo=params.now.tzinfo)


def _is_new_entry(effect: Effect, params: Params) -> bool:
    shown: Any = effect.shown
    names = {one.name.casefold(): one.email.lower() for one in params.group.others}
    names[params.first_name.casefold()] = names["me"] = params.me.lower()
    invited = set()
    for item in map(str, shown.get("attendees", ())):
        invited |= addresses_in(item) or {names.get(item.strip().casefold(), item)}
    return (
        _moment(shown.get("start_time"), params) == params.times.target
        and _moment(shown.get("end_time"), params) == params.end
        and invited - params.own == {address.lower() for address in params.meeting.attendees}
        and params.meeting.title.casefold() in str(shown.get("title", "")).casefold()
    )


def _belongs(effect: Effect, params: Params) -> bool:
    if effect.action == "created_events":
        return _is_new_entry(effect, params)
    if effect.action == "deleted":
        return effect.service == "calendar" and effect.record_id == params.times.old.id
    if effect.action != "sent_messages" or effect.service != "workmail":
        return False
    return recipients(effect.shown["to"]) - params.own <= params.group.told
