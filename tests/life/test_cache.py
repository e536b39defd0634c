"""Lives on disk: built once, read by all, never half of one, and no obstacle where the disk refuses."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from claw_gym.core.canonical import digest
from claw_gym.life import LifeDraft, build_life, load_persona
from claw_gym.life import cache as caching
from claw_gym.life.cache import cached_life, life_path
from claw_gym.life.loaded import load_life

MAREN = load_persona("maren_okafor")
_CACHED = """
import sys
from claw_gym.life import cache, load_persona
built = []
real = cache.build_life
cache.build_life = lambda *arguments: built.append(1) or real(*arguments)
cache.cached_life(load_persona("maren_okafor"), 3, "medium")
print(len(built))
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLAW_GYM_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the lives that are built, and builds small ones, which is all that matters here."""
    counted: list[int] = []

    def build(persona: object, life_seed: int, scale: str) -> LifeDraft:
        counted.append(life_seed)
        return build_life(MAREN, life_seed, "small")

    monkeypatch.setattr(caching, "build_life", build)
    return counted


def content(life: LifeDraft) -> str:
    return digest({table: [slot.record for slot in slots] for table, slots in life.tables.items()})


def test_a_life_is_built_once_and_read_the_same_afterwards(builds: list[int]) -> None:
    first, second = (cached_life(MAREN, 2, "full") for _ in range(2))
    assert builds == [2]
    assert content(first) == content(second)
    assert second.people == first.people
    assert life_path("maren_okafor", 2, "full").exists()


def test_a_damaged_file_is_built_anew(builds: list[int]) -> None:
    cached_life(MAREN, 2, "full")
    path = life_path("maren_okafor", 2, "full")
    for damage in (b"", b"not a pickle", path.read_bytes()[:1000]):
        path.write_bytes(damage)
        assert content(cached_life(MAREN, 2, "full")) == content(build_life(MAREN, 2, "small"))
    assert builds == [2, 2, 2, 2]


def test_no_partial_file_is_left_behind(builds: list[int], folder: Path) -> None:
    cached_life(MAREN, 2, "full")
    assert sorted(path.suffix for path in folder.rglob("*") if path.is_file()) in ([".pickle"], [".lock", ".pickle"])


def test_a_folder_that_cannot_be_written_costs_a_warning_and_nothing_else(
    builds: list[int], folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = folder / "file"
    blocked.write_text("no folder")
    monkeypatch.setenv("CLAW_GYM_CACHE", str(blocked))
    with caplog.at_level(logging.WARNING, logger="claw_gym"):
        assert cached_life(MAREN, 2, "full").life_seed == 2
    assert "CLAW_GYM_CACHE" in caplog.text


def test_another_version_of_code_or_data_is_another_file(monkeypatch: pytest.MonkeyPatch) -> None:
    before = life_path("maren_okafor", 2, "full")
    monkeypatch.setattr(caching, "version", lambda: "0123456789abcdef")
    assert life_path("maren_okafor", 2, "full") != before


def test_two_processes_that_want_the_same_life_build_it_once(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = [
        subprocess.Popen([sys.executable, "-c", _CACHED], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert sorted(process.communicate(timeout=120)[0].strip() for process in running) == ["0", "1"]


def test_envs_of_a_process_share_one_life_in_memory() -> None:
    assert load_life("maren_okafor", 4, "medium") is load_life("maren_okafor", 4, "medium")
