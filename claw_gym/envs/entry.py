"""What the registered ids call: keyword arguments in, a `ClawEnv` out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from claw_gym.envs.claw_env import ClawEnv
from claw_gym.errors import UsageError, nearest

__all__ = ["SURFACES", "family_env", "pack_env"]

SURFACES = ("services",)
"""The surfaces that exist."""

_OF_THE_ENV = ("tools", "max_steps", "max_result_chars", "implicit_finish", "render_mode")


def family_env(
    *,
    _suite: str = "",
    _family: str = "",
    task: str | None = None,
    split: str = "train",
    scale: str = "full",
    difficulty: int | None = None,
    surfaces: str | Sequence[str] = SURFACES,
    scorer: str | None = None,
    **kwargs: Any,
) -> ClawEnv:
    """Makes an env over our own task families.

    Args:
        _suite: Name of the versioned suite that the id draws from; "" with `_family`. Registered, not for users.
        _family: Name of the one family that the id draws from; "" with `_suite`. Registered, not for users.
        task: Always this task (a full name), or tasks of this family only (its name).
        split: "train", "validation" or "test".
        scale: How much life there is: "full", "medium" or "small".
        difficulty: 1 to 5; None to draw it.
        surfaces: Surfaces to offer; "services" is the one that exists.
        scorer: Must stay None: our tasks are judged by the state of the world.
        **kwargs: Passed on to `ClawEnv`.

    Raises:
        UsageError: A value that does not exist.
    """
    from claw_gym.tasks.source import FamilySource

    for name in ("suite", "family"):
        if name in kwargs:
            raise UsageError(f"An id fixes what it draws, so {name}= cannot be given; make another id or give task=.")
    _refuse_unknown(kwargs, "split", "scale", "difficulty")
    _check_surfaces(surfaces)
    if scorer is not None:
        raise UsageError("scorer is for published packs; our own tasks are judged by the state of the world.")
    source = FamilySource(suite=_suite, family=_family, split=split, scale=scale, difficulty=difficulty)
    if isinstance(task, str) and task and ":" not in task:
        source, task = source.narrowed(task), None
    return ClawEnv(source, task=task, **kwargs)


def pack_env(
    *,
    path: str | Path | None = None,
    task: str | None = None,
    surfaces: str | Sequence[str] = SURFACES,
    scorer: str | None = None,
    **kwargs: Any,
) -> ClawEnv:
    """Makes an env over published task directories.

    Args:
        path: One task directory, a folder of them, or a parquet file.
        task: Always the task with this task_id.
        surfaces: Surfaces to offer; "services" is the one that exists.
        scorer: None for the machine-checkable parts only, "judge" or "upstream".
        **kwargs: Passed on to `ClawEnv`.

    Raises:
        UsageError: No path, or a value that does not exist.
        PackError: Nothing at `path` can be played.
    """
    from claw_gym.packs.task import PackSource

    _refuse_unknown(kwargs, "path")
    if path is None:
        raise UsageError("Claw-Pack-v0 needs path=: one task directory, a folder of them, or a parquet file.")
    _check_surfaces(surfaces)
    return ClawEnv(PackSource(Path(path), scorer=scorer), task=task, **kwargs)


def _refuse_unknown(kwargs: Mapping[str, Any], *own: str) -> None:
    known = (*own, "task", "surfaces", "scorer", *_OF_THE_ENV)
    for name in sorted(set(kwargs) - set(_OF_THE_ENV)):
        hint = nearest(name, known)
        rest = f"Did you mean {hint}?" if hint else f"Known: {', '.join(known)}."
        raise UsageError(f"The env takes no argument {name!r}. {rest}")


def _check_surfaces(surfaces: str | Sequence[str]) -> None:
    given: Any = surfaces
    names = [name.strip() for name in given.split(",")] if isinstance(given, str) else given
    if not isinstance(names, Sequence):
        raise UsageError(f"surfaces should be names apart by commas or a list of them, not {surfaces!r}.")
    wrong = [name for name in names if name not in SURFACES]
    if wrong or not names:
        shown = repr(wrong[0]) if wrong else "an empty list"
        raise UsageError(f"surfaces should name surfaces that exist ({', '.join(SURFACES)}), not {shown}.")
