"""Two meetings at the same time, one of which may move.

Mechanism: a constraint that stands elsewhere, and word that supersedes it. The calendar shows the clash, work mail the
times a colleague offers, a todo which of them is out and until when an answer is due. A later mail may have settled it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from claw_gym.core.seeding import Stream
from claw_gym.core.tool import ToolCall
from claw_gym.errors import UsageError
from claw_gym.life import Slot
from claw_gym.life.loaded import Claims, Life
from claw_gym.life.text import title
from claw_gym.tasks.arrivals import arrival_id
from claw_gym.tasks.clash import WORDS, Clash, events, mail_of, mails, pick, todos
from claw_gym.tasks.coming_days import WORKING_DAYS, last_day, offered_times, overlapping
from claw_gym.tasks.family import Told
from claw_gym.tasks.matters import MatterKind, Plan
from claw_gym.tasks.proactive import ProactiveFamily
from claw_gym.tasks.shapes import single_entries
from claw_gym.tasks.solving import mails_of
from claw_gym.tasks.success import Check
from claw_gym.tasks.task import Episode, OracleTurns
from claw_gym.tasks.texts import day_text, render, wording
from claw_gym.tasks.values import Mentions, addresses_in, recipients
from claw_gym.world.effects import Actor, Effect
from claw_gym.world.moments import parse_moment
from claw_gym.world.schedule import Change, Entry

__all__ = ["DoubleBooking"]

_REPLY_AFTER = timedelta(minutes=12)
_FRIDAY = 4
_LOOK_BACK_DAYS = 50
_MAIL_DAYS = 150
_OFFER_DAYS = 35
_PAST_DAYS = (4, 20)
_WEEK = timedelta(days=7)
_TWO = 2
_LOOK_AHEAD_DAYS = 20
_WINDOW_DAYS = 10


class Clashes(MatterKind[Clash]):
    """Meetings that collide."""

    def sample(self, rng: Stream, life: Life, claims: Claims, *, live: bool, number: int) -> Clash:
        """Draws two meetings in gaps of the coming days that overlap, and the mails and the todo about them."""
        ahead, movable = overlapping(rng, life, claims)
        project = claims.choose(rng, "project", life.draft.projects, lambda item: item.name)
        # Who works part of the week would not offer just any day.
        everybody = [person for person in life.draft.people if person.group == "colleague"]
        colleagues = [person for person in everybody if len(person.weekdays) == len(WORKING_DAYS)]
        colleague = claims.choose(rng, "colleague", colleagues, lambda item: item.email)
        names = {"project": project.name, "part": project.part, "client": project.client.name, "test": project.test}
        names |= {"first": colleague.first, "material": project.material, "me": life.persona.first}
        words = wording(WORDS)
        minutes = rng.choice([30, 45, 60])
        titles = [title(render(rng.choice(words[name]), **names)) for name in ("client_titles", "internal_titles")]
        offered = offered_times(rng, life, claims, timedelta(minutes=minutes))
        # The todo stands between the two mails: it answers the offer, and the last word supersedes it.
        row = ("workmail.messages", "todo.tasks", "workmail.messages")
        first, note, second = _lately(rng, claims, row)
        done = claims.take("todo.tasks", life.now - timedelta(days=80))
        then = life.now - timedelta(days=rng.randint(*_PAST_DAYS))
        others = [person for person in colleagues if person is not colleague]
        present = (colleague, *rng.sample(others, min(_company(rng, life) - _TWO, len(others))))
        return Clash(
            now=life.now,
            ahead=ahead,
            movable=movable,
            before=claims.take("calendar.events", then, before=life.now),
            earlier=claims.take("calendar.events", then - _WEEK, before=life.now),
            swapped=False,
            minutes=minutes,
            titles=(titles[0], titles[1]),
            places=(_place(rng, life), _place(rng, life)),
            me=life.persona.emails["workmail"],
            first_name=life.persona.first,
            own=frozenset(address.lower() for address in life.persona.emails.values()),
            outside=(project.client.contact.email, *([project.lead.email] if _company(rng, life) > _TWO else [])),
            client=project.client.contact,
            colleague=colleague,
            present=tuple((person.name, person.email) for person in present),
            offered=offered,
            excluded=rng.randrange(2),
            by=last_day(rng, life.now, min(offered)),
            mails=(first, second),
            todos=(note, done),
            todo_swapped=False,
            settled=not live,
            project=project.name,
            seed=rng.randrange(10**9),
            words=tuple(rng.randrange(60) for _ in range(9)),
            looks=_looks(rng, life, (colleague.first, project.client.contact.first)),
            reply_id=arrival_id(life, "workmail.messages", number),
        )

    def story(self, matter: Clash) -> tuple[Told, ...]:
        """Lays four events, two mails and two todos."""
        return (*events(matter), *mails(matter), *todos(matter))

    def plan(self, matter: Clash, *, acting: bool) -> Plan:
        """A live clash is moved or put to the person; a cancelled meeting is settled."""
        both = {matter.fixed, matter.movable.id, matter.todo.id}
        offer, last = (slot.id for slot in matter.mails)
        if not matter.live:
            return Plan(False, frozenset(both | {last}), frozenset({offer}), "already_settled")
        key, context = frozenset(both | {offer}), frozenset({last, matter.reply_id})
        if not acting:
            return Plan(True, key, context, "needs_you", matter.by)
        return Plan(True, key, context, "handled", None, _goals(matter), lambda effect: _belongs(effect, matter))

    def research(self, matters: Sequence[Clash]) -> OracleTurns:
        """Reads the calendar of the coming days, the open todos, and the mails of who called the meetings."""
        now = matters[0].now
        # Ten days a call: a longer listing would be cut.
        yield [ToolCall("calendar_list_events", {"date": day, "days": _WINDOW_DAYS}) for day in _windows(now)]
        yield ToolCall("todo_list_tasks", {"status": "pending"})
        yield from mails_of("workmail", [slot.id for m in matters for slot in m.mails], days_back=_MAIL_DAYS)

    def writes(self, matter: Clash) -> list[ToolCall]:
        """New entry in, old entry out, a mail to the colleague."""
        words = wording(WORDS)
        names = {"title": matter.titles[1], "first": matter.colleague.first, "time": f"{matter.target:%H:%M}"}
        names["me"] = matter.first_name
        day = day_text(matter.target, weekday=True)
        return [
            ToolCall(
                "calendar_create_event",
                {
                    "title": matter.titles[1],
                    "start_time": matter.target.isoformat(timespec="seconds"),
                    "end_time": (matter.target + matter.length).isoformat(timespec="seconds"),
                    "attendees": list(matter.inside),
                    "location": matter.places[1],
                },
            ),
            ToolCall("calendar_delete_event", {"event_id": matter.movable.id}),
            ToolCall(
                "workmail_send_message",
                {
                    "to": matter.colleague.email,
                    "subject": render(words["reply_subject"], **names),
                    "body": render(words["mail"][0], **names, day=day),
                },
            ),
        ]

    def near_misses(self, matter: Clash) -> Sequence[Clash]:
        """Takes the offered time that the todo rules out."""
        return (replace(matter, excluded=1 - matter.excluded),)

    def declared(self, matter: Clash) -> tuple[str, ...]:
        """The moment that works, in ISO form, with the end that follows, and the days to search."""
        moments = (matter.target, matter.target + matter.length)
        return (*(moment.isoformat(timespec="seconds") for moment in moments), *_windows(matter.now), "pending")

    def react(self, effect: Effect, matter: Clash) -> Iterable[Entry]:
        """The colleague answers the mail with the new time."""
        if effect.service != "workmail" or effect.action != "sent_messages":
            return
        text = f"{effect.shown['subject']}\n{effect.shown['body']}"
        if matter.live and _reaches(effect, matter) and _says_when(matter).holds(text, effect.at):
            at = effect.at + _REPLY_AFTER
            thanks = pick(wording(WORDS)["thanks"], matter.words[2])
            slot = Slot(matter.reply_id, at, None)
            record = mail_of(matter, slot, f"Re: {effect.shown['subject']}".replace("Re: Re:", "Re:"), thanks)[1]
            notice = f"Mail from {matter.colleague.name}: {record['subject']}"
            yield Entry(at, (Change("workmail.messages", record),), notice, "workmail", Actor.PERSON)

    def replies(self, matter: Clash) -> tuple[tuple[str, str], ...]:
        """The colleague's answer."""
        return (("workmail.messages", matter.reply_id),)

    def twin(self, matter: Clash, service: str) -> Clash:
        """Swaps the client's two entries, or what the last mail says, or the todo and what it rules out."""
        if service == "calendar":
            return replace(matter, swapped=not matter.swapped)
        if service == "workmail":
            return replace(matter, settled=not matter.settled)
        by = matter.by + timedelta(days=3 if matter.by.weekday() == _FRIDAY else 1)
        return replace(matter, excluded=1 - matter.excluded, by=by, todo_swapped=not matter.todo_swapped)

    def unsettled(self, matter: Clash) -> Clash:
        """Swaps the cancelling mail for a neutral one."""
        return replace(matter, settled=False)


