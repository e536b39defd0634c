"""Matters of proactive tasks: what may be open in a person's life, how it is reported, and what is right of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from claw_gym.core.seeding import Stream
from claw_gym.core.tool import ToolCall
from claw_gym.life.loaded import Claims, Life
from claw_gym.tasks.family import Told
from claw_gym.tasks.success import Check
from claw_gym.tasks.task import OracleTurns
from claw_gym.world.effects import Effect
from claw_gym.world.schedule import Entry

__all__ = ["Matter", "MatterKind", "Matters", "Plan", "matches"]

M = TypeVar("M")


class Matter(BaseModel):
    """One matter in the typed answer."""

    model_config = ConfigDict(extra="forbid")

    records: Annotated[list[str], Field(min_length=2, max_length=6)]
    status: Literal["handled", "needs_you", "already_settled"]
    due: date | None = None


class Matters(BaseModel):
    """The typed answer of proactive tasks."""

    model_config = ConfigDict(extra="forbid")

    matters: Annotated[
        list[Matter],
        Field(
            max_length=3,
            description=(
                'at most three objects {"records": [2 to 6 ids], "status": "handled" | "needs_you" | '
                '"already_settled", "due": "YYYY-MM-DD" or null}: one for each open matter, citing every record it '
                'rests on: entries, mails, todos. "handled" means that you have settled it, "needs_you" that the '
                "person has to act, then due is the last day for it, else null. Where nothing is open, give what "
                'looked like trouble but is settled as "already_settled", citing all of the trouble and its settlement'
            ),
        ),
    ]


@dataclass(frozen=True)
class Plan:
    """What is true of one matter and what it asks for.

    Attributes:
        live: Whether something is open; False for a look-alike.
        key: Records that a report has to cite.
        context: Further records that it may cite; what the agent itself created may be cited too.
        status: The right status.
        due: The right day; None for none.
        goals: Effects it needs, when the agent may act.
        allowed: Tells which effects of the agent belong to it.
    """

    live: bool
    key: frozenset[str]
    context: frozenset[str]
    status: str
    due: date | None = None
    goals: tuple[Check, ...] = ()
    allowed: Callable[[Effect], bool] = lambda _: False


class MatterKind(ABC, Generic[M]):
    """What one matter of a family is: how it is drawn, laid, judged and solved."""

    @abstractmethod
    def sample(self, rng: Stream, life: Life, claims: Claims, *, live: bool, number: int) -> M:
        """Draws one matter, live or a look-alike.

        Args:
            rng: Draws it.
            life: Whose life it is.
            claims: What other matters have taken.
            live: Whether something is open.
            number: Its place among the matters of the episode, from 0; for ids of what arrives later.
        """

    @abstractmethod
    def story(self, matter: M) -> tuple[Told, ...]:
        """Returns the records of one matter."""

    @abstractmethod
    def plan(self, matter: M, *, acting: bool) -> Plan:
        """Returns what is true of one matter under the delegation note."""

    @abstractmethod
    def research(self, matters: Sequence[M]) -> OracleTurns:
        """Reads all evidence, by tools alone."""

    @abstractmethod
    def writes(self, matter: M) -> list[ToolCall]:
        """Returns the calls that settle a live matter; their order does not matter."""

    @abstractmethod
    def twin(self, matter: M, service: str) -> M:
        """Returns the matter with that service's facts redrawn, so that what is right of it changes."""

    @abstractmethod
    def unsettled(self, matter: M) -> M:
        """Returns a look-alike whose settling record is swapped for a neutral one: it is live then."""

    def near_misses(self, matter: M) -> Sequence[M]:
        """Returns a live matter with a decisive value taken from elsewhere: settling it so must fail."""
        return ()

    def declared(self, matter: M) -> tuple[str, ...]:
        """Returns values in the calls of `research` and `writes` that are computed from what was read, not copied."""
        return ()

    def schedule(self, matter: M) -> tuple[Entry, ...]:
        """Returns what happens during the episode because of the matter."""
        return ()

    def react(self, effect: Effect, matter: M) -> Iterable[Entry]:
        """Returns what others do about an agent's effect."""
        return ()

    def replies(self, matter: M) -> tuple[tuple[str, str], ...]:
        """Returns (table, id) of the records that `react` may bring."""
        return ()


def matches(given: Iterable[dict[str, Any]], plans: Sequence[Plan], own: frozenset[str]) -> bool:
    """Tells whether the reported matters are the right ones.

    Every live matter has exactly one entry with its key records, status and day; look-alikes may have one as
    "already_settled", and one of them must where nothing is live; nothing else is reported.
    """
    open_plans = list(plans)
    count = 0
    for entry in given:
        cited = frozenset(entry["records"])
        fitting = [
            plan
            for plan in open_plans
            if plan.key <= cited <= plan.key | plan.context | own
            and entry["status"] == plan.status
            and entry["due"] == (plan.due.isoformat() if plan.due else None)
        ]
        if not fitting:
            return False
        open_plans.remove(fitting[0])
        count += 1
    return count > 0 and not any(plan.live for plan in open_plans)
