"""Conformance of task families: solvable, not for free, and only by the whole of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from claw_gym.core.canonical import canonical_json, digest
from claw_gym.core.seeding import stream
from claw_gym.core.tool import ToolCall, ToolResult
from claw_gym.core.toolset import Toolset
from claw_gym.errors import UsageError
from claw_gym.life.loaded import life_of
from claw_gym.spaces import ToolCallSpace
from claw_gym.tasks.family import FAMILIES, FamilyTask, TaskFamily
from claw_gym.tasks.proactive import ProactiveFamily
from claw_gym.tasks.names import SPLITS, TaskName
from claw_gym.tasks.solving import derived
from claw_gym.tasks.task import Episode, Judgement, OracleTurns
from claw_gym.world.dispatch import Dispatcher
from claw_gym.world.world import World

__all__ = ["check_task_family"]

_RESULT_CHARS = 16_000
_RANDOM_TURNS = 250
_LEAST_SOLUTIONS = 3
_CLOSING = "finish"
# The fourth malformed answer ends an episode; one more for a notice that comes first.
_FINISHES = 5


class _Play:
    """Plays turns on a task's world, as the env does, and judges."""

    def __init__(self, task: FamilyTask[Any]) -> None:
        self.task = task
        self.world: World = task.start()
        self.calls: tuple[tuple[ToolCall, ToolResult], ...] = ()
        self._dispatcher = self._on(self.world)

    def _on(self, world: World) -> Dispatcher:
        task = self.task
        return Dispatcher(task.toolset, task.providers, world, max_result_chars=_RESULT_CHARS, react=task.react)

    def call(self, call: ToolCall) -> ToolResult:
        result = self._dispatcher.call(call)
        self.calls = (*self.calls, (call, result))
        return result

    def end_turn(self) -> None:
        """Hands over what came in, as the env does with each observation."""
        self.world.take_notices()

    def imagine(self, call: ToolCall) -> ToolResult:
        """Returns what a call would answer, without doing it."""
        return self._on(self.world.fork()).call(call)

    def run(
        self, turns: OracleTurns, *, change: Callable[[ToolCall], ToolCall | None] = lambda call: call
    ) -> Judgement:
        """Plays a solution to its end; `change` may alter a call, or leave it out by returning None."""
        for turn, send in _turns(turns):
            results = []
            for call in turn:
                altered = change(call)
                results.append(self.imagine(call) if altered is None else self.call(altered))
                if self.world.closing is not None:
                    return self.judgement()
            self.end_turn()
            send(tuple(results))
        return self.judgement()

    def judgement(self) -> Judgement:
        return self.task.judge(Episode(self.world, self.calls))

    @property
    def reward(self) -> float:
        return 1.0 if self.world.closing is not None and self.judgement().passed else 0.0


def _turns(turns: OracleTurns) -> Iterator[tuple[list[ToolCall], Callable[[tuple[ToolResult, ...]], None]]]:
    box: list[tuple[ToolResult, ...]] = []
    try:
        turn = next(turns)
        while True:
            yield ([turn] if isinstance(turn, ToolCall) else list(turn)), box.append
            turn = turns.send(box.pop())
    except (StopIteration, IndexError):
        return


def check_task_family(name: str, *, seeds: int = 10, split: str = "train", scale: str = "small") -> None:
    """Checks a family over drawn tasks; difficulty cycles from 1 to 5.

    - Solvable: the oracle earns 1.0, reads every record of the evidence that is there before its first write, and its
      arguments hold no value that stood in no earlier text (declared computations excepted).
    - Not for free: doing nothing, finishing at once and random calls earn 0.0.
    - Every part counts: the oracle without one of its writes, or with a near miss's values, earns 0.0.
    - Every service counts: on the twin of each service, which differs in that service's records alone, the oracle's
      run earns 0.0 and the twin's own oracle 1.0.
    - No collateral damage: the oracle's run plus one mail to a stranger earns 0.0.
    - The same everywhere: building a task twice gives the same story; other seeds give others.
    - Open to other ways: every further solution, the derived ones included, earns 1.0.
    - Proactive families: the counterfactual is a twin too.

    Args:
        name: The family's registry name.
        seeds: How many tasks to draw.
        split: The split to draw from.
        scale: How much life there is.

    Raises:
        AssertionError: A rule is broken; the sentence names rule and task.
        UnknownNameError: There is no such family.
    """
    family = FAMILIES[name]
    if split not in family.splits:
        raise UsageError(f"The family {name} does not stand in the split {split!r}.")
    tasks = [_draw(family, index, split, scale) for index in range(seeds)]
    told = {digest([task.told.evidence, task.told.others]) for task in tasks}
    _require(len(told) == len(tasks), tasks[0], "different seeds give different stories")
    for index, task in enumerate(tasks):
        again = _draw(family, index, split, scale)
        same = (again.briefing, again.told) == (task.briefing, task.told)
        _require(same, task, "a full name is the same task every time")
        _check_solvable(task)
        _check_not_free(task)
        _check_every_part(task)
        _check_twins(task)
        _check_solutions(task)


