"""What `bench_env.py` times: the jobs on our side."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import gymnasium as gym
from timing import Job, Timing, own_memory, summary, timed
from worlds import NOW, RARE, TOPICS, BenchSource, Records, base_of, env_of, ids_of, life

import claw_gym
from claw_gym import ToolCall
from claw_gym.core.seeding import stream
from claw_gym.life.build import build_life
from claw_gym.life.cache import cached_life
from claw_gym.life.library import scale_names
from claw_gym.life.loaded import Life, lives_of
from claw_gym.life.persona import load_persona, personas
from claw_gym.services import SERVICES
from claw_gym.tasks.task import TaskSource

__all__ = [
    "Imports",
    "env_memory",
    "episode_jobs",
    "growth_jobs",
    "import_times",
    "life_times",
    "own_history_jobs",
    "own_jobs",
    "service_jobs",
    "steps_per_second",
]

Env = gym.Env[Any, Any]

_TURNS = 60
"""Turns of one episode; an env is reset after so many."""
_WRITE_EVERY = 3
_HELD_TASKS = 64


def _mail(i: int) -> dict[str, Any]:
    return {"to": "a@example.org", "subject": f"Re {i}", "body": "As agreed. " * 10}


def _topic(i: int) -> str:
    return TOPICS[i % len(TOPICS)]


def _play(env: Env, turns: int, mails: list[str]) -> None:
    """Plays an episode from its beginning: reads, with a mail written every third turn."""
    env.reset(seed=1)
    for i in range(turns):
        if i % _WRITE_EVERY == 0:
            env.step(ToolCall("gmail_send_message", _mail(i)))
        elif i % _WRITE_EVERY == 1:
            env.step(ToolCall("gmail_list_messages", {"days_back": 30}))
        else:
            env.step(ToolCall("gmail_get_message", {"message_id": mails[i * 31 % len(mails)]}))


def service_jobs(env: Env, records: Records, *, quick: bool) -> list[Job]:
    """Returns steps of the service tools; the peer's jobs ask for the same."""
    samples, mails = (180 if quick else 960), ids_of(records, "gmail.messages")
    day = NOW.date().isoformat()
    start = partial(env.reset, seed=1)

    def step(name: str, arguments: dict[str, Any]) -> Any:
        return env.step(ToolCall(name, arguments))

    def listing(_: int) -> Any:
        return step("gmail_list_messages", {"days_back": 30})

    def get(i: int) -> Any:
        return step("gmail_get_message", {"message_id": mails[i * 31 % len(mails)]})

    def search(i: int) -> Any:
        return step("gmail_list_messages", {"days_back": 365, "query": _topic(i)})

    def direct(method: str) -> Any:
        return getattr(SERVICES["gmail"](env.unwrapped.world), method)  # type: ignore[attr-defined]

    return [
        Job("get", get, samples, _TURNS, start),
        Job("list", listing, samples, _TURNS, start),
        Job("search", search, samples, _TURNS, start),
        Job("kb search", lambda i: step("kb_search", {"query": _topic(i)}), samples, _TURNS, start),
        Job("contacts search", lambda i: step("contacts_search", {"query": _topic(i)}), samples, _TURNS, start),
        Job("calendar list", lambda _: step("calendar_list_events", {"date": day}), samples, _TURNS, start),
        Job("send", lambda i: step("gmail_send_message", _mail(i)), samples, _TURNS, start),
        Job("list late", listing, samples, 30, lambda: _play(env, _TURNS, mails)),
        Job("direct get", lambda i: direct("get_message")(mails[i * 31 % len(mails)]), samples, prepare=start),
        Job("direct list", lambda _: direct("list_messages")(days_back=30), samples, prepare=start),
    ]


def episode_jobs(env: Env, *, quick: bool) -> list[Job]:
    """Returns resets, forks, saves and restores."""
    samples, mails = (60 if quick else 200), ids_of(life(), "gmail.messages")
    seeds = count(1000)
    played = partial(_play, env, _TURNS, mails)
    saved: list[Any] = []

    def play_and_save() -> None:
        played()
        saved[:] = [claw_gym.save(env)]

    def world() -> Any:
        return env.unwrapped.world  # type: ignore[attr-defined]

    return [
        Job("new task", lambda _: env.reset(seed=next(seeds)), samples),
        Job("same task", lambda _: env.reset(seed=1), samples, prepare=partial(env.reset, seed=1)),
        Job("named task", lambda _: env.reset(options={"task": "bench@1/full/1:1"}), samples),
        Job("fork", lambda _: world().fork(), samples, prepare=played),
        Job("save", lambda _: claw_gym.save(env), samples, prepare=played),
        Job("restore", lambda _: claw_gym.restore(env, saved[0]), samples, prepare=play_and_save),
        Job("digest", lambda _: claw_gym.save(env).digest, 20, prepare=played),
    ]


