"""Rule 9: story records look like life records; only what they say tells them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from claw_gym.testing.audit.finding import Finding, Findings
from claw_gym.testing.audit.logistic import Flags, Matrix, area, interval, scores
from claw_gym.testing.audit.looks import Looks

__all__ = ["MOST_AREA", "Told", "no_fingerprint", "told_apart"]

MOST_AREA = 0.60
"""The largest area under the curve that counts as not told apart."""
_LEAST_TASKS = 4
_TOGETHER = "all tables"


@dataclass(frozen=True)
class Told:
    """How well a classifier tells story from life by looks.

    Attributes:
        table: The table; "all tables" for one model of all.
        tasks: How many tasks it was measured on.
        stories: How many story records.
        lives: How many life records.
        area: The area under the curve: the mean over tasks of the chance that a story record scores above a life record
            of the same task and table, by a model fitted on other tasks.
        low: The lower end of its 95 % interval over tasks.
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

    The area is known only as well as there are tasks to measure it on, so it counts as too large when the whole of
    its 95 % interval lies above 0.60.
    """
    for told in measured:
        if told.low > MOST_AREA:
            shown = f"{told.area:.2f} ({told.low:.2f} to {told.high:.2f})"
            by = f", most of all by {told.by}" if told.by else ""
            sentence = f"the looks of a record tell story from life with an area of at most {MOST_AREA:.2f}: not so"
            yield Finding(9, family, f"{sentence}, in {told.table} it is {shown}{by}")


def _aligned(looks: Sequence[Looks], names: Sequence[str]) -> list[tuple[Matrix, Flags]]:
    """Returns rows and labels with the columns of `names`; a column that a task lacks is zero there."""
    groups = []
    for item in looks:
        place = {name: n for n, name in enumerate(item.names)}
        columns = [item.rows[:, place[name]] if name in place else np.zeros(len(item.rows)) for name in names]
        groups.append((np.stack(columns, axis=1), item.is_story))
    return groups


def _measured(table: str, looks: Sequence[Looks]) -> Told | None:
    if len(looks) < _LEAST_TASKS:
        return None
    names = list(dict.fromkeys(name for item in looks for name in item.names))
    groups = _aligned(looks, names)
    areas = [area(found, labels) for found, (_, labels) in zip(scores(groups), groups, strict=True)]
    return _told(table, groups, areas, _most_telling(names, groups))


def _together(looks: Sequence[Mapping[str, Looks]], every: Mapping[str, Sequence[Looks]]) -> Told | None:
    """Measures one model of all tables, on the columns that all have; records are compared within their table."""
    if len(looks) < _LEAST_TASKS or len(every) < 2:
        return None
    names = sorted(set.intersection(*({name for item in group for name in item.names} for group in every.values())))
    groups, parts = [], []
    for found in looks:
        aligned = _aligned(list(found.values()), names)
        # Each table on its own scale, so that the model learns what is common to all of them.
        rows = np.vstack([_scaled(rows) for rows, _ in aligned])
        groups.append((rows, np.concatenate([labels for _, labels in aligned])))
        parts.append(np.cumsum([len(labels) for _, labels in aligned])[:-1])
    areas = []
    for found_scores, (_, labels), ends in zip(scores(groups), groups, parts, strict=True):
        pieces = zip(np.split(found_scores, ends), np.split(labels, ends), strict=True)
        within = [(area(one, flags), int(flags.sum())) for one, flags in pieces]
        areas.append(sum(value * count for value, count in within) / sum(count for _, count in within))
    return _told(_TOGETHER, groups, areas, _most_telling(names, groups))


def _scaled(rows: Matrix) -> Matrix:
    spread = rows.std(axis=0)
    scaled: Matrix = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return scaled


def _told(table: str, groups: Sequence[tuple[Matrix, Flags]], areas: Sequence[float], by: str) -> Told:
    mean, low, high = interval(areas)
    stories = sum(int(labels.sum()) for _, labels in groups)
    lives = sum(int((~labels).sum()) for _, labels in groups)
    return Told(table, len(groups), stories, lives, mean, low, high, by)


def _most_telling(names: Sequence[str], groups: Sequence[tuple[Matrix, Flags]]) -> str:
    """Returns the column that alone tells most, with its area, either way round."""
    best, name_of_best = 0.0, ""
    for column, name in enumerate(names):
        areas = [area(rows[:, column], labels) for rows, labels in groups]
        mean = sum(areas) / len(areas)
        if max(mean, 1 - mean) > best:
            best, name_of_best = max(mean, 1 - mean), name
    return f"{name_of_best} ({best:.2f})"