class DoubleBooking(ProactiveFamily, name="double_booking"):
    """Notice meetings that collide, and move the one that may move, or say what has to be decided."""

    services = ("calendar", "workmail", "todo")
    kind = Clashes()


def _windows(now: datetime) -> list[str]:
    """Returns the first days of the windows that cover the last month and the coming fortnight."""
    first = now.date() - timedelta(days=_LOOK_BACK_DAYS)
    return [(first + timedelta(days=n)).isoformat() for n in range(0, _LOOK_BACK_DAYS + _LOOK_AHEAD_DAYS, _WINDOW_DAYS)]


def _lately(rng: Stream, claims: Claims, row: Sequence[str]) -> list[Slot]:
    """Takes gaps in a row of the last weeks, or earlier ones where a small life has none."""
    now = claims.life.now
    before, after = now - timedelta(hours=1), now - timedelta(days=_OFFER_DAYS)
    try:
        return claims.chain(rng, row, before=before, after=after)
    except UsageError:
        return claims.chain(rng, row, before=before)


def _company(rng: Stream, life: Life) -> int:
    """Draws how many sit in a meeting of the life, the person included."""
    return max(_TWO, len(rng.choice(single_entries(life))["attendees"]))


def _place(rng: Stream, life: Life) -> str:
    """Draws where a meeting of the life takes place; as many as of its other entries have no place."""
    single = single_entries(life)
    if not rng.choice(single)["location"]:
        return ""
    return str(rng.choice([record for record in single if len(record["attendees"]) >= _TWO] or single)["location"])


