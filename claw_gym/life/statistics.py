"""Figures about a life: how much there is, over what time, and how varied it is told."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from claw_gym.life.draft import LifeDraft, count_words
from claw_gym.life.library import stories
from claw_gym.life.prose import Variety, slips, variety

__all__ = ["STAMPLESS", "LifeStatistics", "ServiceFigures", "life_statistics"]

# Tables whose places have an order but no moment of their own.
STAMPLESS = ("contacts", "crm", "inventory", "config", "scheduler")
_NOISE_KINDS = ("mail", "feed")


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """What one service holds: `first` and `last` are days (ISO), "" where records have no moment of their own."""

    service: str
    records: int
    words: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class LifeStatistics:
    """Figures about one life.

    Attributes:
        persona: Whose, under
        life_seed: this seed, at
        scale: this scale.
        now: Where its clock stands, ISO.
        words: Words in all text values of all records.
        records: How many there are.
        days: Calendar days from the first to the last past record.
        services: Figures per service with data.
        storylines: How many stories left traces in two or more records.
        crossing: How many of them in two or more services.
        noise: Share of records that mean nothing for any task: newsletters, notices, news.
        conflicts: Share of records of storylines in which a later message overrides an earlier one.
        text: How varied the sentences are.
        slips: How many slips a machine finds in the prose.
    """

    persona: str
    life_seed: int
    scale: str
    now: str
    words: int
    records: int
    days: int
    services: tuple[ServiceFigures, ...]
    storylines: int
    crossing: int
    noise: float
    conflicts: float
    text: Variety
    slips: int

    def plain(self) -> dict[str, Any]:
        """Returns the figures as plain data."""
        return asdict(self)


def life_statistics(draft: LifeDraft) -> LifeStatistics:
    """Measures a life."""
    services = _services(draft)
    tales = {story["id"]: story for story in stories(draft.persona.name)}
    places: dict[str, set[str]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    noise = conflicting = 0
    for table, slots in draft.tables.items():
        for slot in slots:
            if slot.record is None or not slot.story:
                continue
            story = tales[slot.story.partition("@")[0]]
            noise += story["kind"] in _NOISE_KINDS
            conflicting += bool(story.get("conflict"))
            places[slot.story].add(table.partition(".")[0])
            counts[slot.story] += 1
    records = sum(item.records for item in services)
    starts = [datetime.fromisoformat(item.first) for item in services if item.first]
    return LifeStatistics(
        persona=draft.persona.name,
        life_seed=draft.life_seed,
        scale=draft.scale,
        now=draft.now.isoformat(),
        words=sum(item.words for item in services),
        records=records,
        days=(draft.now.date() - min(starts).date()).days,
        services=services,
        storylines=sum(count > 1 for count in counts.values()),
        crossing=sum(len(found) > 1 for found in places.values()),
        noise=noise / records,
        conflicts=conflicting / records,
        text=variety(draft),
        slips=len(slips(draft)),
    )


def _services(draft: LifeDraft) -> tuple[ServiceFigures, ...]:
    found = []
    for table in draft.tables:
        service = table.partition(".")[0]
        slots = [slot for slot in draft.tables[table] if slot.record is not None]
        if not slots:
            continue
        stamps = [] if service in STAMPLESS else [slot.at.date().isoformat() for slot in slots]
        words = sum(count_words(slot.record) for slot in slots)
        first, last = (min(stamps), max(stamps)) if stamps else ("", "")
        found.append(ServiceFigures(service, len(slots), words, first, last))
    return tuple(sorted(found, key=lambda item: -item.words))
