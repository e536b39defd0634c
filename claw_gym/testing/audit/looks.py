"""What records look like apart from what they say: places in sequences, stamps, lengths, which fields are filled."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claw_gym.core.seeding import stream
from claw_gym.life.loaded import Life
from claw_gym.rollout.gleaning import form_of
from claw_gym.tasks.family import FamilyTask
from claw_gym.world.moments import parse_moment

__all__ = ["Looks", "looks_of"]

_STAMPS = ("date", "start_time", "created_at", "published_at", "sent_at", "timestamp", "last_updated")
_SECONDS_A_DAY = 86_400
_LIFE_ROWS = 60
_BESIDE = 3
_NEAR_DAYS = 3
_PROSE = ("title", "subject", "body", "description", "content", "notes", "note", "summary", "message", "text")
_STEPS = 4
# Tables with series, and the least share of their records that makes one.
_SERIAL = {"calendar.events": 0.0, "helpdesk.tickets": 0.025}
_AGAIN = 4


@dataclass(frozen=True)
class Looks:
    """The looks of the records of one table in one task.

    Attributes:
        names: The names of the columns.
        rows: One row a record, float64 of shape (records, columns).
        is_story: Whether each row is a record of the story, bool of shape (records,).
        kinds: The number of each row's kind, int of shape (records,): only what is of one kind is compared.
    """

    names: tuple[str, ...]
    rows: NDArray[np.float64]
    is_story: NDArray[np.bool_]
    kinds: NDArray[np.int64]


@dataclass(frozen=True)
class _Entry:
    """A record, its place among the ids of its table, and its stamp in days from now; None for a record without."""

    place: int
    stamp: float | None
    moment: datetime | None
    plain: Mapping[str, Any]


def looks_of(task: FamilyTask[Any], *, near: bool = True) -> dict[str, Looks]:
    """Returns the looks of a story's records and of life records that they may hide among, table by table.

    Args:
        task: The task.
        near: Whether to compare with the life records that stand next to each story record in time, three on either
            side and, but for the very next, none more than three days away; else with life records of any time, 60 of
            them, drawn. Either way with records of their own kind: mail of the same folder and labels, tickets of the
            same state, alerts apart, suppliers apart from clients, and calendar entries of a series that the life has,
            such as shifts ("On call: ..."). What kind a record is of stands in it for everybody to read.
    """
    groups: dict[str, list[_Entry]] = {}
    for table, entry in _story(task):
        groups.setdefault(table, []).append(entry)
    return {table: looks for table, told in groups.items() if (looks := _looks(task, table, told, near=near))}


def _looks(task: FamilyTask[Any], table: str, told: list[_Entry], *, near: bool) -> Looks | None:
    places = {entry.place for entry in told}
    life = [entry for entry in task.life.made(_entries, table) if entry.place not in places]
    series = Counter(_series(entry.plain) for entry in life) if table in _SERIAL else Counter()
    again = {name for name, count in series.items() if count >= max(_AGAIN, _SERIAL[table] * len(life))}
    kinds: dict[str, list[_Entry]] = {}
    for entry in told:
        kinds.setdefault(_kind(entry.plain, again), []).append(entry)
    rng = stream(0, "looks", task.name, table)
    compared: list[tuple[_Entry, int]] = []
    for number, (kind, ours) in enumerate(kinds.items()):
        # What is of a kind of its own stands out among all others.
        alike = [entry for entry in life if _kind(entry.plain, again) == kind] or life
        beside = _neighbours(ours, alike) if near else rng.sample(alike, min(_LIFE_ROWS, len(alike)))
        compared += [(entry, number) for entry in beside]
    if not compared:
        return None
    laid = [(entry, number) for number, ours in enumerate(kinds.values()) for entry in ours]
    order = sorted([*life, *told], key=lambda entry: entry.place)
    ids = [entry.place for entry in order]
    stamps = sorted(entry.stamp for entry in order if entry.stamp is not None)
    rows = [_look(entry, ids, stamps) for entry, _ in (*laid, *compared)]
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    matrix = np.array([[row.get(name, 0.0) for name in names] for row in rows], dtype=np.float64)
    numbers = np.array([number for _, number in (*laid, *compared)], dtype=np.int64)
    return Looks(names, matrix, np.arange(len(rows)) < len(laid), numbers)


def _neighbours(told: list[_Entry], life: list[_Entry]) -> list[_Entry]:
    """Returns the life records next to each story record, by stamp; by id in tables without stamps."""
    ordered = sorted(life, key=_when)
    whens = [_when(entry) for entry in ordered]
    chosen: set[int] = set()
    for entry in told:
        when = _when(entry)
        at = bisect_left(whens, when)
        beside = range(max(0, at - _BESIDE), min(len(ordered), at + _BESIDE))
        next_to_it = (at - 1, at)
        chosen |= {p for p in beside if p in next_to_it or abs(whens[p][0] - when[0]) <= _NEAR_DAYS}
    return [ordered[place] for place in sorted(chosen)]


def _when(entry: _Entry) -> tuple[float, int]:
    return (entry.stamp if entry.stamp is not None else 0.0, entry.place)


def _story(task: FamilyTask[Any]) -> Iterable[tuple[str, _Entry]]:
    for table, plain in (*task.told.evidence, *task.told.others):
        base = task.life.base.tables[table]
        place = base.position.get(str(plain[base.record_type.id_field]), len(base.position))
        yield table, _entry(place, plain, task.life.now)


def _entries(life: Life, table: str) -> list[_Entry]:
    """Returns the entries of a life's table in the order of their ids."""
    base = life.base.tables[table]
    return [_entry(base.position[key], record.plain, life.now) for key, record in base.records.items()]