def _looks(rng: Stream, life: Life, names: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    """Draws tags and priority for two todos, as the life has them in todos about people."""
    todos, firsts = life.records("todo.tasks"), {*names, *(person.first for person in life.draft.people)}
    about = [record for record in todos if firsts & set(str(record["title"]).replace(":", " ").split())] or todos
    return tuple({name: rng.choice(about)[name] for name in ("tags", "priority")} for _ in range(2))


def _says_when(matter: Clash) -> Mentions:
    wrong = (matter.offered[matter.excluded],)
    return Mentions(moments=(matter.target,), wrong_moments=wrong, most={"days": 2, "times": 2})


def _goals(matter: Clash) -> tuple[Check, ...]:
    def moved(episode: Episode) -> bool:
        made = [e for e in episode.written("calendar", "created_events") if _is_new_time(e, matter)]
        standing = [e for e in made if e.record_id in episode.world.table("calendar.events")]
        return len(standing) == 1

    def cleared(episode: Episode) -> bool:
        return matter.movable.id not in episode.world.table("calendar.events")

    def told(episode: Episode) -> bool:
        mails = [e.shown for e in episode.written("workmail", "sent_messages") if _reaches(e, matter)]
        text = "\n".join(f"{mail['subject']}\n{mail['body']}" for mail in mails)
        return bool(mails) and _says_when(matter).holds(text, episode.world.base.now)

    return (
        Check(f"{matter.titles[1]} stands at the time that works", moved),
        Check(f"the old entry of {matter.titles[1]} is gone", cleared),
        Check(f"{matter.colleague.name} was told the new day and time", told),
    )


def _is_new_time(effect: Effect, matter: Clash) -> bool:
    shown: Any = effect.shown
    zone = matter.target.tzinfo
    start, end = (parse_moment(shown.get(name)) for name in ("start_time", "end_time"))
    if start is None or end is None:
        return False
    start, end = (item if item.tzinfo else item.replace(tzinfo=zone) for item in (start, end))
    invited = {_address(str(item), matter) for item in shown.get("attendees", ())} - matter.own
    return (
        start == matter.target
        and end == matter.target + matter.length
        and invited == set(matter.inside) - matter.own
        and matter.titles[1].casefold() in str(shown.get("title", "")).casefold()
    )


def _address(attendee: str, matter: Clash) -> str:
    """Returns whom an attendee means: an address in any dress, or the name of somebody in the meeting."""
    names = {name.casefold(): address for name, address in matter.present}
    found = addresses_in(attendee)
    return next(iter(found)) if found else names.get(attendee.strip().casefold(), attendee)


def _reaches(effect: Effect, matter: Clash) -> bool:
    return recipients(effect.shown["to"]) - matter.own == {matter.colleague.email}


def _belongs(effect: Effect, matter: Clash) -> bool:
    if effect.action == "created_events":
        return _is_new_time(effect, matter)
    if effect.action == "deleted":
        return effect.record_id == matter.movable.id
    return effect.action == "sent_messages" and effect.service == "workmail" and _reaches(effect, matter)
