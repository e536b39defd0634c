"""A meeting has to move: find the one time that suits everybody, move it, tell those who have to be told.

Mechanism: a superseded constraint, a clock elsewhere, a dependency. Work mail says when the others can, some of it
taken back later; one of them tells hours on another clock, and only the address book says on which, and who keeps
whose diary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from claw_gym.core.seeding import Stream
from claw_gym.core.tool import ToolCall
from claw_gym.life import Slot
from claw_gym.life.loaded import Claims, Life
from claw_gym.life.text import title
from claw_gym.tasks.family import Story, TaskFamily
from claw_gym.tasks.meeting_people import draw_group
from claw_gym.tasks.meeting_story import (
    WORDS,
    Block,
    Params,
    draw_block,
    places_of,
    told_aside,
    told_meeting,
)
from claw_gym.tasks.meeting_times import draw_times
from claw_gym.tasks.solving import mails_of
from claw_gym.tasks.success import Check, Success, no_collateral
from claw_gym.tasks.task import Episode, OracleTurns
from claw_gym.tasks.texts import day_text, render, wording
from claw_gym.tasks.values import Mentions, addresses_in, recipients
from claw_gym.world.effects import Effect
from claw_gym.world.moments import parse_moment

__all__ = ["RescheduleMeeting"]

_THIRD_FROM = 3
_HARD_FROM = 4
_TAKEN_BACK_FROM = 5
_SEARCH_DAYS = 150
_AHEAD_DAYS = 28
_WINDOW_DAYS = 7
_MAILS_EACH = 2


class Answer(BaseModel):
    """The typed answer."""

    model_config = ConfigDict(extra="forbid")

    new_start: Annotated[str, Field(description="when the meeting starts now, such as 2026-03-04T14:00:00+01:00")]
    told: Annotated[list[str], Field(description="the mail addresses you wrote to about it")]


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
        places = places_of(life)
        options = wording(WORDS)["titles"]
        titles = [
            title(render(rng.choice(options), project=project.name, part=part))
            for part in (project.part, project.part2)
        ]
        # About half of such meetings are between two.
        beside = tuple(dict.fromkeys((group.aside.email, group.mover.email)))[: rng.randint(1, 2)]
        row = ["workmail.messages"] * (3 + third + back)
        words = wording(WORDS)["busy_titles"]
        return Params(
            now=life.now,
            difficulty=difficulty,
            times=times,
            group=group,
            meeting=Block(titles[0], tuple(one.email for one in group.others), rng.choice(places)),
            similar=Block(titles[1], beside, rng.choice(places)),
            blocks=tuple(draw_block(rng, life, text) for text in rng.sample(words, len(times.busy))),
            project=project.name,
            part=project.part,
            other_part=project.part2,
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
        times, easy = params.times, params.difficulty < _HARD_FROM
        counting, beside = params.group.entry_texts(times.city, times.other_city, params.now, easy=easy)
        return Story((*told_meeting(params), *counting), (*told_aside(params), *beside))

    def instruction(self, params: Params) -> str:
        """Names title and person, or only the project, by difficulty."""
        names = {"person": params.group.mover.name, "title": params.meeting.title}
        names |= {"project": params.project, "part": params.part}
        options = wording(WORDS)["request"][params.difficulty]
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

    def _create(self, params: Params, **others: Any) -> ToolCall:
        arguments = {
            "title": params.meeting.title,
            "start_time": _iso(params.times.target),
            "end_time": _iso(params.end),
            "attendees": list(params.attendees),
            "location": params.meeting.place,
        }
        return ToolCall("calendar_create_event", arguments | others)

    def _delete(self, params: Params) -> ToolCall:
        return ToolCall("calendar_delete_event", {"event_id": params.times.old.id})

    def _mail(self, params: Params, form: str, to: Sequence[str]) -> ToolCall:
        words, times = wording(WORDS)["mail"], params.times
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
            yield self._mail(params, "reworded", [f"<{address}>" for address in sorted(params.group.told)])
            start, end = (_iso(at)[:19] for at in (params.times.target, params.end))
            named = [f"{one.name} <{one.email}>" for one in params.group.others]
            yield self._create(params, start_time=start, end_time=end, attendees=named, location="")
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
