"""Findings: which rule is broken, by which task, and how."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["RULES", "Finding", "Findings"]

RULES = {
    1: "solvable",
    2: "not for free",
    3: "every part counts",
    4: "every service counts",
    5: "no collateral damage",
    6: "typed answers",
    7: "the same everywhere",
    8: "open to other ways",
    9: "no fingerprint",
}
"""Number of each rule of task families -> its name."""


@dataclass(frozen=True, order=True)
class Finding:
    """One rule broken.

    Attributes:
        rule: Its number, 1 to 9; see `RULES`.
        task: The full name of the task that shows it; the family's name where it takes many tasks to see it.
        sentence: What should be so and is not, without a full stop.
    """

    rule: int
    task: str
    sentence: str

    def __str__(self) -> str:
        """Returns one line."""
        return f"rule {self.rule} ({RULES[self.rule]}), {self.task}: {self.sentence}."


Findings = Iterator[Finding]
"""What a rule's function yields: nothing where the rule is kept."""
