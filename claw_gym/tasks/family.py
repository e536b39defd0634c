"""Task families: generators of tasks over a life."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel

from claw_gym.core.registry import Registry
from claw_gym.core.seeding import Stream, stream
from claw_gym.core.toolset import Toolset
from claw_gym.life.draft import ID_FORMS
from claw_gym.life.loaded import Life
from claw_gym.life.pages import READ_AFTER, READ_CHANCE
from claw_gym.services import SERVICES, Service
from claw_gym.tasks.names import TaskName
from claw_gym.tasks.success import Success
from claw_gym.tasks.task import Episode, Judgement, OracleTurns, Task
from claw_gym.world.effects import Effect
from claw_gym.world.schedule import Entry
from claw_gym.world.world import Terms, World

__all__ = ["FAMILIES", "FamilyTask", "Story", "TaskFamily", "Told"]

P = TypeVar("P")

_EPISODE = timedelta(hours=8)
# All but the digits at the end of an id.
_DIGITS = re.compile(r"^.*?(?=\d+$)")

Told = tuple[str, Mapping[str, Any]]
"""One record of a story: (table, plain data)."""


@dataclass(frozen=True)
class Story:
    """What a task lays into a life.

    Attributes:
        evidence: The records that hold what the agent must find.
        others: Distractors and conflicts: like the evidence, but wrong, old or settled.
        schedule: What happens during the episode.
        replies: (table, id) of records that arrive when somebody answers the agent.
    """

    evidence: tuple[Told, ...]
    others: tuple[Told, ...] = ()
    schedule: tuple[Entry, ...] = ()
    replies: tuple[tuple[str, str], ...] = ()

    def arrivals(self) -> Iterator[tuple[str, str]]:
        """Yields (table, id) of every record that comes in during the episode."""
        yield from self.replies
        for entry in self.schedule:
            for change in entry.changes:
                if change.record is not None:
                    yield change.table, str(change.record[ID_FORMS[change.table][0]])


class TaskFamily(ABC, Generic[P]):
    """A mechanism played in a persona's own work and words. A subclass is one file; defining it registers it."""

    name: ClassVar[str]
    version: ClassVar[int] = 1
    services: ClassVar[tuple[str, ...]]
    """The services that the task needs, each of them."""
    proactive: ClassVar[bool] = False
    splits: ClassVar[frozenset[str]] = frozenset({"train", "validation", "test"})
    """The splits in which the family may be drawn."""
    answer: ClassVar[type[BaseModel] | None] = None
    """The form of `finish(answer=...)`."""

    def __init_subclass__(cls, name: str | None = None, **kwargs: Any) -> None:
        """Registers one instance of the class under `name`; without one it is a base for others."""
        super().__init_subclass__(**kwargs)
        if name is not None:
            cls.name = name
            FAMILIES.add(name, cls())

    @abstractmethod
    def sample(self, rng: Stream, life: Life, difficulty: int) -> P:
        """Draws everything that varies: people, records' ids and stamps, values, the order of things."""

    @abstractmethod
    def story(self, params: P) -> Story:
        """Returns the records to lay into the life."""

    @abstractmethod
    def instruction(self, params: P) -> str:
        """Returns the request, or the heartbeat; holds no rare value that stands in the evidence."""

    @abstractmethod
    def success(self, params: P) -> Success:
        """Returns the predicate."""

    @abstractmethod
    def oracle(self, params: P) -> OracleTurns:
        """Plays the solution through tools alone, reading all evidence before the first write."""

    @abstractmethod
    def twin(self, params: P, service: str) -> P:
        """Returns params whose story differs in that service's records alone, and whose solution differs."""

    @abstractmethod
    def solutions(self, params: P) -> Sequence[Callable[[], OracleTurns]]:
        """Returns at least three structurally different correct ways."""

    def react(self, effect: Effect, params: P) -> Iterable[Entry]:
        """Returns what others do about an agent's effect."""
        return ()

    def distractor_params(self, params: P) -> Sequence[P]:
        """Returns params of near misses: playing their oracle's writes must fail here."""
        return ()

    def declared(self, params: P) -> tuple[str, ...]:
        """Returns values in the oracle's arguments that are computed from what it read, not copied."""
        return ()

    def build(self, life: Life, name: TaskName) -> FamilyTask[P]:
        """Returns the task of a full name on a life."""
        rng = stream(name.seed, "task", self.name, self.version, name.difficulty)
        return self.task_of(life, str(name), self.sample(rng, life, name.difficulty))

    def task_of(self, life: Life, name: str, params: P) -> FamilyTask[P]:
        """Returns the task that given params make on a life; twins and audits use it."""
        toolset, providers = _offer(life.services)
        return FamilyTask(
            name=name,
            briefing=self.briefing(life, params),
            toolset=toolset,
            providers=providers,
            family=self,
            life=life,
            params=params,
            told=_new_mail_unread(self.story(params), life.now),
        )

    def briefing(self, life: Life, params: P) -> str:
        """Returns the whole text of the first observation."""
        from claw_gym.tasks.briefing import briefing

        return briefing(life, self.delegation(params), self.instruction(params), self.answer)

    def delegation(self, params: P) -> str:
        """Returns the delegation note: what the assistant may do alone, what needs asking."""
        return (
            "You may read everything, write drafts and todos, and do what the request asks for, "
            "mail and reports included. Anything else that reaches other people needs asking first."
        )