def _seeds_of_one_life(source: Any, enough: int) -> list[int]:
    """Returns seeds whose tasks are played in one and the same life, without building any."""
    found: dict[int, list[int]] = {}
    for seed in count():
        picked = stream(source._name(seed).seed, "life").randrange(source._lives)
        found.setdefault(picked, []).append(seed)
        if len(found[picked]) >= enough:
            return found[picked]
    raise AssertionError


def own_jobs(scale: str, *, quick: bool) -> list[Job]:
    """Returns the same on lives of the package, through a registered id; the names of the jobs begin with `scale`."""
    env, samples, resets = gym.make("Claw-Reactive-v0", scale=scale), (180 if quick else 960), (30 if quick else 80)
    # More tasks of one life than a source holds: asked for in turn, each is new again.
    own = _seeds_of_one_life(env.unwrapped.source, _HELD_TASKS + 8)  # type: ignore[attr-defined]
    env.reset(seed=own[0])
    table: Any = env.unwrapped.world.base.tables["workmail.messages"]  # type: ignore[attr-defined]
    mails, words = list(table.records), [row.subject.split()[-1] for row in table.records.values() if row.subject]
    new, anyhow = _cycle(own), count(5000)
    start = partial(env.reset, seed=own[0])

    def step(name: str, arguments: dict[str, Any]) -> Any:
        return env.step(ToolCall(name, arguments))

    def oracle(_: int) -> None:
        env.reset(seed=own[0])
        turns = env.unwrapped.current_task.oracle()  # type: ignore[attr-defined]
        action, over = next(turns), False
        while not over:
            _, _, over, _, info = env.step(action)
            action = None if over else turns.send(info["results"])

    def get(i: int) -> Any:
        return step("workmail_get_message", {"message_id": mails[i % len(mails)]})

    def search(i: int) -> Any:
        return step("workmail_list_messages", {"days_back": 365, "query": words[i % len(words)]})

    return [
        Job(f"{scale} get", get, samples, _TURNS, start),
        Job(f"{scale} list", lambda _: step("workmail_list_messages", {"days_back": 90}), samples, _TURNS, start),
        Job(f"{scale} search", search, samples, _TURNS, start),
        Job(f"{scale} send", lambda i: step("workmail_send_message", _mail(i)), samples, _TURNS, start),
        Job(f"{scale} new task", lambda _: env.reset(seed=next(new)), resets, prepare=start),
        Job(f"{scale} same task", lambda _: env.reset(seed=own[0]), resets, prepare=start),
        Job(f"{scale} any life", lambda _: env.reset(seed=next(anyhow)), 12 if quick else 30),
        Job(f"{scale} oracle", oracle, 10 if quick else 30, prepare=start),
    ]  # fmt: skip


def _cycle(seeds: list[int]) -> Iterator[int]:
    while True:
        yield from seeds


def growth_jobs(*, quick: bool) -> list[Job]:
    """Returns list, get, write and search on 100 and on 10,000 mails; each search has five hits."""
    found = []
    for size in (100, 10_000):
        records = life(size)
        env, mails = env_of(BenchSource(base_of(records), records)), ids_of(records, "gmail.messages")
        found.append(_mail_jobs(env, mails, f"at {size}", quick=quick, prepare=partial(env.reset, seed=1)))
    return [job for pair in zip(*found, strict=True) for job in pair]  # what is compared stands side by side


def own_history_jobs(source: TaskSource, *, quick: bool) -> list[Job]:
    """Returns the same in an episode whose agent has written nothing, or 400 mails."""
    found, mails = [], ids_of(life(), "gmail.messages")
    for writes in (0, 400):
        env = env_of(source, max_steps=10**6)

        def begin(env: Env = env, writes: int = writes) -> None:
            env.reset(seed=1)
            for first in range(0, writes, 40):
                env.step([ToolCall("gmail_send_message", _mail(first + i)) for i in range(40)])

        found.append(_mail_jobs(env, mails, f"after {writes}", quick=quick, prepare=begin))
    return [job for pair in zip(*found, strict=True) for job in pair]


def _mail_jobs(env: Env, mails: list[str], when: str, *, quick: bool, prepare: Any) -> list[Job]:
    samples = 120 if quick else 480

    def step(name: str, arguments: dict[str, Any]) -> Any:
        return env.step(ToolCall(name, arguments))

    def get(i: int) -> Any:
        return step("gmail_get_message", {"message_id": mails[i * 31 % len(mails)]})

    everything = {"days_back": 365}
    return [
        Job(f"list {when}", lambda _: step("gmail_list_messages", everything), samples, _TURNS, prepare),
        Job(f"get {when}", get, samples, _TURNS, prepare),
        Job(f"write {when}", lambda i: step("gmail_send_message", _mail(i)), samples, _TURNS, prepare),
        Job(f"search {when}", lambda _: step("gmail_list_messages", {**everything, "query": RARE}), samples, _TURNS,
            prepare),
    ]  # fmt: skip