def _entry(place: int, plain: Mapping[str, Any], now: datetime) -> _Entry:
    text = next((plain[name] for name in _STAMPS if isinstance(plain.get(name), str) and plain[name]), None)
    moment = parse_moment(text) if text else None
    if moment is None:
        return _Entry(place, None, None, plain)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
    return _Entry(place, (moment - now).total_seconds() / _SECONDS_A_DAY, moment, plain)


def _series(plain: Mapping[str, Any]) -> str:
    """Returns what the records of one series have in common, such as "On call" of "On call: Ana", or a category."""
    return str(plain["category"]) if "ticket_id" in plain else str(plain.get("title")).partition(":")[0]


def _kind(plain: Mapping[str, Any], again: Collection[str]) -> str:
    """Returns the kind of a record, as a person who reads it would name it; `again` are the series of the life."""
    labels = plain.get("labels") or ("",)
    series = _series(plain)
    # A ticket's state: open, acknowledged, closed, each with fields of its own.
    status = f"{plain.get('status')} {len(plain)}" if "ticket_id" in plain else ""
    side = "supplier" if plain.get("tier") == "supplier" else ""
    return "/".join((*map(str, labels), side, series if series in again else "", status))


def _look(entry: _Entry, ids: list[int], stamps: list[float]) -> dict[str, float]:
    """Returns the columns of one record; the square of a place tells the middle from both ends."""
    at = bisect_left(ids, entry.place)
    rank = at / max(1, len(ids) - 1)
    found = {
        "id rank": rank,
        "id rank squared": (rank - 0.5) ** 2,
        "step from the id before": float(min(_STEPS, entry.place - ids[at - 1])) if at else 1.0,
        "step to the id after": float(min(_STEPS, ids[at + 1] - entry.place)) if at + 1 < len(ids) else 1.0,
        **_form(entry.plain),
    }
    if entry.stamp is None or entry.moment is None:
        return found
    listed = bisect_left(stamps, entry.stamp) / max(1, len(stamps) - 1)
    moment = entry.moment
    return {
        **found,
        "list rank": listed,
        "list rank squared": (listed - 0.5) ** 2,
        "id rank apart from list rank": abs(rank - listed),
        "days from now": entry.stamp,
        "days from now, logarithm": math.log1p(abs(entry.stamp)),
        "hour": moment.hour,
        "hour squared": (moment.hour - 12.0) ** 2,
        "minute": moment.minute,
        "quarter of an hour": float(moment.minute % 15 == 0),
        "second": moment.second,
        "whole minute": float(moment.second == 0),
        **{f"weekday {day}": float(moment.weekday() == day) for day in range(7)},
    }


def _form(plain: Mapping[str, Any]) -> dict[str, float]:
    """Returns how long the texts are, how many fields there are, how many are empty, which flags are up."""
    empty = sum(item in (None, "", (), []) for item in plain.values())
    found = {"fields": float(len(plain)), "empty fields": float(empty)}
    total = lines = 0
    for name, item in plain.items():
        if isinstance(item, bool):
            found[f"{name} is true"] = float(item)
        elif isinstance(item, str) and form_of(item) == "text":
            if name in _PROSE:
                found[f"length of {name}"] = math.log1p(len(item))
            total, lines = total + len(item), lines + item.count("\n")
        elif isinstance(item, list | tuple):
            found[f"items of {name}"] = float(len(item))
    return {**found, "length": math.log1p(total), "lines": math.log1p(lines)}
