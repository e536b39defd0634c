"""Plays four published tasks with scripts, five reactive and five proactive ones of ours with the oracle, and says how.

Run it with `make demo`, or `python examples/demo.py` where claw_gym is installed. The published tasks are read from
`$CLAW_GYM_DATA/claw_eval/tasks` (by default `../shared/data` beside the repository); where they are missing, the small
packs in `examples/packs` take their place.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import gymnasium as gym
from pack_scripts import SCRIPTS
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

import claw_gym  # registers the ids
from claw_gym.cli.places import data_folder
from claw_gym.cli.report import print_summary, print_transcript
from claw_gym.rollout import Policy, Script, make_policy, run_episode
from claw_gym.tasks.family import FamilyTask

EXAMPLES = Path(__file__).resolve().parent
PUBLISHED = (
    "T030_cross_service_meeting",
    "T042_scheduled_task_management",
    "T146_task_backtracking",
    "T160_vip_ticket_escalation",
)
OWN_PACKS = ("E01_supplier_visit", "E02_reorder_paper", "E03_ticket_triage", "E04_nightly_export")
OWN = {"reactive": "Claw-Reactive-v0", "proactive": "Claw-Proactive-v0"}
EACH = 5
RESULT_CHARS = 400
STYLES = {"yes": "green", "judge-only": "yellow", "NO": "red"}


@dataclass(frozen=True)
class Played:
    """One row of the table."""

    kind: str
    name: str
    life: str
    services: tuple[str, ...]
    record: claw_gym.Trajectory
    wall_ms: float

    @property
    def success(self) -> str:
        """What the column says; "judge-only" where no rule can tell, and nothing is claimed."""
        outcome = self.record.outcome
        if outcome is not None and outcome.success is None and outcome.failure is None:
            return "judge-only"
        return "yes" if outcome is not None and outcome.success else "NO"


def packs() -> tuple[Path, tuple[str, ...]]:
    """Returns the folder of packs and the task ids to play from it."""
    published = data_folder() / "claw_eval" / "tasks"
    return (published, PUBLISHED) if published.is_dir() else (EXAMPLES / "packs", OWN_PACKS)


def played(kind: str, env_id: str, policy: Policy, seed: int = 0, **kwargs: Any) -> Played:
    """Plays one episode and times it, making the env not included; `kind` says under which heading it is shown."""
    with warnings.catch_warnings():
        # Judge-only packs warn when they are made; the table says it too.
        warnings.simplefilter("ignore")
        env = gym.make(env_id, **kwargs)
    env.reset(seed=seed)  # loads the life or the fixtures, so that the row shows the episode alone
    started = time.perf_counter()
    record = run_episode(env, policy, seed=seed)
    wall_ms = 1000 * (time.perf_counter() - started)
    task = env.unwrapped.current_task
    # A family's own tasks offer the tools of the whole life; what they need is the shorter list.
    own = isinstance(task, FamilyTask)
    needed = task.family.services if own else task.providers
    life = f"{task.life.persona.first} {task.life.draft.life_seed}" if own else "-"
    services = tuple(name for name in needed if name != "user")
    env.close()
    return Played(kind, record.task_name.removeprefix("pack:"), life, services, record, wall_ms)


def table(rows: Sequence[Played]) -> Table:
    """Returns the table of what was played, under a heading for each kind."""
    shown = Table(title="Played", title_justify="left", box=SIMPLE, show_edge=False, padding=0)
    shown.add_column("task", no_wrap=True)
    shown.add_column("life", no_wrap=True)
    for name in ("services", "turns", "sim s", "success", "wall ms"):
        shown.add_column(name, justify="right", no_wrap=True)
    for kind, group in groupby(rows, lambda row: row.kind):
        shown.add_section()
        shown.add_row(Text(kind, style="bold"))
        for row in group:
            record = row.record
            simulated = datetime.fromisoformat(record.steps[-1].now) - datetime.fromisoformat(record.started)
            counts = (len(row.services), len(record.steps), round(simulated.total_seconds()))
            success = Text(row.success, style=STYLES[row.success])
            shown.add_row(row.name.partition("@")[0], row.life, *map(str, counts), success, f"{row.wall_ms:.0f}")
    return shown


def main() -> int:
    """Plays, prints, and returns 1 when something that should have been solved was not."""
    console = Console(highlight=False)
    folder, task_ids = packs()
    if folder == EXAMPLES / "packs":
        console.print("No published tasks at hand (CLAW_GYM_DATA tells where), so our small packs stand in.\n")
    with console.status("Playing (full-scale lives are built the first time, a second or two each)"):
        kind = "small packs" if folder == EXAMPLES / "packs" else "published tasks"
        rows = [played(kind, "Claw-Pack-v0", Script(SCRIPTS[task]), path=str(folder / task)) for task in task_ids]
        for kind, env_id in OWN.items():
            rows += [played(kind, env_id, make_policy("oracle"), seed) for seed in range(EACH)]
    chosen = rows[-1].record
    console.print(f"One episode from start to end, played by the {chosen.policy} (long results are cut):\n")
    print_transcript(console, chosen, result_chars=RESULT_CHARS)
    print_summary(console, chosen)
    console.print()
    console.print(table(rows))
    console.print("services: those the task needs. sim s: seconds of the person's day that the episode took.")
    if any(row.success == "judge-only" for row in rows):
        console.print("judge-only: most of the rubric needs a judge, so without one no success is claimed.")
    return 1 if any(row.success == "NO" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
