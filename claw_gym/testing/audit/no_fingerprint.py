"""Rule 9: story records look like life records; only what they say tells them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from claw_gym.testing.audit.finding import Finding, Findings
from claw_gym.testing.audit.logistic import Flags, Matrix, area, interval, scores
from claw_gym.testing.audit.looks import Looks

__all__ = ["MOST_AREA", "Told", "no_fingerprint", "told_apart"]

MOST_AREA = 0.60
"""The largest area under the curve that counts as not told apart."""
_LEAST_TASKS = 4
_TOGETHER = "all tables"
# More than any table has; keeps the neighbourhoods of tables apart.
_PLACES = 1_000


@dataclass(frozen=True)
class Told:
    """How well a classifier tells story from life by looks.

    Attributes:
        table: The table; "all tables" for one model of all.
        tasks: How many tasks it was measured on.
        stories: How many story records.
        lives: How many life records.
        area: The area under the curve: the mean over lives and their tasks of the chance that a story record scores
            above a life record beside it, by a model fitted on tasks in other lives.
        low: The lower end of its 95 % interval over lives.
        high: The upper end.
        by: The look that tells most, where one alone does.
    """

    table: str
    tasks: int
    stories: int
    lives: int
    area: float
    low: float
    high: float
    by: str = ""


def told_apart(looks: Sequence[Mapping[str, Looks]]) -> list[Told]:
    """Measures every table, and all together.

    Args:
        looks: Table -> looks, for each task.
    """
    looks = [found for found in looks if found]
    tables = sorted({table for found in looks for table in found})
    every = {table: [found[table] for found in looks if table in found] for table in tables}
    measured = [_measured(table, every[table]) for table in tables]
    return [item for item in (*measured, _together(looks, every)) if item is not None]


def no_fingerprint(family: str, measured: Sequence[Told]) -> Findings:
    """Yields the tables in which story is told from life.

    The area is known only as well as there are lives to measure it on, so it counts as too large when the whole of
    its 95 % interval lies above 0.60.
    """
    for told in measured:
        if told.low > MOST_AREA:
            shown = f"{told.area:.2f} ({told.low:.2f} to {told.high:.2f})"
            by = f", most of all by {told.by}" if told.by else ""
            sentence = f"the looks of a record tell story from life with an area of at most {MOST_AREA:.2f}: not so"
            yield Finding(9, family, f"{sentence}, in {told.table} it is {shown}{by}")


@dataclass(frozen=True)
class _Group:
    """The rows of one task, seen from the middle of their neighbourhood, with labels and numbers of neighbourhoods."""

    rows: Matrix
    labels: Flags
    places: NDArray[np.int64]
    life: str

    def area(self, found: Matrix) -> float:
        """Returns the area under the curve within neighbourhoods, weighed by story records; 0.5 where none compares."""
        total = weights = 0.0
        for place in np.unique(self.places[self.labels]):
            here = self.places == place
            labels = self.labels[here]
            if not labels.all():
                weight = float(labels.sum())
                total, weights = total + weight * area(found[here], labels), weights + weight
        return total / weights if weights else 0.5


def _aligned(looks: Sequence[Looks], names: Sequence[str]) -> list[_Group]:
    """Returns rows and labels with the columns of `names`; a column that a task lacks is zero there."""
    groups = []
    for item in looks:
        place = {name: n for n, name in enumerate(item.names)}
        columns = [item.rows[:, place[name]] if name in place else np.zeros(len(item.rows)) for name in names]
        rows = np.stack(columns, axis=1)
        # Each kind on its own scale and each neighbourhood from its middle: what is learned is how a story differs.
        for kind in np.unique(item.kinds):
            rows[item.kinds == kind] = _scaled(rows[item.kinds == kind])
        for place in np.unique(item.places):
            rows[item.places == place] -= rows[item.places == place].mean(axis=0)
        groups.append(_Group(rows, item.is_story, item.places, item.life))
    return groups


def _measured(table: str, looks: Sequence[Looks]) -> Told | None:
    if len(looks) < _LEAST_TASKS:
        return None
    names = list(dict.fromkeys(name for item in looks for name in item.names))
    return _told(table, names, _aligned(looks, names))


def _together(looks: Sequence[Mapping[str, Looks]], every: Mapping[str, Sequence[Looks]]) -> Told | None:
    """Measures one model of all tables, on the columns that all have; records are compared within their table."""
    if len(looks) < _LEAST_TASKS or len(every) < 2:
        return None
    names = sorted(set.intersection(*({name for item in group for name in item.names} for group in every.values())))
    groups = []
    for found in looks:
        parts = _aligned(list(found.values()), names)
        places = [part.places + _PLACES * number for number, part in enumerate(parts)]
        rows, labels = np.vstack([part.rows for part in parts]), np.concatenate([part.labels for part in parts])
        groups.append(_Group(rows, labels, np.concatenate(places), parts[0].life))
    return _told(_TOGETHER, names, groups)


def _scaled(rows: Matrix) -> Matrix:
    """Returns the rows with columns of unit spread; flags stay as they are, else a rare one would count for more."""
    spread = rows.std(axis=0)
    is_flag = np.isin(rows, (0.0, 1.0)).all(axis=0)
    scaled: Matrix = (rows - rows.mean(axis=0)) / np.where((spread > 0) & ~is_flag, spread, 1.0)
    return scaled


def _told(table: str, names: Sequence[str], groups: Sequence[_Group]) -> Told:
    found = scores([(group.rows, group.labels) for group in groups], [group.life for group in groups])
    areas: dict[str, list[float]] = {}
    for group, one in zip(groups, found, strict=True):
        areas.setdefault(group.life, []).append(group.area(one))
    # Tasks of one life share its records; only lives are independent of each other.
    alone = [[item] for group in areas.values() for item in group]
    mean, low, high = interval([sum(group) / len(group) for group in (areas.values() if len(areas) > 1 else alone)])
    stories = sum(int(group.labels.sum()) for group in groups)
    lives = sum(int((~group.labels).sum()) for group in groups)
    return Told(table, len(groups), stories, lives, mean, low, high, _most_telling(names, groups))


def _most_telling(names: Sequence[str], groups: Sequence[_Group]) -> str:
    """Returns the column that alone tells most, with its area, either way round."""
    best, name_of_best = 0.0, ""
    for column, name in enumerate(names):
        areas = [group.area(group.rows[:, column]) for group in groups]
        mean = sum(areas) / len(areas)
        if max(mean, 1 - mean) > best:
            best, name_of_best = max(mean, 1 - mean), name
    return f"{name_of_best} ({best:.2f})"
