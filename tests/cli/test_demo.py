"""The demo, as `make demo` runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def test_the_demo_plays_everything_in_80_columns(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "examples/demo.py"],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "COLUMNS": "80", "CLAW_GYM_DATA": str(tmp_path / "none")},
    )
    out = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    for said in ("No published tasks", "E01_supplier_visit", "proactive", "reactive", "judge-only"):
        assert said in out
    assert "briefing" in out
    assert max(map(len, out.splitlines())) <= 80
