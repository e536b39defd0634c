"""Personas: who the person is, as data; one folder each in `personas/`, holding `persona.yaml` and `stories/`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from claw_gym.errors import UnknownNameError
from claw_gym.life.library import load_yaml

__all__ = [
    "Client",
    "Duty",
    "Feed",
    "Integration",
    "JobKind",
    "Member",
    "Monitor",
    "Persona",
    "Plan",
    "ProjectKind",
    "Routine",
    "StockKind",
    "Style",
    "Supplier",
    "load_persona",
    "personas",
]

_FOLDER = Path(__file__).parent / "personas"
_FILE = "persona.yaml"


class _Data(BaseModel):
    # A misspelt field of a data file is an error, not silence.
    model_config = ConfigDict(frozen=True, extra="forbid")


class Style(_Data):
    """How somebody writes: greetings of a first mail and of a reply, sign-offs, keyboard habits."""

    open: tuple[str, ...]
    reply: tuple[str, ...]
    close: tuple[str, ...]
    habits: tuple[Literal["lower", "exclaim", "dash", "terse", "ellipsis"], ...] = ()


class Member(_Data):
    """A colleague or somebody from private life; an empty name or email is drawn per life.

    `short` is what the persona calls them, `warm` whether she writes to them as to family, `weekdays` when they
    work (0 is Monday), `note` stands in the address book.
    """

    key: str
    name: str
    role: str
    department: str = ""
    email: str = ""
    domain: str = ""
    phone: str = ""
    note: str = ""
    short: str = ""
    warm: bool = False
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    style: Style


class Plan(_Data):
    """A monthly charge: the day of the month it is tried on, the range of its amount, what it is for."""

    day: int
    amount: tuple[int, int]
    what: str


class Supplier(_Data):
    """A kind of supplier; `buys` are single orders as (description, lowest, highest amount in the home currency)."""

    key: str
    names: tuple[str, ...]
    tld: str
    industry: str
    category: str
    desk: str
    invoice: str
    receipt: str
    plan: Plan | None
    buys: tuple[tuple[str, int, int], ...]
    crm: str
    country: str = ""


class ProjectKind(_Data):
    """A piece of work for a client, with the words its threads need.

    `product` is what it delivers, `part` and `part2` two pieces of it, `material` what it is made of, `test` the check
    it has to pass.
    """

    names: tuple[str, ...]
    product: str
    part: str
    part2: str
    material: str
    test: str


class Client(_Data):
    """A kind of client; `fee` is the range of its yearly fee at home, `country` a key of `cast.LOCALES`."""

    key: str
    names: tuple[str, ...]
    tld: str
    country: str
    industry: str
    fee: tuple[int, int]
    contact: str
    projects: tuple[ProjectKind, ...]


class Routine(_Data):
    """A weekly calendar entry; `day` is an RRULE weekday, `start` is local time."""

    title: str
    day: Literal["MO", "TU", "WE", "TH", "FR"]
    start: str
    minutes: int
    place: str
    with_: tuple[str, ...] = Field(default=(), alias="with")


class Duty(_Data):
    """A rota of shifts that the person shares with colleagues; `with` are their keys."""

    title: str
    place: str
    about: str
    with_: tuple[str, ...] = Field(alias="with")


class Monitor(_Data):
    """The machine that reports alerts and failed jobs."""

    name: str
    email: str


class JobKind(_Data):
    """A scheduled job; `faults` are lines a failed run leaves, `ok` notes on a good one, `owner` a colleague's key."""

    name: str
    cron: str
    action: str
    description: str
    owner: str
    tags: tuple[str, ...]
    faults: tuple[str, ...]
    ok: tuple[str, ...]


class StockKind(_Data):
    """A product in stock; `price` is the range of its unit price, `least` that of the stock it is reordered at."""

    name: str
    category: str
    unit: str
    price: tuple[float, float]
    supplier: str
    least: tuple[int, int]


class Integration(_Data):
    """A connection to another system, as the settings list it."""

    name: str
    display_name: str
    service: str
    notes: str


class Feed(_Data):
    """A news source."""

    name: str
    category: str


class Persona(_Data):
    """One person with a digital life.

    `card` is the text an assistant is briefed with. `emails` maps a mail service to the address there.
    `closed_days` are dates (YYYY-MM-DD) besides weekends on which nobody works. `trade` are family names that a local
    firm may carry, `names` those that people are given where Faker's list for the country is an odd one. Amounts are
    in `currency`. `reports_to` is the key of the colleague who gets the summary of what was done.
    """

    name: str
    full_name: str
    first: str
    role: str
    employer: str
    city: str
    timezone: str
    currency: str
    locale: str
    split: Literal["train", "validation", "test"]
    domain: str
    phone: str
    own_note: str
    team: dict[str, str]
    emails: dict[str, str]
    card: str
    bank_holidays: tuple[str, ...]
    closed_days: tuple[str, ...]
    routines: tuple[Routine, ...]
    people: tuple[Member, ...]
    leads: tuple[str, ...]
    reports_to: str
    own_style: Style
    warm_style: Style
    team_greetings: tuple[str, ...]
    private: tuple[Member, ...]
    styles: tuple[Style, ...]
    suppliers: tuple[Supplier, ...]
    clients: tuple[Client, ...]
    client_count: int
    country: str
    department: str
    location: str
    card_digits: str
    trade: tuple[str, ...]
    names: tuple[str, ...] = ()
    contact_notes: dict[str, tuple[str, ...]]
    client_notes: tuple[str, ...]
    duty: Duty
    alerts: tuple[str, ...]
    monitor: Monitor
    jobs: tuple[JobKind, ...]
    stock: tuple[StockKind, ...]
    integrations: tuple[Integration, ...]
    feeds: tuple[Feed, ...]

    def __hash__(self) -> int:
        """Hashes by name, because a dict field stands in the way of hashing by content."""
        return int.from_bytes(self.name.encode(), "big")


@lru_cache(maxsize=64)
def _parse(path: Path) -> Persona:
    data: dict[str, Any] = load_yaml(path)
    return Persona.model_validate(data)


def load_persona(name: str) -> Persona:
    """Returns the persona called `name`.

    Raises:
        UnknownNameError: There is none; the message names the nearest one.
    """
    known = sorted(path.parent.name for path in _FOLDER.glob(f"*/{_FILE}"))
    if name not in known:
        raise UnknownNameError("persona", name, known)
    return _parse(_FOLDER / name / _FILE)


@lru_cache(maxsize=8)
def personas(split: str | None = None) -> tuple[Persona, ...]:
    """Returns the personas of `split` (all of them when None), in alphabetical order."""
    everyone = (_parse(path) for path in sorted(_FOLDER.glob(f"*/{_FILE}")))
    return tuple(persona for persona in everyone if split in (None, persona.split))
