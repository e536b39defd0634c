"""Drawing the tasks of an audit, here and in other processes."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from claw_gym.errors import UsageError
from claw_gym.tasks.family import FAMILIES, FamilyTask, TaskFamily
from claw_gym.tasks.names import TaskName
from claw_gym.tasks.source import FamilySource

__all__ = ["Draws", "FamilyRef"]

_DIFFICULTIES = 5
_CHUNK = 16


@dataclass(frozen=True)
class FamilyRef:
    """How another process finds a family.

    Attributes:
        name: What it is called in findings.
        module: The module that defines its class.
        file: That module's file, for one that cannot be imported by name; "" where it has none.
        qualname: The class within it.
    """

    name: str
    module: str
    file: str
    qualname: str

    @classmethod
    def to(cls, name: str) -> FamilyRef:
        """Returns the reference to a registered family.

        Raises:
            UnknownNameError: There is no such family.
        """
        kind = type(FAMILIES[name])
        file = getattr(sys.modules.get(kind.__module__), "__file__", None)
        return cls(name, kind.__module__, file or "", kind.__qualname__)

    def load(self) -> TaskFamily[Any]:
        """Returns the family.

        Raises:
            UsageError: Its class stands inside a function, where no other process finds it.
        """
        known = FAMILIES.get(self.name)
        if known is not None and (type(known).__module__, type(known).__qualname__) == (self.module, self.qualname):
            return known
        if "<locals>" in self.qualname:
            raise UsageError(f"The family {self.name} is defined inside a function; define it in a module of its own.")
        kind: Any = self._module()
        for part in self.qualname.split("."):
            kind = getattr(kind, part)
        found = next((family for family in FAMILIES.values() if type(family) is kind), None) or kind()
        if found.name not in FAMILIES:
            # Sources look it up by the name that stands in full names.
            FAMILIES.add(found.name, found)
        return found

    def _module(self) -> Any:
        try:
            return importlib.import_module(self.module)
        except ModuleNotFoundError:
            # A test's module, or one that was run as a script, has a file and no name that others could import.
            spec = importlib.util.spec_from_file_location(self.module, self.file) if self.file else None
            if spec is None or spec.loader is None:
                raise
        sys.modules[self.module] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


@dataclass(frozen=True)
class Draws:
    """The tasks of one family, by their numbers from 0; difficulty cycles from 1 to 5.

    Attributes:
        ref: The family.
        split: The split they are drawn from.
        scale: How much life there is.
    """

    ref: FamilyRef
    split: str
    scale: str

    @cached_property
    def family(self) -> TaskFamily[Any]:
        """The family itself."""
        return self.ref.load()

    @cached_property
    def _sources(self) -> list[FamilySource]:
        given = {"family": self.family.name, "split": self.split, "scale": self.scale}
        return [FamilySource(**given, difficulty=number + 1) for number in range(_DIFFICULTIES)]

    def check(self) -> None:
        """Refuses a split in which the family does not stand, or which has no personas, and a scale there is not.

        Raises:
            UsageError: One of these.
        """
        if self.split not in self.family.splits:
            raise UsageError(f"The family {self.ref.name} does not stand in the split {self.split!r}.")
        assert self._sources  # noqa: S101  making them checks the rest

    def task(self, number: int) -> FamilyTask[Any]:
        """Returns one task.

        Raises:
            UsageError: The family cannot draw it: the life has no room left, or nobody to play a part.
        """
        drawn = self._sources[number % _DIFFICULTIES].draw(number)
        # A family that is broken for a test shares its name with the one that it was made from.
        same = drawn.family is self.family
        return drawn if same else self.family.build(drawn.life, TaskName.parse(drawn.name))

    def again(self, task: FamilyTask[Any]) -> FamilyTask[Any]:
        """Returns a task built once more."""
        return self.family.build(task.life, TaskName.parse(task.name))

    def chunks(self, numbers: Iterable[int]) -> list[tuple[int, tuple[int, ...]]]:
        """Returns task numbers in chunks that share a life, each with the number of that life.

        Loading lives is what takes long, so whoever has one should get all chunks of it.
        """
        lives: dict[int, list[int]] = {}
        for number in numbers:
            lives.setdefault(self._sources[0].life_number(number), []).append(number)
        return [
            (life, tuple(found[start : start + _CHUNK]))
            for life, found in lives.items()
            for start in range(0, len(found), _CHUNK)
        ]
