"""`claw-gym life`: build the lives, measure one, look into one."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from typing import Annotated, Any

import typer
from rich.table import Table

from claw_gym.cli.life_show import show_day, show_person, show_sample, show_thread
from claw_gym.cli.patience import Patience
from claw_gym.cli.screen import plain, print_json, stdout
from claw_gym.errors import UsageError
from claw_gym.life.cache import cached_life, life_path
from claw_gym.life.draft import LifeDraft
from claw_gym.life.library import scale_names
from claw_gym.life.loaded import LIVES_PER_PERSONA, lives_of, load_life
from claw_gym.life.persona import load_persona
from claw_gym.life.statistics import LifeStatistics, life_statistics

__all__ = ["add_to"]

_CACHED = ("medium", "full")
_WORKERS = 2

_Persona = Annotated[str, typer.Option("--persona", help="The persona, such as maren_okafor.")]
_Seed = Annotated[int, typer.Option("--life-seed", help="Which of the persona's lives, from 0.")]
_Scale = Annotated[str, typer.Option("--scale", help="full, medium or small.")]
_Json = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(help="Build lives, measure one, look into one.", no_args_is_help=True)
    group.command("build", help="Build lives into the disk cache.", epilog="Example: claw-gym life build --all")(_build)
    group.command(
        "stats",
        help="Measure a life: words, records, dates, variety of text, and how well tasks hide in it.",
        epilog="Example: claw-gym life stats --persona maren_okafor --life-seed 0 --tasks 20",
    )(_stats)
    group.command(
        "show",
        help="Show a day, a storyline, a person or a sample of storylines of a life.",
        epilog="Example: claw-gym life show --persona maren_okafor --day 2026-02-12",
    )(_show)
    app.add_typer(group, name="life")


def _build(
    persona: Annotated[str | None, typer.Option("--persona", help="Only this persona's lives.")] = None,
    life_seed: Annotated[int | None, typer.Option("--life-seed", help="Only this life of the persona.")] = None,
    scale: _Scale = "full",
    every: Annotated[bool, typer.Option("--all", help="Every life of every persona.")] = False,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes to build with.")] = _WORKERS,
) -> None:
    if every == (persona is not None) or (life_seed is not None and persona is None):
        raise UsageError("Say what to build: --all, or --persona NAME, with --life-seed N for one life of it.")
    if scale not in _CACHED:
        raise UsageError(f"scale should be one of {', '.join(_CACHED)}, not {scale!r}; small lives are not cached.")
    if persona is not None:
        _check(persona, life_seed or 0, scale)
    lives = [life for life in lives_of() if persona in (None, life[0]) and life_seed in (None, life[1])]
    missing = [life for life in lives if not life_path(*life, scale).exists()]
    with Patience("Building lives", total=len(missing)) as patience, ProcessPoolExecutor(workers) as pool:
        for _ in pool.map(_build_one, missing, [scale] * len(missing)):
            patience.advance()
    folder = life_path("", 0, scale).parent
    stdout().print(f"{len(lives)} lives at scale {scale}: {len(missing)} built, {len(lives) - len(missing)} there.")
    stdout().print(f"They are in {folder}", soft_wrap=True)


def _build_one(life: tuple[str, int], scale: str) -> None:
    name, life_seed = life
    cached_life(load_persona(name), life_seed, scale)


def _check(persona: str, life_seed: int, scale: str) -> None:
    count = LIVES_PER_PERSONA[load_persona(persona).split]
    if not 0 <= life_seed < count:
        raise UsageError(f"{persona} has the life seeds 0 to {count - 1}, not {life_seed}.")
    if scale not in scale_names():
        raise UsageError(f"scale should be one of {', '.join(scale_names())}, not {scale!r}.")


def _stats(
    persona: _Persona,
    life_seed: _Seed = 0,
    scale: _Scale = "full",
    tasks: Annotated[int, typer.Option("--tasks", min=0, help="How many tasks of each family to draw on it.")] = 0,
    as_json: _Json = False,
) -> None:
    _check(persona, life_seed, scale)
    found = life_statistics(load_life(persona, life_seed, scale).draft)
    hidden = _hidden(persona, life_seed, scale, tasks) if tasks else None
    if as_json:
        print_json({**found.plain(), **({"tasks": hidden} if hidden else {})})
        return
    _print_services(found)
    console, text = stdout(), found.text
    console.print(
        f"{found.words:,} words in {found.records:,} records of {len(found.services)} services over {found.days} days "
        f"before {found.now}."
    )
    console.print(
        f"{found.storylines} storylines with several records, {found.crossing} of them in several services. Noise "
        f"{found.noise:.0%} of the records, storylines with a conflict {found.conflicts:.0%}."
    )
    console.print(
        f"{text.sentences:,} sentences: {text.unique:.1%} occur once; {text.skeletons:,} skeletons, the 100 commonest "
        f"make {text.top_share:.1%}. Slips found: {found.slips}."
    )
    for row in (hidden or {}).get("families", []):
        console.print(
            f"{row['family']}: {row['near_misses']:.0f} near misses per evidence record, evidence at rank "
            f"{row['rank']:.0f} of an obvious search (medians over {row['tasks']} tasks)."
        )
    if hidden:
        console.print(f"All families: {hidden['near_misses']:.0f} near misses, rank {hidden['rank']:.0f} (medians).")


def _hidden(persona: str, life_seed: int, scale: str, count: int) -> dict[str, Any]:
    """Returns how well the evidence of tasks drawn on one life is hidden, per family and over all."""
    from claw_gym.tasks.family import FAMILIES
    from claw_gym.tasks.haystack import haystack, medians
    from claw_gym.tasks.names import SPLITS, TaskName

    life = load_life(persona, life_seed, scale)
    split = life.persona.split
    rows, every = [], []
    for name, family in FAMILIES.items():
        if split not in family.splits:
            continue
        names = [TaskName(name, family.version, scale, n % 5 + 1, SPLITS[split] + n) for n in range(count)]
        found = [haystack(family.build(life, one)) for one in names]
        misses, rank = medians(found)
        rows.append({"family": name, "tasks": count, "near_misses": misses, "rank": rank})
        every += found
    misses, rank = medians(every)
    return {"families": rows, "near_misses": misses, "rank": rank}


def _print_services(found: LifeStatistics) -> None:
    table = Table()
    for column in ("service", "records", "words", "first", "last"):
        table.add_column(column, justify="right" if column in ("records", "words") else "left")
    for item in found.services:
        table.add_row(item.service, f"{item.records:,}", f"{item.words:,}", item.first, item.last)
    stdout().print(table)


def _show(
    persona: _Persona,
    life_seed: _Seed = 0,
    scale: _Scale = "full",
    day: Annotated[str | None, typer.Option("--day", help="A day, YYYY-MM-DD: all that happened on it.")] = None,
    thread: Annotated[str | None, typer.Option("--thread", help="A record's id: the storyline it belongs to.")] = None,
    person: Annotated[
        str | None, typer.Option("--person", help="A name: who it is and what passed between you.")
    ] = None,
    sample: Annotated[int | None, typer.Option("--sample", min=1, help="So many storylines, drawn by --seed.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Draws what --sample shows.")] = 0,
) -> None:
    if sum(choice is not None for choice in (day, thread, person, sample)) != 1:
        raise UsageError("Say what to show: one of --day YYYY-MM-DD, --thread ID, --person NAME or --sample N.")
    _check(persona, life_seed, scale)
    draft: LifeDraft = load_life(persona, life_seed, scale).draft
    if sample is not None:
        lines = show_sample(draft, sample, seed)
    elif day is not None:
        lines = show_day(draft, day)
    else:
        lines = show_thread(draft, thread) if thread is not None else show_person(draft, person or "")
    for line in lines:
        stdout().print(plain(line), soft_wrap=True)
