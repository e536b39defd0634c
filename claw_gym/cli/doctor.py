"""`claw-gym doctor`: whether everything is in place on this machine."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Annotated

import gymnasium as gym
import typer
from rich.table import Table
from rich.text import Text

import claw_gym
from claw_gym.cli.exit_codes import DONE, NOT_DONE
from claw_gym.cli.places import data_folder
from claw_gym.cli.screen import plain, print_json, stdout
from claw_gym.envs.ids import env_ids
from claw_gym.life.cache import cache_folder
from claw_gym.services import SERVICES
from claw_gym.tasks import FAMILIES

__all__ = ["add_to"]

_NEEDED = ("gymnasium", "numpy", "pydantic", "jinja2", "faker", "cronsim", "python-dateutil", "pyyaml", "typer", "rich")
_EXTRAS = {
    "pyarrow": ("parquet", "packs in parquet files"),
    "openai": ("openai", "scorer='judge'"),
    "stable-baselines3": ("sb3", "training with it"),
}
"""Distribution -> the extra that brings it, and what it is for."""
_OLDEST = (3, 11)
_STYLES = {"ok": "green", "absent": "yellow", "wrong": "red"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes:
        what: What was looked at.
        state: "ok", "absent" (only some things need it) or "wrong" (nothing works without it).
        detail: What was found, or what to do.
    """

    what: str
    state: str
    detail: str


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(
        "doctor",
        help="Check whether everything is in place on this machine. Exits with 1 when something needed is wrong.",
        epilog="Example: claw-gym doctor",
    )(_doctor)


def _doctor(as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False) -> None:
    findings = list(_findings())
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        table = Table(expand=True)
        table.add_column("checked", overflow="fold", ratio=2)
        table.add_column("state", no_wrap=True)
        table.add_column("found", overflow="fold", ratio=5)
        for finding in findings:
            table.add_row(plain(finding.what), Text(finding.state, style=_STYLES[finding.state]), plain(finding.detail))
        stdout().print(table)
    raise typer.Exit(NOT_DONE if any(finding.state == "wrong" for finding in findings) else DONE)


def _findings() -> Iterator[Finding]:
    old = sys.version_info < _OLDEST
    needed = f"; {_OLDEST[0]}.{_OLDEST[1]} or newer is needed" if old else f" on {platform.system()}"
    yield Finding("Python", "wrong" if old else "ok", platform.python_version() + needed)
    yield Finding("claw_gym", "ok", f"{claw_gym.__version__} in {Path(claw_gym.__file__).parent}")
    for name in _NEEDED:
        yield _package(name)
    registered = [env_id for env_id in env_ids() if env_id in gym.registry]
    state = "ok" if len(registered) == len(env_ids()) else "wrong"
    yield Finding("registry", state, f"{len(registered)} ids, {len(FAMILIES)} families, {len(SERVICES)} services")
    yield _cache(cache_folder())
    yield _data(data_folder())
    for name, (extra, use) in _EXTRAS.items():
        yield _extra(name, extra, use)


def _package(name: str) -> Finding:
    try:
        return Finding(name, "ok", metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(name, "wrong", f"missing; pip install {name}")


def _cache(folder: Path) -> Finding:
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        return Finding("cache", "wrong", f"{folder} cannot be written to; point CLAW_GYM_CACHE elsewhere")
    return Finding("cache", "ok", f"{folder}{'' if there == folder else ' (will be made)'}")


def _data(folder: Path) -> Finding:
    if folder.is_dir():
        return Finding("published packs", "ok", str(folder))
    return Finding("published packs", "absent", f"no folder {folder}; only tests and the demo look for it")


def _extra(name: str, extra: str, use: str) -> Finding:
    try:
        return Finding(name, "ok", metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(name, "absent", f"for {use}: pip install 'claw-gym[{extra}]'")