def env_memory(source: TaskSource | None, envs: int, *, turns: int = _TURNS, resets: int = 1) -> float:
    """Returns the bytes of Python objects that one more env on a base in memory holds.

    Args:
        source: Where its tasks come from; None for a small life's own env, which has a source of its own.
        envs: How many to average over.
        turns: Turns played in each.
        resets: Tasks drawn by each, the same by all.
    """
    mails = ids_of(life(), "gmail.messages")

    def make() -> Env:
        env = env_of(source) if source else gym.make("Claw-Reactive-v0", scale="small")
        if turns:
            _play(env, turns, mails)
        for i in range(0 if turns else resets):
            # Lives and tasks are shared, so that this env draws those of the first one.
            env.reset(seed=i)
        return env

    make()
    held, kept = own_memory(lambda: [make() for _ in range(envs)])
    return held / len(kept)


def steps_per_second(source: TaskSource, seconds: float) -> float:
    """Returns env-steps a second of eight envs stepped in turn, an even mix of list, get, search and send."""
    envs, mails = [env_of(source) for _ in range(8)], ids_of(life(), "gmail.messages")
    actions = [
        [
            ToolCall("gmail_list_messages", {"days_back": 30}),
            ToolCall("gmail_get_message", {"message_id": mails[i * 31 % len(mails)]}),
            ToolCall("gmail_list_messages", {"days_back": 365, "query": _topic(i)}),
            ToolCall("gmail_send_message", _mail(i)),
        ][i % 4]
        for i in range(_TURNS)
    ]
    begun, steps = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        for seed, env in enumerate(envs):
            env.reset(seed=seed)
        for action in actions:
            for env in envs:
                env.step(action)
        steps += len(actions) * len(envs)
    return steps / (time.perf_counter() - begun)


def life_times(rounds: int) -> dict[str, Timing]:
    """Returns scale -> the time of building a life of each scale there is, not cached, loaded into tables."""
    person = load_persona(personas("train")[0].name)
    found = {}
    for scale in scale_names():
        taken = [timed(lambda s=scale, n=n: Life(build_life(person, n, s)))[0] for n in range(100, 101 + rounds)]
        found[scale] = summary([[seconds] for seconds in taken[1:]])
    return found


def load_time(scale: str, rounds: int) -> Timing:
    """Returns the time of loading a life from the disk cache into tables, as the first env of a process does."""
    persona, life_seed = lives_of("train")[0]
    cached_life(load_persona(persona), life_seed, scale)

    def load() -> Life:
        # What load_life does for a life that no env of the process has yet.
        return Life(cached_life(load_persona(persona), life_seed, scale))

    return summary([[timed(load)[0]] for _ in range(1 + rounds)][1:])


@dataclass(frozen=True)
class Imports:
    """What importing takes in new processes, and which heavy packages it brings along."""

    own: Timing
    gymnasium: Timing
    first_reset: Timing
    absent: str
    present: str


_BANNED = ("docker", "adbutils", "PIL", "faker")
_PROBE = """
import sys, time, json
begun = time.perf_counter()
import {module}
taken = time.perf_counter() - begun
banned = [name for name in {banned} if name in sys.modules]
reset = 0.0
if {module!r} == "claw_gym":
    import gymnasium
    begun = time.perf_counter()
    gymnasium.make("Claw-Reactive-v0").reset(seed=0)
    reset = time.perf_counter() - begun
print(json.dumps([taken, banned, reset]))
"""


def import_times(rounds: int) -> Imports:
    """Imports claw_gym and gymnasium in new processes, in turn; byte code is compiled before."""
    taken: dict[str, list[list[Any]]] = {"claw_gym": [], "gymnasium": []}
    for _ in range(rounds + 1):
        for module, found in taken.items():
            probe = _PROBE.format(module=module, banned=_BANNED)
            ran = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, env=dict(os.environ))
            found.append(json.loads(ran.stdout))
    own, peer = taken["claw_gym"][1:], taken["gymnasium"][1:]
    present = sorted({name for _, banned, _ in own for name in banned})
    return Imports(
        own=_plain_timing([row[0] for row in own]),
        gymnasium=_plain_timing([row[0] for row in peer]),
        first_reset=_plain_timing([row[2] for row in own]),
        absent=", ".join(name for name in _BANNED if name not in present),
        present=", ".join(present),
    )


def _plain_timing(samples: list[float]) -> Timing:
    return Timing(statistics.median(samples), min(samples))
