"""Full names of tasks: `family@version/scale/difficulty:seed`; a guest stands as `family@1+guest@1/...`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from claw_gym.errors import TaskNameError

__all__ = ["SPLITS", "TaskName"]

SPLIT_SIZE = 10**6
SPLITS = {"train": 0, "validation": SPLIT_SIZE, "test": 2 * SPLIT_SIZE}
"""Split -> its first task seed; each holds a million."""

_FAMILY = r"([a-z][a-z0-9_]*)@(\d+)"
_FORM = re.compile(rf"{_FAMILY}(?:\+{_FAMILY})?/([a-z]+)/([1-5]):(\d+)")


@dataclass(frozen=True, slots=True)
class TaskName:
    """The parts of a full name.

    Attributes:
        family: The family's registry name.
        version: The family's version.
        scale: How much life there is, such as "small".
        difficulty: 1 to 5.
        seed: The task seed; it lies in one split.
        guest: The family that lays further matters into a proactive episode; "" for none.
        guest_version: That family's version.
    """

    family: str
    version: int
    scale: str
    difficulty: int
    seed: int
    guest: str = ""
    guest_version: int = 0

    def __str__(self) -> str:
        """Returns the full name."""
        guest = f"+{self.guest}@{self.guest_version}" if self.guest else ""
        return f"{self.family}@{self.version}{guest}/{self.scale}/{self.difficulty}:{self.seed}"

    @classmethod
    def parse(cls, text: str) -> TaskName:
        """Returns the parts of `text`.

        Raises:
            TaskNameError: It is no full name.
        """
        match = _FORM.fullmatch(text)
        if match is None:
            raise TaskNameError(
                f"{text!r} is no task name; one looks like settle_duplicate_charge@1/small/3:42, "
                "that is family@version/scale/difficulty:seed."
            )
        family, version, guest, guest_version, scale, difficulty, seed = match.groups()
        return cls(family, int(version), scale, int(difficulty), int(seed), guest or "", int(guest_version or 0))

    @property
    def split(self) -> str:
        """The split that the seed lies in.

        Raises:
            TaskNameError: It lies in none.
        """
        for name, first in SPLITS.items():
            if first <= self.seed < first + SPLIT_SIZE:
                return name
        raise TaskNameError(f"The seed of {self} lies in no split; seeds run from 0 to {3 * SPLIT_SIZE - 1}.")
