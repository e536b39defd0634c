"""Measures claw_gym against the budgets of its design, and against the published design over HTTP in the same run.

    python benchmarks/bench_env.py [--quick] [--no-http] [--json | --markdown]

Budgets are those of the design (one core, medians). The peer is rebuilt by `http_peer.py`: ten FastAPI and uvicorn
processes on loopback over the same records. Nothing here fails when a budget is missed; the table says by how much.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import Any

import gymnasium as gym
from env_rows import (
    env_memory,
    episode_jobs,
    growth_jobs,
    import_times,
    life_times,
    load_time,
    own_history_jobs,
    own_jobs,
    service_jobs,
    steps_per_second,
)
from report import Ratio, Report
from timing import Timing, interleave, private_memory, timed
from worlds import BenchSource, Records, base_of, env_of, ids_of, life, word_count

import claw_gym
from claw_gym import ToolCall

US, MS = 1e-6, 1e-3
MB = 1024.0**2
GROWTH_LIMIT = 1.3

STEP = "gym.make step on a full-scale world"
EPISODE = "reset, fork, save, restore, full-scale world"
OWN = {scale: f"the package's own lives, scale {scale}" for scale in ("small", "full")}
GROWTH = "growth: cost at 10,000 mails / cost at 100"
START = "start and memory"

_STEP_ROWS = (
    ("get", "get: gmail_get_message", 60 * US),
    ("list", "list: gmail_list_messages, 20 rows", 120 * US),
    ("calendar list", "list: calendar_list_events, one day", 120 * US),
    ("search", "search: gmail_list_messages, 1 % hits", 250 * US),
    ("kb search", "search: kb_search, 5 of 150 articles", 250 * US),
    ("contacts search", "search: contacts_search, 1 % hits", 250 * US),
    ("send", "write: gmail_send_message", 120 * US),
    ("list late", "list after 60 turns with 20 mails written", 120 * US),
    ("direct get", "get without an env, tool method only", None),
    ("direct list", "list without an env, tool method only", None),
)
_EPISODE_ROWS = (
    ("new task", "reset to a new task, base in memory", 5 * MS),
    ("same task", "reset to the same task", 0.3 * MS),
    ("named task", "reset to the same task by options", 0.3 * MS),
    ("fork", "world.fork() after 60 turns", 0.1 * MS),
    ("save", "claw_gym.save(env)", 0.1 * MS),
    ("restore", "claw_gym.restore(env, snapshot)", 0.1 * MS),
    ("digest", "snapshot.digest, base known", None),
)
_OWN_ROWS = (
    ("get", "gym.make step: get a mail", 60 * US),
    ("list", "gym.make step: list mail, 20 rows", 120 * US),
    ("search", "gym.make step: search mail", 250 * US),
    ("send", "gym.make step: send a mail", 120 * US),
    ("new task", "reset to a new task, base in memory", 5 * MS),
    ("same task", "reset to the same task", 0.3 * MS),
    ("any life", "reset to a new task, of any life of the split", None),
    ("oracle", "whole episode of the oracle, reset and judging", None),
)
# What the peer does -> the same done by us.
_COMPARED = (
    ("http get", "get", "get a mail"),
    ("http list", "list", "list mail, 20 rows"),
    ("http calendar list", "calendar list", "list a day's events"),
    ("http search", "search", "search mail"),
    ("http kb search", "kb search", "search articles"),
    ("http contacts search", "contacts search", "search contacts"),
    ("http send", "send", "send a mail"),
    ("http reset", "same task", "reset all, kept connections"),
    ("http reset as published", "same task", "reset all, as published: a client a service"),
)


def measure(*, quick: bool, http: bool, command: str) -> Report:
    """Runs everything and returns the figures."""
    report = Report(command)
    records = life()
    ready_s, base = timed(lambda: base_of(records))
    source = BenchSource(base, records)
    env = env_of(source)
    ready_s += timed(lambda: (env.reset(seed=0), env.step(ToolCall("gmail_list_messages", {}))))[0]
    jobs = [*service_jobs(env, records, quick=quick), *episode_jobs(env, quick=quick)]
    jobs += [
        *own_jobs("small", quick=quick),
        *own_jobs("full", quick=quick),
        *growth_jobs(quick=quick),
        *own_history_jobs(source, quick=quick),
    ]
    rounds = 3 if quick else 7
    if http:
        timings = _beside_http(report, jobs, ready_s, rounds, quick=quick)
    else:
        timings, report.calibration = interleave(jobs, rounds)
    for group, rows in ((STEP, _STEP_ROWS), (EPISODE, _EPISODE_ROWS)):
        for key, what, budget in rows:
            report.add(group, what, timings[key], budget=budget)
    for scale, group in OWN.items():
        for key, what, budget in _OWN_ROWS:
            report.add(group, what, timings[f"{scale} {key}"], budget=budget)
    _growth(report, timings)
    _start_and_memory(report, source, ready_s, quick=quick)
    total = sum(map(len, records.values()))
    report.notes.append(
        f"Full-scale world: {total:,} made-up records, {word_count(records):,} words, {len(records)} services; a task "
        "lays 12 records into it."
    )
    return report


def _beside_http(report: Report, jobs: list[Any], ready_s: float, rounds: int, *, quick: bool) -> dict[str, Timing]:
    """Times our jobs and the peer's in the same rounds, and adds the ratios."""
    from http_peer import POLL_S, Fleet
    from http_peer import jobs as http_jobs

    records = life()
    with Fleet(records, as_published=True) as fleet:
        published_s = fleet.start_s
    with Fleet(records, as_published=False) as fleet:
        best_s = fleet.start_s
        _check_alike(fleet, records)
        timings, report.calibration = interleave([*jobs, *http_jobs(fleet, records, quick=quick)], rounds)
        memory = fleet.memory
    ours = Timing(ready_s, ready_s)
    what = f"world ready: 10 in turn, polled every {POLL_S} s"
    report.ratios.append(Ratio(what, Timing(published_s, published_s), ours))
    report.ratios.append(Ratio("world ready: 10 at once", Timing(best_s, best_s), ours))
    report.ratios += [Ratio(what, timings[peer], timings[own]) for peer, own, what in _COMPARED]
    if memory:
        env_bytes = env_memory(BenchSource(base_of(records), records), 50)
        one = Timing(float(memory), float(memory))
        report.ratios.append(Ratio("memory of one more world in play", one, Timing(env_bytes, env_bytes), "B"))
    empty = timings["http health"]
    report.notes.append(f"An HTTP request that does nothing takes {empty.median * 1e3:.1f} ms here.")
    return timings


