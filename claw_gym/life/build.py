"""Builds a life: persona + life seed + scale -> months of records with room left for a story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from claw_gym.core.seeding import Stream, stream
from claw_gym.errors import UnknownNameError
from claw_gym.life import routine, workplace
from claw_gym.life.cast import Cast, assemble, with_ids
from claw_gym.life.diary import Calendar, Diary, choose_now
from claw_gym.life.draft import ID_FORMS, LifeDraft, Person
from claw_gym.life.gaps import number_slots, places_ahead
from claw_gym.life.library import proper_nouns, scale_names, stories, template
from claw_gym.life.pages import Pages
from claw_gym.life.persona import Persona
from claw_gym.life.staging import Stage
from claw_gym.life.story import opening, play
from claw_gym.life.text import MONTHS, WEEKDAYS

__all__ = ["build_life"]

# The golden section: successive multiples spread evenly over [0, 1) however many there will be.
_SPREAD = 0.6180339887498949
_AHEAD_DAYS = 18
_RECENT_DAYS = 3
_ATTEMPTS = 8
_ELSEWHERE = 0.37
_APART_DAYS = 9
_ROUNDS = 12
_NOISE = ("mail", "feed")
# Parts of the names of firms that are no names by themselves.
_SMALL_WORDS = ("The", "And", "Of", "For", "In", "On", "At", "By", "To", "A", "An", "We", "All", "Big", "New", "Our")


def build_life(persona: Persona, life_seed: int, scale: str) -> LifeDraft:
    """Returns the life of `persona` under `life_seed`; equal arguments give equal lives in every process.

    Args:
        persona: Who it is the life of.
        life_seed: Any integer; another one gives other people, projects, amounts, dates and wording.
        scale: How much there is, a name in `templates/scales.yaml`, such as "small".

    Raises:
        UnknownNameError: No such scale; the message names the nearest one.
    """
    if scale not in scale_names():
        raise UnknownNameError("scale", scale, scale_names())
    size: dict[str, Any] = template("scales")[scale]
    rng = stream(life_seed, persona.name, scale)
    now = choose_now(persona, rng)
    calendar = Calendar(persona, now, rng.randint(*size["days"]))
    diary = Diary(calendar, persona.routines)
    pages = Pages(persona, now)
    cast = assemble(persona, life_seed)
    stage = _stage(persona, cast, calendar, diary, pages)

    ahead = places_ahead(calendar, diary, stream(life_seed, persona.name, "ahead"))
    companies = _background(stage, size, life_seed)
    _tell(stage, size, life_seed)

    tables = number_slots(pages.tables, ahead, calendar, diary, life_seed, size["gap_share"])
    return _draft(persona, life_seed, scale, with_ids(cast, _customer_ids(tables, companies)), tables, stage)


def _background(stage: Stage, size: dict[str, Any], life_seed: int) -> list[str]:
    """Writes what goes on whatever happens; returns the keys of the companies in the order of the customer list."""
    persona, cast, calendar, pages = stage.persona, stage.cast, stage.calendar, stage.pages
    routine.weekly_events(persona, cast, calendar, pages)
    routine.charges(persona, cast, calendar, pages, size, stream(life_seed, "charges"))
    routine.address_book(persona, cast, stage.team, pages, calendar, stream(life_seed, "contacts"))
    workplace.jobs(persona, cast, calendar, pages, size["run_days"], stream(life_seed, "jobs"))
    workplace.stock(persona, cast, calendar, pages, stream(life_seed, "stock"))
    workplace.settings(persona, calendar, pages, stream(life_seed, "settings"))
    rng = stream(life_seed, "duty")
    shifts = workplace.duty_rota(persona, cast, calendar, stage.diary, pages, size["duty_days"], rng)
    workplace.alerts(persona, cast.me, shifts, calendar, pages, size["alerts"], stream(life_seed, "alerts"))
    return routine.customers(persona, cast, pages, calendar, stream(life_seed, "crm"))


def _stage(persona: Persona, cast: Cast, calendar: Calendar, diary: Diary, pages: Pages) -> Stage:
    team = Person(
        "all",
        persona.team["name"],
        "all",
        persona.team["email"],
        "mailing list",
        persona.employer,
        "",
        "colleague",
        persona.own_style,
        "Everybody",
        persona.team["note"],
    )
    names: dict[str, Any] = {"me": cast.me, "all": team, "employer": persona.employer, "city": persona.city}
    names |= {"monitor": workplace.monitor(persona), "card": persona.card_digits}
    names |= {person.key: person for person in (*cast.colleagues, *cast.private)}
    names |= {f"{company.key}_co": company for company in cast.suppliers}
    named = [*(person.name for person in cast.people), *(project.name for project in cast.projects)]
    named += [company.name for company in (*cast.suppliers, *cast.clients)]
    proper = frozenset(word for name in named for word in name.split()).difference(_SMALL_WORDS)
    proper = proper.union(WEEKDAYS, MONTHS, proper_nouns(persona.name))
    return Stage(cast, calendar, diary, pages, team, persona, proper, names)


def _tell(stage: Stage, size: dict[str, Any], life_seed: int) -> None:
    """Plays the stories every life has, then the quota of each kind, then threads until there are words enough."""
    rng = stream(life_seed, "stories")
    calendar = stage.calendar
    offset, project = rng.random(), rng.randrange(len(stage.cast.projects))
    told: dict[str, list[int]] = defaultdict(list)
    for n, (story, season) in enumerate(_programme(stage, size, life_seed)):
        for attempt in range(_ATTEMPTS):
            spread = (offset + n * _SPREAD + attempt * _ELSEWHERE) % 1
            day0 = {
                "ahead": calendar.today + int(spread * _AHEAD_DAYS),
                "recent": calendar.today - 1 - int(spread * _RECENT_DAYS),
                "any": opening(story, calendar, spread),
            }[season]
            if day0 is None:
                break
            last = attempt == _ATTEMPTS - 1
            # What is told again is told at another time, as far as the story fits there.
            if not last and any(abs(day0 - other) < _APART_DAYS for other in told[story["id"]]):
                continue
            mark = stage.pages.mark()
            play(story, stage, day0, project + n, stream(life_seed, "story", n, story["id"]))
            # A story of which a part would lie after now has not ended: it is told elsewhere, or not at all.
            if season == "ahead" or not stage.pages.cut:
                told[story["id"]].append(day0)
                break
            stage.pages.back_to(mark)


def _programme(stage: Stage, size: dict[str, Any], life_seed: int) -> Iterator[tuple[dict[str, Any], str]]:
    """Yields stories in the order they are played in, each with its season: "any", "recent" or "ahead" of now."""
    everything = stories(stage.persona.name)
    yield from ((story, "any") for story in everything if story.get("always"))
    shelves: dict[str, Shelf] = {}
    for kind in sorted({story["kind"] for story in everything} | set(size["quota"])):
        shelves[kind] = Shelf(
            [story for story in everything if story["kind"] == kind and not story.get("always")],
            stream(life_seed, "shelf", kind),
        )
    for kind, count in size["quota"].items():
        dial = size["noise"] if kind in _NOISE else 1
        yield from ((story, "any") for story in shelves[kind].take(round(count * dial)))
    yield from ((story, "recent") for story in shelves["mail"].take(size["recent"]))
    yield from ((story, "ahead") for story in shelves["meeting"].take(size["meetings_ahead"]))
    plain, conflicting = shelves["thread"].parted(lambda story: bool(story.get("conflict")))
    told = overridden = 0
    while stage.pages.words < size["words"]:
        due = overridden < told * size["conflicts"]
        story = next(iter((conflicting if due else plain).take(1)), None)
        if story is None:
            raise ValueError(f"The stories of {stage.persona.name} do not fill a life of {size['words']} words.")
        told, overridden = told + 1, overridden + due
        yield story, "any"


class Shelf:
    """Stories of one kind, told in rounds: nothing twice before everything once, and one-off ones once only."""

    def __init__(self, tales: list[dict[str, Any]], rng: Stream) -> None:
        """Puts the stories in a drawn order."""
        self._rng = rng
        self._tales = tales
        rng.shuffle(self._tales)
        self._round = 0
        self._next: list[dict[str, Any]] = list(self._tales)

    def take(self, count: int) -> list[dict[str, Any]]:
        """Returns the next `count` stories; fewer when all that may be told again has been, often enough."""
        taken: list[dict[str, Any]] = []
        while len(taken) < count:
            if not self._next:
                self._round += 1
                self._next = [story for story in self._tales if not story.get("once") and story["kind"] != "article"]
                if not self._next or self._round >= _ROUNDS:
                    break
                self._rng.shuffle(self._next)
            taken.append(self._next.pop(0))
        return taken

    def parted(self, apart: Callable[[dict[str, Any]], bool]) -> tuple[Shelf, Shelf]:
        """Returns two shelves of what is left: the other stories, and those that `apart` holds for."""
        groups: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
        for story in self._tales:
            groups[apart(story)].append(story)
        return Shelf(groups[0], self._rng), Shelf(groups[1], self._rng)


def _customer_ids(tables: dict[str, Any], companies: list[str]) -> dict[str, str]:
    ids = [slot.id for slot in tables["crm.customers"] if slot.record is not None]
    return dict(zip(companies, ids, strict=True))


def _draft(persona: Persona, life_seed: int, scale: str, cast: Cast, tables: dict[str, Any], stage: Stage) -> LifeDraft:
    return LifeDraft(
        persona=persona,
        life_seed=life_seed,
        scale=scale,
        start=stage.calendar.first,
        now=stage.calendar.now,
        tables={table: tables[table] for table in ID_FORMS},
        people=cast.people,
        suppliers=cast.suppliers,
        clients=cast.clients,
        projects=cast.projects,
    )