def _draw(family: TaskFamily[Any], index: int, split: str, scale: str) -> FamilyTask[Any]:
    name = TaskName(family.name, family.version, scale, index % 5 + 1, SPLITS[split] + index)
    return family.build(life_of(split, index, scale), name)


def _require(condition: bool, task: FamilyTask[Any], rule: str) -> None:
    if not condition:
        raise AssertionError(f"{task.name}: {rule}: not so.")


def _check_solvable(task: FamilyTask[Any]) -> None:
    play = _Play(task)
    texts = [task.briefing]
    unread: set[str] | None = None

    def watch(call: ToolCall) -> ToolCall:
        nonlocal unread
        if unread is None and _is_write(task, call):
            unread = _evidence_ids(task) - {record_id for _, record_id in play.world.reads}
        psychic = [value for value in _values(call.arguments) if not _known(value, texts, task)]
        if not _is_write(task, call):
            # How far back to look and how many rows to ask for are anybody's choice.
            psychic = [value for value in psychic if not value.isdecimal()]
        _require(not psychic, task, f"the oracle's {psychic[:1]} stood in an earlier text")
        return call

    for turn, send in _turns(task.oracle()):
        results = tuple(play.call(watch(call)) for call in turn)
        texts += [result.text for result in results]
        failed = [result.text for result in results if result.is_error]
        _require(not failed, task, f"the oracle's calls succeed ({failed[:1]})")
        if play.world.closing is not None:
            break
        play.end_turn()
        send(results)
    _require(play.reward == 1.0, task, f"the oracle earns 1.0 ({play.judgement()})")
    _require(not unread, task, f"the oracle reads all evidence before its first write ({unread})")


def _is_write(task: FamilyTask[Any], call: ToolCall) -> bool:
    return task.toolset.find(call.name).write


def _evidence_ids(task: FamilyTask[Any]) -> set[str]:
    tables = task.life.base.tables
    return {str(plain[tables[table].record_type.id_field]) for table, plain in task.told.evidence}


