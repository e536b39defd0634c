"""The demo, as `make demo` runs it, with published tasks at hand and without."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PUBLISHED = REPOSITORY.parent / "shared" / "data"
OWN_HEADINGS = ("reactive", "proactive")


def demo(data: Path) -> str:
    done = subprocess.run(
        [sys.executable, "examples/demo.py"],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "COLUMNS": "80", "CLAW_GYM_DATA": str(data)},
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def check_table(out: str, heading: str) -> None:
    """Four packs stand under `heading`, five reactive and five proactive tasks of ours below, none of them cut."""
    assert max(map(len, out.splitlines())) <= 80
    lines = [line.strip() for line in out[out.index("\nPlayed") :].splitlines()]
    assert not any("\N{HORIZONTAL ELLIPSIS}" in line for line in lines)
    for kind, count in ((heading, 4), *((kind, 5) for kind in OWN_HEADINGS)):
        rows = list(takewhile(lambda line: re.search(r" (yes|judge-only) +\d+$", line), lines[lines.index(kind) + 1 :]))
        assert len(rows) == count, kind


def test_the_demo_plays_small_packs_and_ten_tasks_in_80_columns(tmp_path: Path) -> None:
    out = demo(tmp_path / "none")
    for said in ("No published tasks", "E01_supplier_visit", "judge-only", "briefing"):
        assert said in out
    check_table(out, "small packs")


@pytest.mark.skipif(not (PUBLISHED / "claw_eval").is_dir(), reason="no published tasks at hand")
def test_the_demo_plays_published_packs_where_they_are_at_hand() -> None:
    out = demo(PUBLISHED)
    assert "No published tasks" not in out
    check_table(out, "published tasks")
