"""Rule 7: a full name is one task, here and in every other process; other seeds are other tasks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from claw_gym.core.canonical import digest
from claw_gym.errors import InfrastructureError
from claw_gym.rollout.gleaning import values_of
from claw_gym.tasks.family import FamilyTask
from claw_gym.testing.audit.finding import Finding, Findings

__all__ = ["Sameness", "different", "digest_of", "elsewhere", "same_again", "sameness_of"]

_HASH_SEED = "20260304"
_ZONE = "Asia/Tokyo"
_LEAST_TASKS = 4


@dataclass(frozen=True)
class Sameness:
    """What must differ between tasks of different seeds, as digests.

    Attributes:
        story: Of all its records.
        people: Of the addresses in it; "" where there are none.
        values: Of the ids, amounts and days.
        wording: Of its prose, without numbers and names.
    """

    story: str
    people: str
    values: str
    wording: str


def digest_of(task: FamilyTask[Any]) -> str:
    """Returns the digest of everything a task is: its briefing, its story, what happens in it, the life below."""
    told = task.told
    parts = [told.evidence, told.others, [entry.plain() for entry in told.schedule], told.replies]
    return digest([task.briefing, parts, task.start().digest])


def same_again(task: FamilyTask[Any], again: FamilyTask[Any]) -> Findings:
    """Yields a task that comes out differently when it is built once more."""
    if digest_of(again) != digest_of(task):
        yield Finding(7, task.name, "a full name is the same task every time: not so")


def elsewhere(names: Mapping[int, str], digests: Mapping[int, str], command: Sequence[str]) -> Findings:
    """Yields the tasks that are others in a process with another hash seed and another time zone.

    Args:
        names: Number of each task -> its full name.
        digests: Number -> digest here.
        command: What a new interpreter is to run; it gets the numbers on standard input, one a line, and prints a JSON
            object of number -> digest.

    Raises:
        InfrastructureError: The process could not be run to its end.
    """
    environment = {**os.environ, "PYTHONHASHSEED": _HASH_SEED, "TZ": _ZONE, "PYTHONPATH": os.pathsep.join(sys.path)}
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter and module
            [sys.executable, *command],
            input="\n".join(map(str, names)),
            capture_output=True,
            check=True,
            text=True,
            env=environment,
        )
        found: dict[str, str] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        raise InfrastructureError(f"Rule 7 needs another process, and it failed: {said.strip()[-300:]}") from error
    for number, name in names.items():
        if found.get(str(number)) != digests[number]:
            yield Finding(7, name, "the task is the same in another process: not so")


def sameness_of(task: FamilyTask[Any]) -> Sameness:
    """Returns what must differ between seeds."""
    told = [plain for _, plain in (*task.told.evidence, *task.told.others)]
    values = list(values_of(told))
    prose = [re.sub(r"[A-Z]\w+|[^a-z ]", "", str(value.value)) for value in values if value.form == "text"]
    return Sameness(
        story=digest([task.told.evidence, task.told.others]),
        people=_digest(str(value.value) for value in values if value.form == "address"),
        values=_digest(str(value.value) for value in values if value.form not in ("text", "address", "flag")),
        wording=_digest(prose),
    )


def _digest(texts: Iterable[str]) -> str:
    every = sorted(set(texts))
    return digest(every) if every else ""


def different(family: str, found: Sequence[Sameness]) -> Findings:
    """Yields what never varies between tasks of different seeds, and two tasks with one story."""
    if len({item.story for item in found}) < len(found):
        yield Finding(7, family, "different seeds give different stories: not so, two tasks tell the same")
    for name in ("people", "values", "wording") if len(found) >= _LEAST_TASKS else ():
        variants = {getattr(item, name) for item in found}
        if len(variants) == 1 and "" not in variants:
            yield Finding(7, family, f"different seeds differ in {name}: not so, all {len(found)} tasks have the same")
