"""Lives that several tests look at, each built once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest

from claw_gym.life import LifeDraft, build_life, load_persona, personas

NAMES = tuple(persona.name for persona in personas())
SMALL = [(name, seed) for name in NAMES for seed in (0, 1)]


@lru_cache(maxsize=32)
def built(name: str, seed: int, scale: str) -> LifeDraft:
    return build_life(load_persona(name), seed, scale)


@pytest.fixture(params=SMALL, ids=lambda item: f"{item[0]}-{item[1]}")
def life(request: pytest.FixtureRequest) -> LifeDraft:
    return built(*request.param, "small")


@pytest.fixture(params=NAMES)
def full_life(request: pytest.FixtureRequest) -> LifeDraft:
    # With --dist loadscope or a single worker each is built once; else once a worker, in a second or two.
    return built(request.param, 0, "full")


@pytest.fixture(name="small_life")
def fixture_small_life() -> Callable[[int], LifeDraft]:
    return lambda seed: built("maren_okafor", seed, "small")


def texts_of(life: LifeDraft) -> list[str]:
    """Every text value of every record, lists included."""
    return [text for table in life.tables for record in life.records(table) for text in texts_of_record(record)]


def texts_of_record(value: Any) -> list[str]:
    """Every text value of a record, lists included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts_of_record(item)]
    return [text for item in value for text in texts_of_record(item)] if isinstance(value, list | tuple) else []