def _values(value: Any) -> Iterator[str]:
    """Yields the decisive values in arguments: ids, addresses, numbers, days; not prose, which goals look into."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _values(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _values(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, str) and " " not in value.strip():
        yield value


def _known(value: str, texts: Sequence[str], task: FamilyTask[Any]) -> bool:
    declared = task.family.declared(task.params)
    statuses = ("handled", "needs_you", "already_settled")
    return value in declared or value in statuses or any(value in text for text in texts)


def _check_not_free(task: FamilyTask[Any]) -> None:
    idle = _Play(task)
    idle.world.advance(timedelta(hours=1))
    _require(idle.reward == 0.0, task, "doing nothing earns 0.0")
    answers: tuple[dict[str, Any], ...] = ({}, {"answer": {"matters": []}}, {"answer": "done"})
    for answer in answers:
        at_once = _Play(task)
        for _ in range(_FINISHES):
            at_once.call(ToolCall(_CLOSING, {"message": "Done.", **answer}))
            if at_once.world.closing is not None:
                break
        _require(at_once.reward == 0.0, task, "finishing at once earns 0.0")
    seed = stream(0, "random", task.name).randrange(2**31)
    _require(_random_reward(task, task.toolset, seed) == 0.0, task, "random calls earn 0.0")
    # Random calls soon finish or wait past the deadline; without these two they go on to the last turn.
    rest = Toolset(item for item in task.toolset.values() if item.name not in ("finish", "wait"))
    _require(_random_reward(task, rest, seed) == 0.0, task, "random calls without an early end earn 0.0")


def _random_reward(task: FamilyTask[Any], toolset: Toolset, seed: int) -> float:
    space, play = ToolCallSpace(toolset, seed=seed), _Play(task)
    for _ in range(_RANDOM_TURNS):
        play.call(space.sample())
        play.end_turn()
        if play.world.closing is not None:
            break
    for _ in range(_FINISHES):
        if play.world.closing is None:
            play.call(ToolCall(_CLOSING, {"message": "Done."}))
            play.end_turn()
    return play.reward


def _check_every_part(task: FamilyTask[Any]) -> None:
    writes = [call for call in _record(task) if _is_write(task, call)]
    for left_out in range(len(writes)):
        seen = -1

        def drop(call: ToolCall, left_out: int = left_out) -> ToolCall | None:
            nonlocal seen
            seen += _is_write(task, call)
            return None if _is_write(task, call) and seen == left_out else call

        play = _Play(task)
        play.run(task.oracle(), change=drop)
        _require(play.reward == 0.0, task, f"without {writes[left_out].name} it earns 0.0")
    for other in task.family.distractor_params(task.params):
        play = _Play(task)
        play.run(_replayed(_record(task.family.task_of(task.life, task.name, other), strict=False)))
        _require(play.reward == 0.0, task, "with a near miss's values it earns 0.0")
    play = _Play(task)
    play.call(ToolCall("gmail_send_message", {"to": "stranger@example.org", "subject": "Hello", "body": "Hello."}))
    play.run(task.oracle())
    _require(play.reward == 0.0, task, "a mail to a stranger breaks a guard")


def _record(task: FamilyTask[Any], *, strict: bool = True) -> list[ToolCall]:
    """Returns the calls of the task's own oracle."""
    play = _Play(task)
    play.run(task.oracle())
    if strict:
        _require(play.reward == 1.0, task, "its own oracle earns 1.0")
    return [call for call, _ in play.calls]


def _replayed(calls: Sequence[ToolCall]) -> OracleTurns:
    for call in calls:
        yield [call]


def _check_twins(task: FamilyTask[Any]) -> None:
    calls = _record(task)
    family = task.family
    changed = {service: family.twin(task.params, service) for service in family.services}
    if isinstance(family, ProactiveFamily):
        changed["a settled matter"] = family.counterfactual(task.params)
    for service, params in changed.items():
        twin = family.task_of(task.life, task.name, params)
        play = _Play(twin)
        play.run(_replayed(calls))
        _require(play.reward == 0.0, task, f"on the twin of {service} the first run earns 0.0")
        if service in family.services:
            differing = _differing(task, twin)
            _require(differing == {service}, task, f"the twin of {service} differs there alone ({differing})")
            own = _Play(twin)
            own.run(twin.oracle())
            _require(own.reward == 1.0, task, f"the twin of {service} has a solution")


def _differing(task: FamilyTask[Any], twin: FamilyTask[Any]) -> set[str]:
    def rows(one: FamilyTask[Any]) -> set[tuple[str, bytes]]:
        return {(table, canonical_json(plain)) for table, plain in (*one.told.evidence, *one.told.others)}

    return {table.partition(".")[0] for table, _ in rows(task) ^ rows(twin)}


def _check_solutions(task: FamilyTask[Any]) -> None:
    reads = [ToolCall(name, {}) for name in list(task.toolset)[:40] if name.endswith(("_list_messages", "_list_tasks"))]
    own = list(task.family.solutions(task.params))
    _require(len(own) >= _LEAST_SOLUTIONS, task, "the family gives at least three further solutions")
    for number, solution in enumerate([*own, *derived(task.oracle, reads)]):
        play = _Play(task)
        play.run(solution())
        _require(play.reward == 1.0, task, f"solution {number} earns 1.0 ({play.judgement()})")
