"""Prints, as markdown, what tasks cost the oracle and what they give to policies that understand nothing.

    python benchmarks/cheating.py [ENV_ID ...] [--scale full] [--split train] [--episodes 200] [--workers 2]

One row for each id and difficulty: the oracle's turns, the tokens of the tools' definitions, the tokens of the oracle's
whole episode, and the share of episodes that each cheating policy solves. Episodes are spread over the difficulties. A
token is estimated as four characters, so a figure near a limit has to be counted by the tokenizer in question.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

from claw_gym.envs.ids import PACK_ID, env_ids
from claw_gym.errors import UsageError
from claw_gym.rollout.policies.modal_answer import FIRST_LEARNED, LEARNED, Ending, ending_of
from claw_gym.tasks import FAMILIES
from claw_gym.tasks.family import FamilyTask
from claw_gym.tasks.source import FamilySource
from claw_gym.testing.audit.cheats import BARRED, CHEATS, barred, cheated
from claw_gym.testing.audit.examine import Effort, effort_of
from claw_gym.testing.audit.play import Subject

CONTEXT_TOKENS = 32_768
DIFFICULTIES = range(1, 6)
POLICIES = (*BARRED, *CHEATS)


@dataclass(frozen=True)
class Job:
    """Some tasks of one life: their seeds, the id they are drawn by, and the solutions that the modal answer knows."""

    arguments: dict[str, Any]
    seeds: tuple[int, ...]
    endings: tuple[Ending, ...] = ()


@dataclass(frozen=True)
class Row:
    """One task: what it took the oracle, and who else solved it."""

    effort: Effort
    solved: dict[str, bool]


def sources(env_id: str, split: str, scale: str) -> list[dict[str, Any]]:
    """Returns the arguments of the sources of an id, one for each difficulty."""
    kwargs = env_ids()[env_id][1]
    given = {"family": kwargs.get("_family", ""), "suite": kwargs.get("_suite", ""), "split": split, "scale": scale}
    return [{**given, "difficulty": difficulty} for difficulty in DIFFICULTIES]


def jobs(arguments: dict[str, Any], seeds: range, endings: tuple[Ending, ...] = ()) -> Iterator[Job]:
    """Yields the seeds in groups that share a life, since lives take long to load."""
    source = FamilySource(**arguments)
    lives: dict[int, list[int]] = {}
    for seed in seeds:
        lives.setdefault(source.life_number(seed), []).append(seed)
    for found in lives.values():
        yield Job(arguments, tuple(found), endings)


def drawn(job: Job) -> Iterator[FamilyTask[Any]]:
    """Yields the tasks of a job; one that cannot be drawn is named on standard error and left out."""
    source = FamilySource(**job.arguments)
    for seed in job.seeds:
        try:
            yield source.draw(seed)
        except UsageError as error:
            print(f"seed {seed} of {job.arguments}: {error}", file=sys.stderr)


def studied(job: Job) -> list[Ending]:
    """Plays the oracle and returns its endings."""
    subjects = [Subject(task) for task in drawn(job)]
    return [ending_of(subject.run.calls, subject.task.toolset) for subject in subjects]


def played(job: Job) -> list[Row]:
    """Plays the oracle and every cheating policy."""
    rows = []
    for task in drawn(job):
        fared = {**barred(task), **cheated(task, job.endings)}
        rows.append(Row(effort_of(Subject(task).run), {name: result.solved for name, result in fared.items()}))
    return rows


def line(name: str, difficulty: str, rows: list[Row]) -> str:
    """Returns one row of the table: medians, the largest episode, shares."""
    if not rows:
        return f"| {name} | {difficulty} | no task could be drawn |"
    turns = statistics.median(row.effort.turns for row in rows)
    schema = statistics.median(row.effort.schema_tokens for row in rows)
    episodes = [row.effort.episode_tokens for row in rows]
    fits = sum(tokens <= CONTEXT_TOKENS for tokens in episodes) / len(rows)
    size = f"{statistics.median(episodes):,.0f} ({max(episodes):,})"
    shares = [f"{sum(row.solved[policy] for row in rows) / len(rows):.1%}" for policy in POLICIES]
    return f"| {' | '.join([name, difficulty, f'{turns:g}', f'{schema:,.0f}', size, f'{fits:.0%}', *shares])} |"


def rows_of(pool: ProcessPoolExecutor, env_id: str, given: argparse.Namespace) -> Iterator[tuple[str, list[Row]]]:
    """Yields the rows of each difficulty of an id, then all of them."""
    family = env_ids()[env_id][1].get("_family", "")
    # A family that stands in no other split can only be learnt from there; the seeds are others either way.
    taught = "train" if not family or "train" in FAMILIES[family].splits else given.split
    learned = [job for arguments in sources(env_id, taught, given.scale) for job in jobs(arguments, _learning())]
    endings = tuple(ending for part in pool.map(studied, learned) for ending in part)
    every: list[Row] = []
    each = max(1, given.episodes // len(DIFFICULTIES))
    for arguments in sources(env_id, given.split, given.scale):
        seeds = range((arguments["difficulty"] - 1) * each, arguments["difficulty"] * each)
        found = [row for part in pool.map(played, list(jobs(arguments, seeds, endings))) for row in part]
        every += found
        yield str(arguments["difficulty"]), found
    yield "all", every


def _learning() -> range:
    return range(FIRST_LEARNED, FIRST_LEARNED + LEARNED // len(DIFFICULTIES))


def chosen(names: list[str], split: str) -> list[str]:
    """Returns the ids asked for; all that draw from the split when none is named."""
    if names:
        return names
    kept = []
    for env_id, (_, kwargs) in env_ids().items():
        family = kwargs.get("_family", "")
        if env_id != PACK_ID and (not family or split in FAMILIES[family].splits):
            kept.append(env_id)
    return kept


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("ids", nargs="*", metavar="ENV_ID", help="all ids that draw from the split when none is named")
    parser.add_argument("--split", default="train")
    parser.add_argument("--scale", default="full")
    parser.add_argument("--episodes", type=int, default=200, help="of each id and policy")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    heads = ["id", "difficulty", "oracle turns", "schema tokens", "episode tokens (largest)", "fits 32k", *POLICIES]
    print(f"| {' | '.join(heads)} |")
    print(f"|{'---|' * len(heads)}")
    with ProcessPoolExecutor(given.workers, multiprocessing.get_context("spawn")) as pool:
        for env_id in chosen(given.ids, given.split):
            for difficulty, rows in rows_of(pool, env_id, given):
                print(line(f"`{env_id}`", difficulty, rows), flush=True)
    print()
    print(f"{given.split}, {given.scale}, {given.episodes} episodes an id; a token is estimated as four characters.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
