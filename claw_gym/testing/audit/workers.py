"""The processes that share the work of an audit, and the lives that each of them holds."""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any, Self

from claw_gym.errors import InfrastructureError
from claw_gym.life.loaded import Life
from claw_gym.tasks.family import FamilyTask
from claw_gym.testing.audit.drawn import Draws, FamilyRef

__all__ = ["Holding", "Job", "Workers", "drawing"]

_YOUNG = 50_000
"""New objects between two looks of the garbage collector in a worker; few are in cycles, and lives are many objects."""


class Holding(Draws):
    """Draws that keep every life in memory, since the audit comes back to each: 16 megabytes for a full one."""

    def task(self, number: int) -> FamilyTask[Any]:
        """Returns one task, whose life is kept.

        Raises:
            UsageError: The family cannot draw it.
        """
        drawn = super().task(number)
        _held.setdefault((self.split, self.scale), set()).add(drawn.life)
        return drawn


_held: dict[tuple[str, str], set[Life]] = {}
_drawings: dict[tuple[Any, ...], Draws] = {}


def drawing(ref: FamilyRef, split: str, scale: str) -> Draws:
    """Returns the draws, kept for the next job of the same process."""
    key = (ref, split, scale)
    if key not in _drawings:
        _drawings[key] = Holding(ref, split, scale)
    return _drawings[key]


@dataclass(frozen=True)
class Job:
    """What one process does at a stretch.

    Attributes:
        life: Which life it needs.
        given: What the function gets.
    """

    life: Hashable
    given: Any


@dataclass
class _Worker:
    """One process, and the lives that it has got jobs of."""

    pool: ProcessPoolExecutor
    lives: set[Hashable] = field(default_factory=set)


class Workers:
    """Does jobs here, or in processes that are fresh interpreters: a fork would share locks and hash seeds.

    A process that is free takes a job of a life that it holds, else of one that nobody holds, else any.
    """

    def __init__(self, count: int) -> None:
        """Starts `count` processes; none for 1."""
        fresh = multiprocessing.get_context("spawn")
        pools = (ProcessPoolExecutor(1, fresh, _begin) for _ in range(count if count > 1 else 0))
        self._crew = [_Worker(pool) for pool in pools]

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Ends the processes, or gives up the lives that are held here."""
        for worker in self._crew:
            worker.pool.shutdown(cancel_futures=kind is not None)
        _drawings.clear()
        _held.clear()

    def map(self, do: Callable[[Any], list[Any]], jobs: Sequence[Job]) -> Iterator[list[Any]]:
        """Yields what each job brings, in the order in which they are done.

        Raises:
            InfrastructureError: A process was killed.
        """
        if not self._crew:
            yield from (do(job.given) for job in jobs)
            return
        left, running = list(jobs), dict[Future[list[Any]], _Worker]()
        free = list(self._crew)
        try:
            while left or running:
                for worker in free[: len(left)]:
                    job = self._next(worker, left)
                    running[worker.pool.submit(do, job.given)] = worker
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                free = [running.pop(future) for future in done]
                for future in done:
                    yield future.result()
        except BrokenProcessPool as error:
            raise InfrastructureError("A process of the audit was killed, perhaps for want of memory.") from error

    def _next(self, worker: _Worker, left: list[Job]) -> Job:
        """Takes out and returns the job that suits a worker best, and notes that it holds its life from now on."""
        held = {life for other in self._crew for life in other.lives}
        job = min(left, key=lambda job: 0 if job.life in worker.lives else 1 if job.life not in held else 2)
        left.remove(job)
        worker.lives.add(job.life)
        return job


def _begin() -> None:
    # Ctrl-C reaches every process of a terminal; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(_YOUNG, 20, 20)
