"""Where an id's tasks come from: versioned suites of families, which are data."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from claw_gym.core.seeding import stream
from claw_gym.core.toolset import Toolset
from claw_gym.errors import TaskNameError, UnknownNameError, UsageError
from claw_gym.life import personas
from claw_gym.life.library import scale_names
from claw_gym.life.loaded import life_of, lives_of
from claw_gym.tasks.family import FAMILIES, FamilyTask, TaskFamily
from claw_gym.tasks.names import SPLIT_SIZE, SPLITS, TaskName
from claw_gym.tasks.task import TaskSource

__all__ = ["FamilySource", "suite_members"]

_SUITES = Path(__file__).parent / "suites.yaml"
_DIFFICULTIES = (1, 2, 3, 4, 5)


@lru_cache(maxsize=1)
def _suites() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_SUITES.read_text(encoding="utf-8"))
    return found


def suite_members(suite: str) -> list[list[str]]:
    """Returns the groups of families a suite draws from; each group is as likely as another.

    Raises:
        UnknownNameError: No such suite.
    """
    suites = _suites()
    if suite not in suites:
        raise UnknownNameError("suite", suite, suites)
    return [list(group) for group in suites[suite]]


class FamilySource(TaskSource):
    """Draws tasks of one family, or of the families of a suite."""

    def __init__(
        self,
        *,
        suite: str = "",
        family: str = "",
        split: str = "train",
        scale: str = "full",
        difficulty: int | None = None,
    ) -> None:
        """Checks what was asked for; see `claw_gym.envs.entry.family_env` for the arguments.

        Raises:
            UsageError: A split, scale or difficulty that does not exist, or a split without personas.
        """
        if split not in SPLITS:
            raise UsageError(f"split should be one of {', '.join(SPLITS)}, not {split!r}.")
        if scale not in scale_names():
            raise UsageError(f"scale should be one of {', '.join(scale_names())}, not {scale!r}.")
        if difficulty is not None and (type(difficulty) is not int or difficulty not in _DIFFICULTIES):
            raise UsageError(f"difficulty should be a whole number from 1 to 5 or None, not {difficulty!r}.")
        if not personas(split):
            raise UsageError(f"No persona stands in the split {split!r} yet; use split='train'.")
        groups = [[family]] if family else suite_members(suite)
        standing = ([one for name in group if split in (one := FAMILIES[name]).splits] for group in groups)
        self._groups: list[list[TaskFamily[Any]]] = [group for group in standing if group]
        if not self._groups:
            where = " and ".join(sorted(FAMILIES[groups[0][0]].splits))
            raise UsageError(f"{groups[0][0]} stands only in the split {where}; pass split={where!r}.")
        self.split, self.scale, self.difficulty = split, scale, difficulty
        self._lives = len(lives_of(split))
        self._toolset: Toolset | None = None

    @property
    def toolset(self) -> Toolset:  # type: ignore[override]  # built on first use: it needs a life
        """The tools that tasks of this source offer; all lives of a scale have the same services."""
        if self._toolset is None:
            self._toolset = self._task(self._name(0)).toolset
        return self._toolset

    @property
    def families(self) -> list[str]:
        """The names of the families drawn from."""
        return [family.name for group in self._groups for family in group]

    def narrowed(self, family: str) -> FamilySource:
        """Returns a source for one family of this one.

        Raises:
            TaskNameError: The family is not among those of this source.
        """
        if family not in self.families:
            FAMILIES[family]  # an unknown name gets its own sentence
            raise TaskNameError(f"The family {family} is not among those of this id: {', '.join(self.families)}.")
        return FamilySource(family=family, split=self.split, scale=self.scale, difficulty=self.difficulty)

    def draw(self, seed: int) -> FamilyTask[Any]:
        """Returns the task of a seed; any integer maps into the split's seeds."""
        return self._task(self._name(seed))

    def _name(self, seed: int) -> TaskName:
        task_seed = SPLITS[self.split] + seed % SPLIT_SIZE
        rng = stream(task_seed, "draw")
        group = self._groups[rng.randrange(len(self._groups))]
        family = group[rng.randrange(len(group))]
        drawn = _DIFFICULTIES[rng.randrange(len(_DIFFICULTIES))]
        name = TaskName(family.name, family.version, self.scale, self.difficulty or drawn, task_seed)
        guests = [one for group in self._groups for one in group if one.proactive and one is not family]
        if not family.proactive or not guests:
            return name
        guest = guests[rng.randrange(len(guests))]
        return replace(name, guest=guest.name, guest_version=guest.version)

    def named(self, name: str) -> FamilyTask[Any]:
        """Returns a task by its full name, or the first task of a family by the family's name."""
        if "@" not in name and ":" not in name:
            return self.narrowed(name).draw(0)
        parsed = TaskName.parse(name)
        if parsed.split != self.split:
            raise TaskNameError(f"{name} is of the split {parsed.split!r}, this env plays {self.split!r}.")
        if parsed.family not in self.families:
            self.narrowed(parsed.family)
        for family, version in ((parsed.family, parsed.version), (parsed.guest, parsed.guest_version)):
            if family and version != FAMILIES[family].version:
                raise TaskNameError(f"{name}: the version of {family} is {FAMILIES[family].version} here.")
        self._check_guest(parsed)
        if parsed.scale != self.scale:
            raise TaskNameError(f"{name} is of the scale {parsed.scale!r}, this env plays {self.scale!r}.")
        return self._task(parsed)

    def _check_guest(self, name: TaskName) -> None:
        if not name.guest:
            return
        host, guest = FAMILIES[name.family], FAMILIES[name.guest]
        if not (host.proactive and guest.proactive) or guest is host or self.split not in guest.splits:
            raise TaskNameError(f"{name}: {name.guest} cannot be a guest of {name.family} in the split {self.split!r}.")

    def life_number(self, seed: int) -> int:
        """Returns which of the split's lives the task of a seed plays in; whoever plays many may group them."""
        return stream(SPLITS[self.split] + seed % SPLIT_SIZE, "life").randrange(self._lives)

    def _task(self, name: TaskName) -> FamilyTask[Any]:
        life = life_of(self.split, self.life_number(name.seed), self.scale)
        return life.made(FAMILIES[name.family].build, name)
