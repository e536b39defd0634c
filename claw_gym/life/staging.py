"""What a story plays on, and what its beats ask for: values, people, moments."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from claw_gym.core.seeding import Stream
from claw_gym.life.cast import Cast
from claw_gym.life.diary import Calendar, Diary
from claw_gym.life.draft import Company, Person, Project
from claw_gym.life.mail_form import Said
from claw_gym.life.pages import Pages
from claw_gym.life.persona import Persona
from claw_gym.life.text import Moment, Money, code, expand

__all__ = ["Play", "Stage", "cast_of", "drawn", "party", "when"]

_OFFICE = "08:42-17:10"
# A story of several beats starts before lunch, so that answers of the same day stay on that day.
_FIRST = "08:42-12:20"
_LATEST_MIN = 18 * 60 + 40


@dataclass(frozen=True)
class Stage:
    """What stories play on: the cast, the days, the diary and the pages they write to.

    `proper` are words that keep their capital, `names` what every text may name.
    """

    cast: Cast
    calendar: Calendar
    diary: Diary
    pages: Pages
    team: Person
    persona: Persona
    proper: frozenset[str]
    names: Mapping[str, Any]


@dataclass
class Play:
    """One story being played: what has been drawn, said and when."""

    story: Mapping[str, Any]
    stage: Stage
    day0: int
    rng: Stream
    values: dict[str, Any]
    last: datetime
    subject: dict[str, str] = field(default_factory=dict)
    said: dict[str, Said] = field(default_factory=dict)

    def text(self, template: str) -> str:
        """Returns `template` with its choices made and its values filled in.

        Raises:
            ValueError: The data file names a value that the story lacks.
        """
        try:
            return expand(template, self.rng, self.values)
        except (KeyError, AttributeError, ValueError, IndexError) as error:
            raise ValueError(f"Story {self.story['id']!r}: {template[:80]!r} names {error}.") from error

    def money(self, amount: float) -> Money:
        """Returns an amount in the currency of the persona."""
        return Money(amount, self.stage.persona.currency)

    def date(self, offset: int) -> date:
        """Returns the working day `offset` days after the story's first."""
        return self.stage.calendar.days[self.day0 + offset]


def cast_of(kind: str, stage: Stage, turn: int, rng: Stream, others: Collection[Any]) -> Any:
    """Returns who or what a story's cast asks for.

    Args:
        kind: "project", "project abroad", "client", "colleague", "peer" (a colleague, but no chief), "friend" (not of
            the household), "supplier", "shop" (a supplier of single orders), "plan" (one with a monthly charge), or
            keys with "|" between them, of which one is drawn.
        stage: Where the story plays.
        turn: Which project it is about; stories of one life take turns.
        rng: Draws it.
        others: Who is in the cast already, and so is not drawn again.
    """
    cast = stage.cast
    abroad = [project for project in cast.projects if project.client.country != stage.persona.country]
    selling = {kind.key for kind in stage.persona.suppliers if kind.buys}
    shelves: dict[str, Sequence[Any]] = {
        "project": cast.projects,
        "project abroad": abroad or cast.projects,
        "client": cast.clients,
        "colleague": cast.colleagues,
        "peer": [person for person in cast.colleagues if person.key != stage.persona.reports_to],
        "friend": [person for person in cast.private if person.warm and person.key != "partner"],
        "shop": [company for company in cast.suppliers if company.key in selling],
        "supplier": cast.suppliers,
        "plan": [company for company in cast.suppliers if company.plan_amount is not None],
    }
    if kind not in shelves:
        return stage.names[rng.choice(kind.split("|"))]
    if kind.startswith("project"):
        return shelves[kind][turn % len(shelves[kind])]
    return rng.choice([one for one in shelves[kind] if one not in others])


def drawn(spec: str, play: Play) -> Any:
    """Returns the value a story's `draw` asks for: a kind, such as "money", and what the kind needs."""
    kind, _, rest = spec.partition(" ")
    values, rng = play.values, play.rng
    match kind:
        case "pick":
            return rng.choice(rest.split("|"))
        case "money":
            low, high = rest.split()
            return play.money(rng.randint(int(low), int(high)) + rng.choice([0.0, 0.0, 0.5, 0.25, 0.75, 0.4, 0.95]))
        case "about":
            low, high = rest.split()
            return play.money(float(rng.randrange(int(low), int(high), 50)))
        case "int":
            low, high = rest.split()
            return rng.randint(int(low), int(high))
        case "code":
            return code(rest, rng, play.date(0).year)
        case "day":
            number, _, nights = rest.partition(" ")
            later = timedelta(days=int(nights or 0))
            return Moment(play.stage.calendar.at(play.date(int(number)) + later, 0))
        case "times":
            unit, count = rest.split()
            return play.money(round(values[unit].amount * int(values[count]), 2))
        case "sum":
            return play.money(round(sum(values[name].amount for name in rest.split()), 2))
        case "diff":
            whole, part = rest.split()
            return play.money(round(values[whole].amount - values[part].amount, 2))
        case "plan":
            return play.money(values[rest].plan_amount)
    raise ValueError(f"Story {play.story['id']!r} draws an unknown kind {kind!r}.")


def when(beat: Mapping[str, Any], play: Play, weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)) -> datetime:
    """Returns the beat's stamp: on its day or the next of `weekdays`, and after all that the story has told before."""
    calendar, rng = play.stage.calendar, play.rng
    if "after" in beat:
        at: datetime = play.values[beat["after"]].at + timedelta(
            minutes=rng.randint(*beat.get("wait", (62, 150))), seconds=rng.randint(0, 59)
        )
    else:
        day = play.date(beat.get("day", 0))
        # `nights` counts on the calendar, for machines that work on weekends too.
        day = day + timedelta(days=beat["nights"]) if "nights" in beat else _next_on(day, weekdays, play)
        window = _FIRST if play.last.hour == 0 and len(play.story["beats"]) > 1 else _OFFICE
        at = calendar.stamp(day, beat.get("at", window), rng)
    if at <= play.last:
        at = play.last + timedelta(minutes=rng.randint(9, 85), seconds=rng.randint(0, 59))
        if at.hour * 60 + at.minute > _LATEST_MIN and "nights" not in beat:
            number = calendar.number(at.date() + timedelta(days=1))
            at = calendar.stamp(_next_on(calendar.days[number], weekdays, play), "08:35-10:30", rng)
        elif at.weekday() not in weekdays and at.weekday() < 5:
            at = calendar.stamp(_next_on(at.date(), weekdays, play), "08:35-10:30", rng)
    play.last = at
    return at


def _next_on(day: date, weekdays: tuple[int, ...], play: Play) -> date:
    days = play.stage.calendar.days[play.stage.calendar.number(day) :]
    return next(later for later in days if later.weekday() in weekdays)


def party(name: str, play: Play) -> Person:
    """Returns who a beat means by `name`, such as "saskia", "s.billing", "s.mailbox" or "p.lead"."""
    head, *path = name.strip().split(".")
    found = play.values[head]
    for part in path:
        found = _mailbox(found, part) if part in ("mailbox", "news") else getattr(found, part)
    if isinstance(found, Project):
        found = found.client
    return found.contact if isinstance(found, Company) else found


def _mailbox(company: Company, part: str) -> Person:
    address = company.billing_address if part == "mailbox" else f"news@{company.domain}"
    return replace(company.billing, name=company.name, first=company.name, email=address)
