"""Tasks played outside an env, quickly: whole runs, runs with changes, and runs from a fork in the middle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from claw_gym.core.tool import ToolCall, ToolResult
from claw_gym.tasks.family import FamilyTask
from claw_gym.tasks.proactive import ProactiveFamily
from claw_gym.tasks.task import Episode, Judgement, OracleTurns
from claw_gym.testing.audit.decisive import Span
from claw_gym.world.dispatch import Dispatcher
from claw_gym.world.effects import Actor, Effect
from claw_gym.world.world import World

__all__ = [
    "OracleRun",
    "Place",
    "Play",
    "Solved",
    "Subject",
    "is_write",
    "recorded",
    "solved",
    "turns_of",
    "turns_of_calls",
]

RESULT_CHARS = 16_000
"""Most characters of a result, as in an env by default."""
_FINISHES = 2

Place = tuple[int, int]
"""Where a call stands in a run: the number of its turn, and its number there; both from 0."""


class Play:
    """Plays turns on a task's world, as the env does, and judges.

    Attributes:
        task: What is played.
        world: Its world as it is now.
        calls: Every call so far with its result.
    """

    def __init__(self, task: FamilyTask[Any], world: World | None = None) -> None:
        """Starts the task, or goes on in a world of it."""
        self.task = task
        self.world = world or task.start()
        self.calls: tuple[tuple[ToolCall, ToolResult], ...] = ()
        self._dispatcher = self._on(self.world)

    def _on(self, world: World) -> Dispatcher:
        task = self.task
        return Dispatcher(task.toolset, task.providers, world, max_result_chars=RESULT_CHARS, react=task.react)

    def fork(self) -> Play:
        """Returns an independent play in the same state."""
        twin = Play(self.task, self.world.fork())
        twin.calls = self.calls
        return twin

    def call(self, call: ToolCall) -> ToolResult:
        """Does one call."""
        result = self._dispatcher.call(call)
        self.calls = (*self.calls, (call, result))
        return result

    def end_turn(self) -> None:
        """Hands over what came in, as the env does with each observation."""
        self.world.take_notices()

    def imagine(self, call: ToolCall) -> ToolResult:
        """Returns what a call would answer, without doing it."""
        return self._on(self.world.fork()).call(call)

    def effects_of(self, call: ToolCall) -> tuple[Effect, ...]:
        """Does one call and returns what the agent changed by it; nothing for one that was refused."""
        seen = self.world.effect_count
        self.call(call)
        return tuple(effect for effect in self.world.effects_since(seen) if effect.actor is Actor.AGENT)

    def run(
        self, turns: OracleTurns, *, change: Callable[[ToolCall], ToolCall | None] = lambda call: call
    ) -> Judgement:
        """Plays a solution to its end; `change` may alter a call, or leave it out by returning None."""
        for turn, send in turns_of(turns):
            results = []
            for call in turn:
                altered = change(call)
                results.append(self.imagine(call) if altered is None else self.call(altered))
                if self.world.closing is not None:
                    return self.judgement()
            self.end_turn()
            send(tuple(results))
        return self.judgement()

    def close(self, call: ToolCall) -> None:
        """Finishes; again where something came in first."""
        for _ in range(_FINISHES):
            self.end_turn()
            if self.world.closing is None:
                self.call(call)

    def judgement(self) -> Judgement:
        """Judges the episode as it stands."""
        return self.task.judge(Episode(self.world, self.calls))

    @property
    def reward(self) -> float:
        """1.0 when the agent has finished and the task is solved, else 0.0."""
        return 1.0 if self.world.closing is not None and self.judgement().passed else 0.0


def turns_of(turns: OracleTurns) -> Iterator[tuple[list[ToolCall], Callable[[tuple[ToolResult, ...]], None]]]:
    """Yields each turn of a solution with the function that takes its results."""
    box: list[tuple[ToolResult, ...]] = []
    try:
        turn = next(turns)
        while True:
            yield ([turn] if isinstance(turn, ToolCall) else list(turn)), box.append
            if not box:
                return
            turn = turns.send(box.pop())
    except StopIteration:
        return


def turns_of_calls(calls: Iterable[ToolCall]) -> OracleTurns:
    """Yields recorded calls, one a turn, whatever they bring."""
    for call in calls:
        yield [call]


def is_write(task: FamilyTask[Any], call: ToolCall) -> bool:
    """Tells whether a call is one of a writing tool."""
    return call.name in task.toolset and task.toolset[call.name].write


@dataclass(frozen=True)
class OracleRun:
    """A run of the oracle, whole.

    Attributes:
        turns: Its turns: each call with its result.
        first: The number of the turn with the first write; that after the last where nothing is written.
        stand: The play before that turn.
        unread: (table, id) of the evidence that was not read by then.
        end: The play after the last turn.
    """

    turns: tuple[tuple[tuple[ToolCall, ToolResult], ...], ...]
    first: int
    stand: Play
    unread: frozenset[tuple[str, str]]
    end: Play

    @cached_property
    def reward(self) -> float:
        """What it earned."""
        return self.end.reward

    @cached_property
    def writes(self) -> dict[Place, ToolCall]:
        """The writing calls by their places."""
        calls = {(t, c): call for t, turn in enumerate(self.turns) for c, (call, _) in enumerate(turn)}
        return {place: call for place, call in calls.items() if is_write(self.end.task, call)}

    @cached_property
    def calls(self) -> tuple[ToolCall, ...]:
        """Every call, in order."""
        return tuple(call for turn in self.turns for call, _ in turn)

    @cached_property
    def seen(self) -> tuple[ToolResult, ...]:
        """The results that came before the first write."""
        return tuple(result for turn in self.turns[: self.first] for _, result in turn)

    def again(self, changes: Mapping[Place, ToolCall]) -> Play:
        """Plays it once more from before the first write, with other calls in some places, and returns the play."""
        play = self.stand.fork()
        for number, turn in enumerate(self.turns[self.first :], self.first):
            for place, (call, _) in enumerate(turn):
                play.call(changes.get((number, place), call))
                if play.world.closing is not None:
                    return play
            play.end_turn()
        return play

    @cached_property
    def eve(self) -> Play:
        """The play before the call that ended it."""
        play = self.stand.fork()
        left = [call for turn in self.turns[self.first :] for call, _ in turn]
        for call in left[:-1]:
            play.call(call)
            play.end_turn()
        return play

    def ended_after(self, extras: Iterable[ToolCall]) -> Play:
        """Plays more calls before the one that ended it, then that, and returns the play."""
        play = self.eve.fork()
        for call in extras:
            play.call(call)
            play.end_turn()
        play.close(self.calls[-1])
        return play


@dataclass(frozen=True)
class Solved:
    """A further solution of a task, played.

    Attributes:
        name: The name of the function that gives it.
        play: The play after it.
        judged: How it was judged at its end.
    """

    name: str
    play: Play
    judged: Judgement


class Subject:
    """A task under audit, with what several rules need of it.

    Attributes:
        task: The task.
        deciding: (place of a call, path of a message in it) -> the values in it that decide, as far as they are known.
    """

    def __init__(self, task: FamilyTask[Any]) -> None:
        """Takes the task; nothing is played yet."""
        self.task = task
        self.deciding: dict[tuple[Place, tuple[str | int, ...]], list[Span]] = {}

    @cached_property
    def run(self) -> OracleRun:
        """The oracle's run."""
        return recorded(self.task)

    @cached_property
    def solutions(self) -> tuple[Solved, ...]:
        """The family's own further solutions, played."""
        return tuple(solved(self.task, solution) for solution in self.task.family.solutions(self.task.params))

    @cached_property
    def counterfactual(self) -> Subject:
        """The same for the counterfactual of a proactive task, in which a settled matter is open."""
        task = self.task
        assert isinstance(task.family, ProactiveFamily)  # noqa: S101  others have none
        return Subject(task.family.task_of(task.life, task.name, task.family.counterfactual(task.params)))


