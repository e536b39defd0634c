"""A plain logistic regression, cross-validated, and the area under its curve."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["area", "interval", "scores"]

_ROUNDS = 12
_PENALTY = 1.0
_FOLDS = 5
_MOST_ROWS = 5_000
_Z = 1.96  # of a 95 % interval

Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]


def scores(groups: Sequence[tuple[Matrix, Flags]], sources: Sequence[str], folds: int = _FOLDS) -> list[Matrix]:
    """Returns the score of each row, by a model that has not seen any group of its source.

    Args:
        groups: Rows and labels of each group (a task), all with the same columns.
        sources: What each group comes from (a life); with a single source the groups count as sources of their own.
        folds: How many models to fit, if there are as many sources.
    """
    found: list[Matrix] = [np.zeros(0)] * len(groups)
    numbers = {source: number for number, source in enumerate(dict.fromkeys(sources))}
    numbered = [numbers[source] for source in sources] if len(numbers) > 1 else list(range(len(groups)))
    folds = max(2, min(folds, len(set(numbered))))
    for fold in range(folds):
        training = [group for number, group in zip(numbered, groups, strict=True) if number % folds != fold]
        inputs, labels = np.vstack([rows for rows, _ in training]), np.concatenate([flags for _, flags in training])
        # More rows than that make no better model, only a slower one.
        step = 1 + len(inputs) // _MOST_ROWS
        weights, mean, scale = _fit(inputs[::step], labels[::step])
        for place in (place for place, number in enumerate(numbered) if number % folds == fold):
            found[place] = _with_ones((groups[place][0] - mean) / scale) @ weights
    return found


def _fit(rows: Matrix, labels: Flags) -> tuple[Matrix, Matrix, Matrix]:
    """Fits by Newton's method with a penalty on all weights but the constant; both classes weigh the same."""
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    inputs = _with_ones((rows - mean) / scale)
    share = labels.mean()
    each = np.where(labels, 0.5 / max(share, 1e-9), 0.5 / max(1 - share, 1e-9))
    penalty = np.full(inputs.shape[1], _PENALTY)
    penalty[0] = 1e-9
    weights = np.zeros(inputs.shape[1])
    for _ in range(_ROUNDS):
        chances = 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))
        slope = inputs.T @ (each * (labels - chances)) - penalty * weights
        bend = (inputs.T * (each * chances * (1 - chances))) @ inputs + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-6:
            break
    return weights, mean, scale


def _with_ones(rows: Matrix) -> Matrix:
    return np.hstack([np.ones((len(rows), 1)), rows])


def area(found: Matrix, labels: Flags) -> float:
    """Returns the chance that a labelled row scores above another one, ties counted half: the area under the curve."""
    true, false = found[labels], found[~labels]
    above = (true[:, None] > false[None, :]).mean()
    return float(above + 0.5 * (true[:, None] == false[None, :]).mean())


def interval(areas: Sequence[float]) -> tuple[float, float, float]:
    """Returns the mean of areas and the ends of its 95 % interval; wider where they are few."""
    count = len(areas)
    mean = sum(areas) / count
    if count < 2:
        return mean, 0.0, 1.0
    spread = math.sqrt(sum((item - mean) ** 2 for item in areas) / (count - 1) / count)
    # Student's factor, by the first terms of its expansion (Abramowitz and Stegun 26.7.5).
    freedom = count - 1
    factor = _Z + (_Z**3 + _Z) / (4 * freedom) + (5 * _Z**5 + 16 * _Z**3 + 3 * _Z) / (96 * freedom**2)
    return mean, max(0.0, mean - factor * spread), min(1.0, mean + factor * spread)
