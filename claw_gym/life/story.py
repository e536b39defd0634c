"""Plays one story: its cast, values and events are drawn first, then its beats leave traces in several services."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from claw_gym.core.seeding import Stream
from claw_gym.life.diary import Calendar
from claw_gym.life.draft import Company, Person
from claw_gym.life.mail_form import Said, footer
from claw_gym.life.persona import Style
from claw_gym.life.staging import Play, Stage, cast_of, drawn, party, when
from claw_gym.life.text import Moment, letter, paragraphs, title, typed
from claw_gym.life.voice import spoken

__all__ = ["opening", "play"]

_LATE_BIAS = 0.62
# A helpdesk is never empty: some of the requests of the last weeks are still open.
_STILL_OPEN = timedelta(days=60)
_OPEN_CHANCE = 0.3
_PLAIN = Style(open=("",), reply=("",), close=("",))


def opening(story: Mapping[str, Any], calendar: Calendar, spread: float) -> int | None:
    """Returns the working day a story starts on, so that what must have happened has; None when it does not fit.

    Args:
        story: The story, with `open` (a range of working days back from now), `date` (a fixed date) or neither.
        calendar: The days of the life.
        spread: Where between earliest and latest, in [0, 1).
    """
    days = {beat["event"]: beat.get("day", 0) for beat in story["beats"] if "event" in beat}
    told = [
        max(beat.get("day", 0), days.get(beat.get("after", ""), 0)) for beat in story["beats"] if "event" not in beat
    ]
    length = max(told, default=0)
    latest = calendar.today - length - 1
    if "date" in story:
        wanted = date.fromisoformat(story["date"])
        if wanted < calendar.first:
            return None
        first = calendar.number(wanted)
        return first if first <= latest else None
    far, near = story.get("open", (calendar.today, 0))
    low, high = max(0, calendar.today - far), min(latest, calendar.today - near)
    if low > high:
        return None
    # More of what is kept is recent, and the last weeks are the ones an assistant works in.
    day = low + int(spread**_LATE_BIAS * (high - low + 1))
    weekday = story.get("weekday")
    return (
        day
        if weekday is None
        else next((n for n in range(day, low - 1, -1) if calendar.days[n].weekday() == weekday), None)
    )


def play(story: Mapping[str, Any], stage: Stage, day0: int, turn: int, rng: Stream) -> None:
    """Writes the traces of `story`, which starts on working day `day0`; `turn` picks the project it is about."""
    values = dict(stage.names)
    drawn_cast: list[Any] = []
    for name, kind in story.get("cast", {}).items():
        values[name] = cast_of(kind, stage, turn, rng, drawn_cast)
        drawn_cast.append(values[name])
    current = Play(story, stage, day0, rng, values, stage.calendar.at(stage.calendar.days[day0], 0))
    for name, spec in story.get("draw", {}).items():
        values[name] = drawn(spec, current)
    if "other" in story:
        values["other"] = _other(story["other"], current)
    stage.pages.telling = f"{story['id']}@{day0}"
    for beat in story["beats"]:
        if "event" in beat:
            _book(beat, current)
    for beat in story["beats"]:
        verb = next(key for key in beat if key in _VERBS)
        _VERBS[verb](beat, current)
    stage.pages.telling = ""


def _other(form: Mapping[str, str], play: Play) -> Person:
    """Returns a sender outside the cast, such as a shop."""
    name, email = play.text(form["name"]), play.text(form["email"])
    return Person("other", name, name, email, "", name, "", "private", _PLAIN)


def _book(beat: Mapping[str, Any], play: Play) -> None:
    stage = play.stage
    if "clash" in beat:
        start = play.values[beat["clash"]].at + timedelta(minutes=beat.get("shift", 30))
    else:
        number = play.day0 + beat["day"]
        start = stage.diary.book(number, beat.get("at", "09:00-16:30"), beat.get("room", beat["mins"]), play.rng)
    play.values[beat["event"]] = Moment(start)


def _mail(beat: Mapping[str, Any], play: Play) -> None:
    service = "workmail" if "work" in beat else "gmail"
    sender, to = (party(name, play) for name in beat["work" if "work" in beat else "gmail"].split(">"))
    thread = beat.get("thread", service)
    reply = "subj" not in beat
    if not reply:
        subject = play.text(beat["subj"])
        play.subject[thread] = subject if "lower" in sender.style.habits else title(subject)
    subject = play.subject[thread]
    subject = subject if not reply or subject.startswith("Re: ") else f"Re: {subject}"
    body = play.text(beat["text"])
    draft = bool(beat.get("draft"))
    if beat.get("bare"):
        body = "\n\n".join(part for part in (paragraphs(body), footer(sender)) if part)
    else:
        style = play.stage.persona.warm_style if sender.group == "self" and to.warm else sender.style
        body = letter(
            body,
            style,
            sender,
            _greeting(style, to, play, reply),
            play.stage.proper,
            play.rng,
            signed=not draft,
            reply=reply,
            answers=play.said.get(thread) if reply else None,
        )
    at = when(beat, play, sender.weekdays)
    play.said[thread] = Said(at, sender.name, body)
    play.stage.pages.mail(
        service,
        at,
        sender,
        to,
        subject,
        body,
        play.rng,
        label=beat.get("label", ""),
        draft=draft,
        read=beat.get("read"),
    )


def _greeting(style: Style, to: Person, play: Play, reply: bool) -> str:
    team = to.email == play.stage.team.email
    if team:
        line = play.rng.choice(play.stage.persona.team_greetings)
        return line.lower() if "lower" in style.habits else line
    return play.rng.choice(style.reply if reply else style.open).format_map({"to": to})


def _event(beat: Mapping[str, Any], play: Play) -> None:
    start: datetime = play.values[beat["event"]].at
    attendees = [play.stage.cast.me.email, *(party(name, play).email for name in beat.get("with", ()))]
    play.stage.pages.event(
        start, beat["mins"], title(play.text(beat["title"])), attendees, play.text(beat.get("place", ""))
    )


def _todo(beat: Mapping[str, Any], play: Play) -> None:
    due = play.date(beat["due"]).isoformat()
    tags = [play.text(tag) for tag in beat.get("tags", ())]
    at = when(beat, play)
    play.stage.pages.todo(
        at,
        title(play.text(beat["todo"])),
        title(play.text(beat["text"])),
        due,
        beat.get("prio", "medium"),
        tags,
        beat.get("status", ""),
    )


def _note(beat: Mapping[str, Any], play: Play) -> None:
    present = [play.stage.cast.me.name, *(party(name, play).name for name in beat.get("with", ()))]
    at = when(beat, play)
    play.stage.pages.note(
        at, title(play.text(beat["note"])), present, paragraphs(play.text(beat["text"])), beat.get("mins", 0)
    )


def _pay(beat: Mapping[str, Any], play: Play) -> None:
    amount = play.values[beat["amount"].lstrip("-")].amount
    company: Company = play.values[beat["pay"]]
    at = when(beat, play)
    sign = -1 if beat["amount"].startswith("-") else 1
    receipt = play.text(beat["receipt"]) if "receipt" in beat else ""
    play.stage.pages.payment(at, company, sign * amount, play.text(beat["what"]), beat.get("category", ""), receipt)


def _ticket(beat: Mapping[str, Any], play: Play) -> None:
    by = party(beat["by"], play)
    at = when(beat, play, by.weekdays)
    text = spoken(paragraphs(play.text(beat["text"])), by.key, play.rng)
    heading = play.text(beat["ticket"])
    small = "lower" in by.style.habits and by.group != "client"
    if by.group != "client":
        text = typed(text, by.style, play.stage.proper, play.rng)
    days = play.stage.calendar.days
    status = beat.get("status", "")
    recent = at > play.stage.calendar.now - _STILL_OPEN
    if recent and not status and len(play.story["beats"]) == 1:
        # What stands alone may wait; what a storyline tells of is done as it says.
        status = "in_progress" if play.rng.random() < _OPEN_CHANCE else ""
    closed = days[min(play.stage.calendar.number(at.date()) + beat.get("days", 2), len(days) - 1)]
    resolution = play.text(beat["resolution"]) if "resolution" in beat else ""
    play.stage.pages.ticket(
        at,
        by,
        heading if small else title(heading),
        text if small else title(text),
        category=beat.get("category", "general"),
        priority=beat.get("prio", "medium"),
        tags=[play.text(tag) for tag in beat.get("tags", ())],
        status=status,
        closed=closed,
        resolution=title(resolution),
    )


def _article(beat: Mapping[str, Any], play: Play) -> None:
    by = party(beat.get("by", "me"), play)
    at = when(beat, play)
    text = paragraphs(play.text(beat["text"]))
    play.stage.pages.article(at, by, title(play.text(beat["article"])), beat["category"], beat.get("tags", ()), text)


def _feed(beat: Mapping[str, Any], play: Play) -> None:
    feeds = play.stage.persona.feeds
    named = [feed for feed in feeds if feed.name == beat["source"]]
    feed = named[0] if named else play.rng.choice(feeds)
    text = paragraphs(play.text(beat["text"]))
    category = feed.category if beat["source"] == "any" else beat.get("category", feed.category)
    play.stage.pages.feed_article(when(beat, play), title(play.text(beat["feed"])), feed.name, category, text)


_VERBS = {
    "work": _mail,
    "gmail": _mail,
    "event": _event,
    "todo": _todo,
    "note": _note,
    "pay": _pay,
    "ticket": _ticket,
    "article": _article,
    "feed": _feed,
}
