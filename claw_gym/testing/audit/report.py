"""What an audit found, as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from claw_gym.testing.audit.cheats import Earned
from claw_gym.testing.audit.counterfactuals import Rates
from claw_gym.testing.audit.examine import Effort
from claw_gym.testing.audit.finding import RULES, Finding
from claw_gym.testing.audit.no_fingerprint import Told
from claw_gym.testing.audit.typed_answers import Commonest

__all__ = ["FamilyAudit"]


@dataclass(frozen=True)
class FamilyAudit:
    """The audit of one family.

    Attributes:
        family: Its name.
        split: The split of the tasks.
        scale: How much life there was.
        seeds: How many tasks were checked closely.
        episodes: How many were drawn, and played by each cheating policy.
        findings: Every rule that was found broken, by rule and task.
        earned: What each cheating policy earned.
        commonest: The commonest answer.
        told: How well looks tell story from life, beside records of about the same time; rule 9 goes by these.
        told_widely: The same beside records of any time, where recent things stand out by being recent.
        rates: How well policies tell open matters from settled ones; empty for families with a request.
        efforts: What the oracle's episodes take.
        seconds: How long it took.
    """

    family: str
    split: str
    scale: str
    seeds: int
    episodes: int
    findings: tuple[Finding, ...]
    earned: tuple[Earned, ...]
    commonest: Commonest
    told: tuple[Told, ...]
    told_widely: tuple[Told, ...]
    rates: tuple[Rates, ...]
    efforts: tuple[Effort, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether every rule holds."""
        return not self.findings

    def of_rule(self, rule: int) -> list[Finding]:
        """Returns the findings of one rule."""
        return [finding for finding in self.findings if finding.rule == rule]

    def plain(self) -> dict[str, Any]:
        """Returns everything as plain data, for other programs."""
        return {
            "family": self.family,
            "split": self.split,
            "scale": self.scale,
            "seeds": self.seeds,
            "episodes": self.episodes,
            "holds": self.holds,
            "seconds": round(self.seconds, 1),
            "rules": [{"rule": n, "name": name, "broken": len(self.of_rule(n))} for n, name in RULES.items()],
            "findings": [asdict(finding) for finding in self.findings],
            "cheats": [{**asdict(item), "share": item.share, "allowed": item.allowed} for item in self.earned],
            "commonest_answer": {**asdict(self.commonest), "allowed": self.commonest.allowed},
            "fingerprint": [asdict(item) for item in self.told],
            "fingerprint_any_time": [asdict(item) for item in self.told_widely],
            "counterfactuals": [asdict(item) for item in self.rates],
            "oracle": [asdict(item) for item in self.efforts],
        }
