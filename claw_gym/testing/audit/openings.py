"""An env for many episodes of one task that open alike: each opening is played once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from claw_gym.envs.claw_env import ClawEnv
from claw_gym.envs.play import Progress
from claw_gym.tasks.task import Task, TaskSource
from claw_gym.world.world import World

__all__ = ["OpeningsEnv", "TaskOf"]

_Answer = tuple[dict[str, Any], float, bool, bool, dict[str, Any]]


class TaskOf(TaskSource):
    """A source of one task that is there already, twins and broken ones included."""

    def __init__(self, task: Task) -> None:
        """Gives `task`, whatever is asked for."""
        self.task = task
        self.toolset = task.toolset

    def draw(self, seed: int) -> Task:
        """Returns the task."""
        return self.task

    def named(self, name: str) -> Task:
        """Returns the task."""
        return self.task


@dataclass(frozen=True)
class _Opening:
    """What a first turn brought: the world after it, how far the episode had come, and what `step` returned."""

    world: World
    progress: Progress
    answer: _Answer


class OpeningsEnv(ClawEnv):
    """An env of one task that remembers what each first turn brought, and goes on from there when it comes again.

    Most cheating policies begin by listing everything, which is more work than all the rest of their episodes. An
    episode follows from its task and its turns, so a fork of the world after that turn serves as well.
    """

    def __init__(self, task: Task, *, max_steps: int) -> None:
        """Plays `task` in every episode.

        Args:
            task: The task.
            max_steps: Turns until truncation; at least 1.
        """
        super().__init__(TaskOf(task), max_steps=max_steps)
        self._openings: dict[str, _Opening] = {}

    def step(self, action: Any) -> _Answer:
        """Plays one turn, or returns what it brought when it was the first of an earlier episode."""
        if self.progress.turns:
            return super().step(action)
        key = repr(action)
        known = self._openings.get(key)
        if known is None:
            answer = super().step(action)
            known = self._openings[key] = _Opening(self.world.fork(), self.progress, answer)
        else:
            self.resume(self.current_task, known.world.fork(), known.progress)
        observation, reward, terminated, truncated, info = known.answer
        return dict(observation), reward, terminated, truncated, dict(info)
