"""What makes an audit quick must not change what it finds: shared openings, lives held, names compared early."""

from __future__ import annotations

import difflib
import random
from collections.abc import Iterator

import pytest

from claw_gym.core.tool import ToolCall
from claw_gym.envs.claw_env import ClawEnv
from claw_gym.errors import nearest
from claw_gym.rollout import make_policy, run_episode
from claw_gym.tasks.family import FamilyTask
from claw_gym.tasks.source import FamilySource
from claw_gym.testing.audit.drawn import Draws, FamilyRef
from claw_gym.testing.audit.openings import OpeningsEnv, TaskOf
from claw_gym.testing.audit.workers import Job, Workers, drawing

POLICIES = ("list_all_then_finish", "newest_records", "first_hit", "seen_value_random", "notify_everything", "noop")


@pytest.fixture(scope="module")
def task() -> FamilyTask:
    return FamilySource(family="failing_job", scale="small").draw(0)


def test_an_episode_that_opens_like_an_earlier_one_is_the_same_as_without_that(task: FamilyTask) -> None:
    shared = OpeningsEnv(task, max_steps=20)
    for name in POLICIES:
        alone = ClawEnv(TaskOf(task), max_steps=20)
        here, there = (run_episode(env, make_policy(name), seed=3) for env in (alone, shared))
        assert here.steps == there.steps, name
        assert here.outcome == there.outcome, name
        assert alone.world.digest == shared.world.digest, name


def test_a_shared_opening_is_played_once_and_its_world_stays_as_it_was(task: FamilyTask) -> None:
    env = OpeningsEnv(task, max_steps=20)
    opening = [ToolCall("gmail_list_messages", {"days_back": 90}), ToolCall("todo_list_tasks", {})]
    digests = []
    for turn in (opening, opening, ToolCall("calendar_list_events", {"date": "2026-03-04"})):
        env.reset(seed=0)
        env.step(turn)
        digests.append(env.world.digest)
        env.step(ToolCall("todo_create_task", {"title": "Something"}))
    assert digests[0] == digests[1] != digests[2]
    assert len(env._openings) == 2


def test_lives_are_held_until_the_work_is_done() -> None:
    ref = FamilyRef.to("failing_job")
    with Workers(1) as crew:
        ((life,),) = crew.map(lambda number: [drawing(ref, "train", "small").task(number).life], [Job(0, 0)])
        before = drawing(ref, "train", "small")
        assert before.task(0).life is life
        assert drawing(ref, "train", "small") is before
    assert drawing(ref, "train", "small") is not before


def test_a_worker_takes_jobs_of_its_own_lives_first_then_of_lives_that_nobody_holds() -> None:
    crew = Workers(2)
    mine, other = crew._crew
    mine.lives, other.lives = {"a"}, {"b"}
    left = [Job("b", 1), Job("c", 2), Job("a", 3)]
    assert [crew._next(mine, left).given for _ in range(3)] == [3, 2, 1]
    assert not left
    assert mine.lives == {"a", "b", "c"}
    crew.__exit__(None)


def test_chunks_share_a_life_and_hold_every_number_once() -> None:
    chunks = Draws(FamilyRef.to("failing_job"), "train", "small").chunks(range(80))
    assert sorted(number for _, numbers in chunks for number in numbers) == list(range(80))
    source = FamilySource(family="failing_job", scale="small")
    assert all(source.life_number(number) == life for life, numbers in chunks for number in numbers)


def _names() -> Iterator[tuple[str, list[str]]]:
    draw = random.Random(0)
    for _ in range(500):
        lengths = [draw.randint(0, 8) for _ in range(draw.randint(1, 30))]
        name, *known = ("".join(draw.choices("AB01-_b\0", k=length)) for length in lengths)
        yield name, known
    ids = [f"MSG-{number}" for number in range(5001, 5400)]
    yield from ((name, ids) for name in ("MSG-5001", "msg-5", "EVT-5100", "", "MSG5001 ", "é"))


def test_the_nearest_name_is_the_one_that_difflib_finds() -> None:
    for name, known in _names():
        expected = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
        assert nearest(name, known) == (expected[0] if expected else None), (name, known)
