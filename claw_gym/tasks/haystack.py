"""How well a task's evidence is hidden in its life: near misses beside it, and its rank in an obvious search."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from claw_gym.core.canonical import canonical_json
from claw_gym.life.loaded import Life
from claw_gym.services import SERVICES
from claw_gym.tasks.family import FamilyTask
from claw_gym.world.world import World

__all__ = ["Haystack", "haystack", "names_by_record"]

_PAGE = 100
_SEARCH_DAYS = 400
_SHORTEST_NAME = 3
# Searches of the mail services, notes and the knowledge base take words; elsewhere there are only listings.
_LISTINGS: Mapping[str, tuple[str, dict[str, Any], bool]] = {
    "gmail.messages": ("list_messages", {"days_back": _SEARCH_DAYS, "max_results": _PAGE}, True),
    "workmail.messages": ("list_messages", {"days_back": _SEARCH_DAYS, "max_results": _PAGE}, True),
    "notes.notes": ("list", {"max_results": _PAGE}, True),
    "kb.articles": ("search", {"max_results": _PAGE}, True),
    "contacts.contacts": ("search", {}, True),
    "todo.tasks": ("list_tasks", {}, False),
    "finance.transactions": ("list_transactions", {}, False),
    "crm.customers": ("list_customers", {}, False),
    "helpdesk.tickets": ("list_tickets", {"status": "all"}, False),
    "scheduler.jobs": ("list_jobs", {}, False),
    "inventory.products": ("list_products", {}, False),
}


@dataclass(frozen=True, slots=True)
class Haystack:
    """What stands between an agent and the evidence of one task.

    Attributes:
        near_misses: For each evidence record, how many records of the life name one of the same people, companies,
            projects or things, at another time or with other values.
        ranks: For each evidence record that a search or listing can show, its place there, from 1: the search of its
            service for the name in the record that fewest records share, or the plain listing where there is no search.
    """

    near_misses: tuple[int, ...]
    ranks: tuple[int, ...]


def haystack(task: FamilyTask[Any]) -> Haystack:
    """Measures the life around the evidence of a task."""
    life = task.life
    index = life.made(_index, "names")
    world = task.start()
    own = {str(plain[_id_field(life, table)]) for table, plain in (*task.told.evidence, *task.told.others)}
    misses, ranks = [], []
    for table, plain in task.told.evidence:
        record_id = str(plain[_id_field(life, table)])
        names = _names_in(plain, life)
        near = set().union(*(index.get(name, set()) for name in names)) - {(table, one) for one in own}
        misses.append(len(near))
        rarest = min(names, key=lambda name: (len(index.get(name, ())), name), default="")
        rank = _rank(world, table, record_id, rarest)
        if rank is not None:
            ranks.append(rank)
    return Haystack(tuple(misses), tuple(ranks))


def medians(found: list[Haystack]) -> tuple[float, float]:
    """Returns the median number of near misses and the median rank over all evidence records."""
    misses = [one for item in found for one in item.near_misses]
    ranks = [one for item in found for one in item.ranks]
    return float(median(misses)), float(median(ranks))


def names_by_record(life: Life) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yields (table, id, names of people, companies, projects and addresses) of every record of a life."""
    for table, base in life.base.tables.items():
        for record_id, record in base.records.items():
            yield table, record_id, _names_in(record.plain, life)


def _id_field(life: Life, table: str) -> str:
    return str(life.base.tables[table].record_type.id_field)


def _pattern(life: Life, _: str) -> re.Pattern[str]:
    draft = life.draft
    names = {person.name for person in draft.people if person.group != "self"}
    names |= {person.email for person in draft.people if person.group != "self"}
    names |= {company.name for company in (*draft.suppliers, *draft.clients)}
    names |= {company.merchant for company in (*draft.suppliers, *draft.clients)}
    names |= {project.name for project in draft.projects}
    names |= {str(product["name"]) for product in life.records("inventory.products")}
    names |= {str(job["name"]) for job in life.records("scheduler.jobs")}
    longest = sorted((name for name in names if len(name) >= _SHORTEST_NAME), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")


def _names_in(plain: Mapping[str, Any], life: Life) -> frozenset[str]:
    text = canonical_json(plain).decode()
    return frozenset(life.made(_pattern, "pattern").findall(text))


def _index(life: Life, _: str) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for table, record_id, names in names_by_record(life):
        for name in names:
            found[name].add((table, record_id))
    return dict(found)


def _rank(world: World, table: str, record_id: str, name: str) -> int | None:
    """Returns the place of a record in what a search for `name`, or else the listing, shows first."""
    if table == "calendar.events":
        starts = sorted((str(row.plain["start_time"]), row.id) for row in world.table(table))
        return next(place for place, (_, key) in enumerate(starts[::-1], 1) if key == record_id)
    if table not in _LISTINGS:
        return None
    method, arguments, searches = _LISTINGS[table]
    show: Callable[..., Any] = getattr(SERVICES[table.partition(".")[0]](world), method)
    query = {"query": name} if searches and name else {}
    if not query and method == "search":
        return None
    rows = _rows(show, {**arguments, **query})
    found = rows.index(record_id) + 1 if record_id in rows else None
    if found is None and query and method != "search":
        rows = _rows(show, arguments)
        found = rows.index(record_id) + 1 if record_id in rows else None
    return found if found is not None else len(rows) + 1


def _rows(show: Callable[..., Any], arguments: dict[str, Any]) -> list[str]:
    """Returns the ids of all rows of a listing, page by page where it has pages."""
    ids: list[str] = []
    while True:
        paged = {**arguments, "offset": len(ids)} if "max_results" in arguments else arguments
        result = show(**paged)
        rows = next(value for value in result.values() if isinstance(value, list | tuple))
        new = [str(next(iter(row.values()))) for row in rows]
        ids += new
        if "max_results" not in arguments or len(new) < _PAGE:
            return ids