def solved(task: FamilyTask[Any], solution: Callable[[], OracleTurns]) -> Solved:
    """Plays a solution from the beginning."""
    play = Play(task)
    return Solved(getattr(solution, "__name__", ""), play, play.run(solution()))


def recorded(task: FamilyTask[Any]) -> OracleRun:
    """Plays the oracle of a task and returns its run."""
    play = Play(task)
    turns: list[tuple[tuple[ToolCall, ToolResult], ...]] = []
    first, stand = -1, play
    for turn, send in turns_of(task.oracle()):
        if first < 0 and any(is_write(task, call) for call in turn):
            first, stand = len(turns), play.fork()
        played = []
        for call in turn:
            played.append((call, play.call(call)))
            if play.world.closing is not None:
                break
        turns.append(tuple(played))
        if play.world.closing is not None:
            break
        play.end_turn()
        send(tuple(result for _, result in played))
    if first < 0:
        first, stand = len(turns), play.fork()
    return OracleRun(tuple(turns), first, stand, _evidence(task) - stand.world.reads, play)


def _evidence(task: FamilyTask[Any]) -> frozenset[tuple[str, str]]:
    tables = task.life.base.tables
    return frozenset((table, str(plain[tables[table].record_type.id_field])) for table, plain in task.told.evidence)
