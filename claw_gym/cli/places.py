"""Folders outside the package: data for tests and demos."""

from __future__ import annotations

import os
from pathlib import Path

import claw_gym

__all__ = ["data_folder"]


def data_folder() -> Path:
    """Returns where published packs lie: CLAW_GYM_DATA, or `../shared/data` seen from the root of the repository."""
    chosen = os.environ.get("CLAW_GYM_DATA")
    return Path(chosen) if chosen else Path(claw_gym.__file__).resolve().parents[2] / "shared" / "data"