@dataclass(frozen=True)
class FamilyTask(Task, Generic[P]):
    """A drawn instance of a family."""

    family: TaskFamily[P] = field(kw_only=True)
    life: Life = field(kw_only=True, repr=False)
    params: P = field(kw_only=True, repr=False)
    told: Story = field(kw_only=True, repr=False)

    def start(self) -> World:
        """Returns a new world with the story laid."""
        return _told_world(self).fork()

    def __hash__(self) -> int:
        """Hashes by name, because the params may be of any kind; equal tasks have equal names."""
        return int.from_bytes(self.name.encode(), "big")

    def judge(self, episode: Episode) -> Judgement:
        """Judges by the family's predicate."""
        return self.family.success(self.params).judge(episode)

    def react(self, effect: Effect) -> Iterable[Entry]:
        """Returns what others do, as the family says."""
        return self.family.react(effect, self.params)

    def oracle(self) -> OracleTurns:
        """Returns the family's solution."""
        return self.family.oracle(self.params)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles by name where the params follow from it; another process draws the same task."""
        return _task_of, (
            self.family.name,
            self.life.persona.name,
            self.life.draft.life_seed,
            self.life.draft.scale,
            self.name,
            self.params,
        )


def _new_mail_unread(story: Story, now: datetime) -> Story:
    """Returns a story whose mail of the last days is unread as often as that of a life is."""

    def seen(item: Told) -> Told:
        table, plain = item
        if not table.endswith(".messages") or "inbox" not in plain["labels"]:
            return item
        new = datetime.fromisoformat(plain["date"]) >= now - READ_AFTER
        return table, {**plain, "is_read": not new or stream(0, "read", plain["message_id"]).random() < READ_CHANCE}

    return replace(story, evidence=tuple(map(seen, story.evidence)), others=tuple(map(seen, story.others)))


# Larger than all else of a task, and told anew in a millisecond: only few are kept, for resets to the same task.
@lru_cache(maxsize=4)
def _told_world(task: FamilyTask[Any]) -> World:
    terms = Terms(deadline=task.life.now + _EPISODE, answer=task.family.answer)
    world = World(task.life.base, terms)
    world.tell((*task.told.evidence, *task.told.others))
    for entry in task.told.schedule:
        world.schedule.add(entry)
    for table, record_id in task.told.arrivals():
        # What the agent writes is numbered after everything that arrives by itself.
        world.reserve(f"id:{table}", int(_DIGITS.sub("", record_id)))
    return world


def _task_of(family: str, persona: str, life_seed: int, scale: str, name: str, params: Any) -> FamilyTask[Any]:
    from claw_gym.life.loaded import load_life

    return FAMILIES[family].task_of(load_life(persona, life_seed, scale), name, params)


@lru_cache(maxsize=32)
def _offer(services: tuple[str, ...]) -> tuple[Toolset, Mapping[str, type[Service]]]:
    providers = {name: SERVICES[name] for name in (*services, "user")}
    return Toolset(tool for provider in providers.values() for tool in provider.tools()), providers


FAMILIES: Registry[TaskFamily[Any]] = Registry("task family", group="claw_gym.task_families")
"""Every family by name."""
