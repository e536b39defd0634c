"""What records look like apart from what they say: places in sequences, stamps, lengths, which fields are filled."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claw_gym.core.seeding import Stream, stream
from claw_gym.life.loaded import Life
from claw_gym.rollout.gleaning import form_of
from claw_gym.tasks.family import FamilyTask
from claw_gym.world.moments import parse_moment

__all__ = ["Looks", "looks_of"]

_STAMPS = ("date", "start_time", "created_at", "published_at", "sent_at", "timestamp", "last_updated")
_SECONDS_A_DAY = 86_400
_LIFE_ROWS = 60
_TOGETHER = 8
# Nothing for so many days, or for so many times as long as is usual, parts what stands on either side.
_NEAR_DAYS, _FAR = 3, 3
_PROSE = ("title", "subject", "body", "description", "content", "notes", "note", "summary", "message", "text")
_STEPS = 4
# Tables with series, and the least share of their records that makes one.
_SERIAL = {"calendar.events": 0.1, "helpdesk.tickets": 0.025}
_AGAIN = 4


@dataclass(frozen=True)
class Looks:
    """The looks of the records of one table in one task.

    Attributes:
        names: The names of the columns.
        rows: One row a record, float64 of shape (records, columns).
        is_story: Whether each row is a record of the story, bool of shape (records,).
        kinds: The number of each row's kind, int of shape (records,): only what is of one kind is compared.
        places: The number of each row's neighbourhood, int of shape (records,): story records that stand close to each
            other in time and the life records beside them. What is of one kind and one neighbourhood is compared.
        life: Which life the task plays in.
    """

    names: tuple[str, ...]
    rows: NDArray[np.float64]
    is_story: NDArray[np.bool_]
    kinds: NDArray[np.int64]
    places: NDArray[np.int64]
    life: str


@dataclass(frozen=True)
class _Entry:
    """A record, its place among the ids of its table, and its stamp in days from now; None for a record without."""

    place: int
    stamp: float | None
    moment: datetime | None
    plain: Mapping[str, Any]


@dataclass(frozen=True)
class _Row:
    """An entry to be looked at, whether it is the story's, and the numbers of its kind and its neighbourhood."""

    entry: _Entry
    is_story: bool
    kind: int
    place: int


def looks_of(task: FamilyTask[Any], *, near: bool = True) -> dict[str, Looks]:
    """Returns the looks of a story's records and of life records that they may hide among, table by table.

    Args:
        task: The task.
        near: Whether to compare with the life records that stand about a story record in time, eight in a row; else
            with life records of any time, 60 of them, drawn. Either way with records of their own kind: mail of the
            same folder and labels, tickets of the same state, alerts apart, suppliers apart from clients, colleagues in
            the address book apart from others, and calendar entries of a series that the life has, such as shifts
            ("On call: ..."). What kind a record is of stands in it for everybody to read.
    """
    groups: dict[str, list[_Entry]] = {}
    for table, entry in _story(task):
        groups.setdefault(table, []).append(entry)
    return {table: looks for table, told in groups.items() if (looks := _looks(task, table, told, near=near))}


def _looks(task: FamilyTask[Any], table: str, told: list[_Entry], *, near: bool) -> Looks | None:
    places, own = {entry.place for entry in told}, task.life.person.email.rpartition("@")[2]
    life = [entry for entry in task.life.made(_entries, table) if entry.place not in places]
    series = Counter(_series(entry.plain) for entry in life) if table in _SERIAL else Counter()
    again = {name for name, count in series.items() if count >= max(_AGAIN, _SERIAL[table] * len(life))}
    kinds: dict[str, list[_Entry]] = {}
    for entry in told:
        kinds.setdefault(_kind(entry.plain, again, own), []).append(entry)
    rng = stream(0, "looks", task.name, table)
    rows: list[_Row] = []
    for kind_number, (kind, ours) in enumerate(kinds.items()):
        # What is of a kind of its own stands out among all others.
        alike = [entry for entry in life if _kind(entry.plain, again, own) == kind] or life
        around = _neighbourhoods(ours, alike, rng) if near else [(ours, rng.sample(alike, min(_LIFE_ROWS, len(alike))))]
        for laid, compared in around:
            place = rows[-1].place + 1 if rows else 0
            rows += [_Row(entry, True, kind_number, place) for entry in laid]
            rows += [_Row(entry, False, kind_number, place) for entry in compared]
    if all(row.is_story for row in rows):
        return None
    order = sorted([*life, *told], key=lambda entry: entry.place)
    ids = [entry.place for entry in order]
    stamps = sorted(entry.stamp for entry in order if entry.stamp is not None)
    looks = [_look(row.entry, ids, stamps) for row in rows]
    names = tuple(dict.fromkeys(name for look in looks for name in look))
    return Looks(
        names,
        np.array([[look.get(name, 0.0) for name in names] for look in looks], dtype=np.float64),
        np.array([row.is_story for row in rows]),
        np.array([row.kind for row in rows], dtype=np.int64),
        np.array([row.place for row in rows], dtype=np.int64),
        f"{task.life.persona.name} {task.life.draft.life_seed}",
    )


def _neighbourhoods(told: list[_Entry], life: list[_Entry], rng: Stream) -> list[tuple[list[_Entry], list[_Entry]]]:
    """Returns story records with the life records that stand about them, by stamp; by id in tables without stamps.

    All are put in order and cut into equal parts from a place that is drawn, and wherever there is nothing for days:
    parts laid around each story record would have it in their middle, which would tell it.
    """
    laid = {entry.place for entry in told}
    ordered = sorted([*told, *life], key=_when)
    first = rng.randrange(_TOGETHER)
    steps = [_when(after)[0] - _when(before)[0] for before, after in pairwise(ordered)]
    far = max(_NEAR_DAYS, _FAR * median(steps))
    apart = [n + 1 for n, step in enumerate(steps) if step > far]
    cuts = sorted({0, *apart, *range(first, len(ordered), _TOGETHER), len(ordered)})
    parts = [ordered[low:high] for low, high in pairwise(cuts)]
    split = [([e for e in part if e.place in laid], [e for e in part if e.place not in laid]) for part in parts]
    return [(ours, others) for ours, others in split if ours and others]


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


def _kind(plain: Mapping[str, Any], again: Collection[str], own: str) -> str:
    """Returns the kind of a record, as a person who reads it would name it.

    `again` are the series of the life, `own` is the domain of the person's firm.
    """
    labels = plain.get("labels") or ("",)
    series = _series(plain)
    # A ticket's state: open, acknowledged, closed, each with fields of its own.
    status = f"{plain.get('status')} {len(plain)}" if "ticket_id" in plain else ""
    side = "supplier" if plain.get("tier") == "supplier" else ""
    if "contact_id" in plain and str(plain["email"]).endswith(f"@{own}"):
        side = "colleague"
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