def _check_alike(fleet: Any, records: Records) -> None:
    """Makes sure that both sides do the same work: the same mail, and as many rows."""
    env = env_of(BenchSource(base_of(records), records))
    env.reset(seed=0)
    mail = ids_of(records, "gmail.messages")[0]
    ours = env.step(ToolCall("gmail_get_message", {"message_id": mail}))[0]["text"]
    if json.loads(ours) != json.loads(fleet.call("gmail", "get", {"record_id": mail})):
        raise RuntimeError("The peer answers with another mail.")
    rows = json.loads(env.step(ToolCall("gmail_list_messages", {"days_back": 30}))[0]["text"])["returned"]
    if rows != json.loads(fleet.call("gmail", "messages", {"days_back": 30}))["returned"]:
        raise RuntimeError("The peer lists another number of mails.")


def _growth(report: Report, timings: dict[str, Timing]) -> None:
    for what in ("list", "get", "write", "search"):
        ratio = timings[f"{what} at 10000"].over(timings[f"{what} at 100"])
        report.add(GROWTH, what, ratio, unit="x", budget=None if what == "search" else GROWTH_LIMIT)
    for what in ("list", "get", "write", "search"):
        ratio = timings[f"{what} after 400"].over(timings[f"{what} after 0"])
        report.add(GROWTH, f"{what}, after 400 own writes / after none", ratio, unit="x")


def _start_and_memory(report: Report, source: BenchSource, ready_s: float, *, quick: bool) -> None:
    imports = import_times(2 if quick else 7)
    report.add(START, "import claw_gym in a new process", imports.own, budget=0.6)
    report.add(START, "import gymnasium, for comparison", imports.gymnasium)
    report.add(START, "first make and reset in a new process, small", imports.first_reset)
    report.notes.append(f"Not imported with claw_gym, as the budget asks: {imports.absent or 'none of them'}.")
    if imports.present:
        report.notes.append(f"MISSED: import claw_gym imports {imports.present}.")
    for scale, timing in life_times(2 if quick else 5).items():
        report.add(START, f"building a life of scale {scale}", timing, budget=3.0 if scale == "full" else None)
    report.add(START, "loading a full life from the disk cache", load_time("full", 3 if quick else 7), budget=0.15)
    report.add(START, "full-scale world from records, first listing", ready_s)
    report.add(
        START, "one more env after reset (Python objects)", env_memory(source, 200, turns=0), unit="B", budget=MB / 2
    )
    report.add(START, "one more env after 60 turns (Python objects)", env_memory(source, 50), unit="B", budget=MB / 2)
    # Each env of the package's ids keeps the tasks it drew last, and these keep their lives.
    many = env_memory(None, 1, turns=0, resets=16)
    report.add(START, "one more small-life env after 16 resets", many, unit="B", budget=MB / 2)
    report.add(
        START, "env-steps/s, 8 envs in turn, one process", steps_per_second(source, 1.0 if quick else 4.0), unit="1/s"
    )
    vector = _vector_rate(1.0 if quick else 4.0)
    report.add(START, "env-steps/s, claw_gym.make_vec of 8 small lives", vector, unit="1/s")
    held = private_memory(os.getpid())
    if held:
        report.add(START, "this whole process, with every world of it", float(held), unit="B")


def _vector_rate(seconds: float) -> float:
    """Returns env-steps a second of a SyncVectorEnv that lists and reads mail."""
    envs: gym.vector.VectorEnv[Any, Any, Any] = claw_gym.make_vec("Claw-Reactive-v0", 8, max_steps=10**9, scale="small")
    envs.reset(seed=0)
    action = tuple(ToolCall("workmail_list_messages", {"days_back": 30}) for _ in range(8))
    begun, steps = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        if steps % 480 == 0:
            envs.reset(seed=0)
        envs.step(action)
        steps += 8
    rate = steps / (time.perf_counter() - begun)
    envs.close()
    return rate


def main() -> None:
    """Parses the command line and prints the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds, under a minute")
    parser.add_argument("--no-http", action="store_true", help="leave the HTTP peer out")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON: seconds and bytes")
    form.add_argument("--markdown", action="store_true", help="print markdown tables")
    given = parser.parse_args()
    command = " ".join(["python benchmarks/bench_env.py", *sys.argv[1:]])
    report = measure(quick=given.quick, http=not given.no_http, command=command)
    print(report.json() if given.json else report.text(markdown=given.markdown))


if __name__ == "__main__":
    main()
