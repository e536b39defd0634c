"""Tasks are drawn the same everywhere and named exactly."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw_gym.errors import TaskNameError, UnknownNameError, UsageError
from claw_gym.life import loaded
from claw_gym.tasks import FAMILIES, family
from claw_gym.tasks.names import TaskName
from claw_gym.tasks.source import FamilySource as AnySource
from claw_gym.tasks.source import suite_members

FamilySource = partial(AnySource, scale="small")


@given(st.integers())
def test_any_integer_draws_a_task_of_the_train_split(seed: int) -> None:
    name = TaskName.parse(FamilySource(suite="mixed").draw(seed % 20 if abs(seed) > 10**9 else seed % 7).name)
    assert name.split == "train"


def test_seeds_far_outside_map_into_the_split() -> None:
    source = FamilySource(family="settle_duplicate_charge")
    assert source.draw(-1).name == source.draw(999_999).name
    assert source.draw(10**30).name == source.draw(0).name


def test_a_full_name_is_the_task_that_was_drawn() -> None:
    source = FamilySource(suite="reactive", difficulty=2)
    drawn = source.draw(7)
    again = source.named(drawn.name)
    assert again.digest == drawn.digest
    assert again.briefing == drawn.briefing
    assert "/2:" in drawn.name


def test_a_full_name_is_the_same_task_in_another_process() -> None:
    code = (
        "from claw_gym.tasks.source import FamilySource\n"
        "task = FamilySource(suite='mixed', scale='small').draw(11)\n"
        "print(task.name, task.start().digest)"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    task = FamilySource(suite="mixed").draw(11)
    assert outputs == {f"{task.name} {task.start().digest}\n"}


def test_different_seeds_differ_in_briefing_or_story() -> None:
    source = FamilySource(family="double_booking")
    assert len({source.draw(seed).start().digest for seed in range(12)}) == 12


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("settle_duplicate_charge:3", "is no task name"),
        ("settle_duplicate_charge@1/small/3:1500000", "split 'validation', this env plays 'train'"),
        ("settle_duplicate_charge@1/small/3:9000000", "lies in no split"),
        ("settle_duplicate_charge@9/small/3:1", "version"),
        ("settle_duplicate_charge@1/full/3:1", "scale"),
        ("double_booking@1/small/3:1", "not among those of this id"),
    ],
)
def test_a_wrong_task_name_is_refused_in_one_sentence(name: str, message: str) -> None:
    with pytest.raises(TaskNameError, match=message):
        FamilySource(suite="reactive").named(name)


def test_a_family_that_does_not_exist_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="settle_duplicate_charge"):
        FamilySource(suite="reactive").named("settle_duplicate_charges")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"split": "dev"}, "split should be one of"),
        ({"scale": "huge"}, "scale should be one of full, medium, small"),
        ({"difficulty": 6}, "from 1 to 5"),
        ({"difficulty": True}, "from 1 to 5"),
    ],
)
def test_what_does_not_exist_is_refused_in_one_sentence(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        FamilySource(suite="mixed", **arguments)  # type: ignore[arg-type]


def test_an_unknown_suite_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="reactive"):
        suite_members("reactiv")


def test_mixed_draws_reactive_and_proactive_about_equally() -> None:
    source = FamilySource(suite="mixed")
    drawn = [FAMILIES[source._name(seed).family].proactive for seed in range(400)]
    assert 160 < sum(drawn) < 240


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_split_has_its_own_seeds_lives_and_families(split: str) -> None:
    source = FamilySource(suite="mixed", split=split)
    tasks = [source.draw(seed) for seed in range(12)]
    assert {TaskName.parse(task.name).split for task in tasks} == {split}
    assert {task.life.persona.split for task in tasks} == {split}
    assert all(split in FAMILIES[name].splits for name in source.families)
    assert ("renewal_price_rise" in source.families) == (split == "test")


def test_one_family_of_each_kind_stands_only_in_test() -> None:
    alone = {name for name, one in FAMILIES.items() if one.splits == {"test"}}
    assert alone == {"renewal_price_rise", "restock_within_budget"}
    with pytest.raises(UsageError, match="stands only in the split test; pass split='test'"):
        FamilySource(family="renewal_price_rise")


def test_a_proactive_task_of_a_suite_has_a_guest_and_one_of_a_family_has_none() -> None:
    suite, alone = FamilySource(suite="proactive"), FamilySource(family="failing_job")
    hosts_and_guests = {
        (TaskName.parse(suite.draw(seed).name).family, TaskName.parse(suite.draw(seed).name).guest)
        for seed in range(30)
    }
    assert all(guest and guest != host for host, guest in hosts_and_guests)
    assert len(hosts_and_guests) >= 5
    assert {TaskName.parse(alone.draw(seed).name).guest for seed in range(5)} == {""}


def test_two_live_matters_of_a_suite_are_of_two_families() -> None:
    source = FamilySource(suite="proactive")
    both = [task for task in (source.draw(seed) for seed in range(40)) if len(task.params.live) == 2]
    assert both
    for task in both:
        assert [placed.family for placed in task.params.live].count(TaskName.parse(task.name).family) == 1


@pytest.mark.parametrize(
    "name",
    [
        "double_booking@1+double_booking@1/small/3:1",
        "double_booking@1+settle_duplicate_charge@1/small/3:1",
        "double_booking@1+renewal_price_rise@1/small/3:1",
        "settle_duplicate_charge@1+double_booking@1/small/3:1",
    ],
)
def test_a_guest_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(TaskNameError, match="cannot be a guest"):
        FamilySource(suite="mixed").named(name)


def test_the_opaque_digest_tells_nothing_of_the_name() -> None:
    task = FamilySource(suite="mixed").draw(3)
    assert len(task.digest) == 16
    assert "double" not in task.briefing.lower().replace("double-", "")
    assert task.name not in task.briefing


def test_a_task_drawn_by_two_envs_is_one_and_its_life_lives_as_long_as_somebody_uses_it() -> None:
    first = FamilySource(suite="reactive").draw(3)
    assert FamilySource(suite="mixed").named(first.name) is first
    life = first.life
    loaded._load_small.cache_clear()
    assert loaded.load_life(life.persona.name, life.draft.life_seed, "small") is life
    assert FamilySource(suite="reactive").named(first.name) is first


def test_a_source_keeps_no_life_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests may hold tasks of this very life; what is loaded from here on is nobody else's.
    monkeypatch.setattr(loaded, "_alive", weakref.WeakValueDictionary())
    loaded._load_small.cache_clear()
    source = FamilySource(suite="reactive")
    life = weakref.ref(source.draw(3).life)
    assert source.toolset
    loaded._load_small.cache_clear()
    family._told_world.cache_clear()
    gc.collect()
    assert life() is None


def test_every_start_of_a_task_is_the_same_however_many_others_were_started_between() -> None:
    source = FamilySource(suite="mixed")
    task = source.draw(1)
    digest = task.start().digest
    for seed in range(2, 8):
        source.draw(seed).start()
    assert task.start().digest == digest
