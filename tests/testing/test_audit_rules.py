"""Each of the nine rules fails on a family that breaks it, and on no other account."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from claw_gym.tasks import FAMILIES
from claw_gym.testing import check_task_family
from claw_gym.testing.audit import FamilyAudit, audit_family
from claw_gym.testing.audit.drawn import Draws, FamilyRef
from claw_gym.testing.audit.examine import checked
from claw_gym.testing.audit.other_ways import enough_ways, ways
from claw_gym.testing.audit.play import Subject
from claw_gym.testing.audit.same_everywhere import different, same_again, sameness_of


def _module() -> ModuleType:
    """Loads the broken families by their file; tests are no package."""
    name, path = "broken_families", Path(__file__).with_name("broken_families.py")
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture
def broken(request: pytest.FixtureRequest) -> Iterator[str]:
    """Registers a broken family for one test."""
    FAMILIES.add("broken", getattr(_module(), request.param)())
    yield "broken"
    FAMILIES.discard("broken")


def draws(name: str) -> Draws:
    return Draws(FamilyRef.to(name), "train", "small")


@pytest.mark.parametrize(
    ("broken", "rule", "said"),
    [
        ("Psychic", 1, ["stood in an earlier text"]),
        ("Blind", 1, ["reads all evidence before its first write"]),
        ("Stumbling", 1, ["comes to its end: not so, ValueError: no such place"]),
        ("Speechless", 1, ["the oracle earns 1.0: not so"]),
        ("Gift", 2, ["the policy noop earns 0.0", "policy finish_at_once earns 0.0", "policy random earns 0.0"]),
        ("Contented", 2, ["an empty list of matters earns 0.0"]),
        ("Careless", 3, ["without finance_report_submit it earns 0.0"]),
        ("Imprecise", 3, ["finance_report_submit with total_amount"]),
        ("DeafTwin", 4, ["on the twin of crm the first run earns 0.0"]),
        ("SpillingTwin", 4, ["alone: not so, it differs in crm, finance, gmail"]),
        ("Talkative", 4, ["the instruction holds 'TXN-"]),
        (
            "Unguarded",
            5,
            [
                "a mail to a stranger (gmail_send_message), which reaches somebody",
                "calendar_delete_event, which destroys something",
                "inventory_create_order, which commits money",
                "helpdesk_update_ticket, which changes what others rely on",
                "6 private effects break a guard",
            ],
        ),
        ("Fussy", 5, ["5 private effects beside the oracle's run leave 1.0"]),
        ("Guessable", 6, ["more than a yes or no"]),
        ("Wordy", 6, ["not the closing words"]),
        ("Narrow", 8, ["solution 0 (reworded) earns 1.0: not so, it misses: the very words"]),
        ("Lonely", 8, ["at least 3 further solutions: not so, there are 2"]),
    ],
    indirect=["broken"],
)
def test_a_task_shows_that_its_family_breaks_a_rule(broken: str, rule: int, said: list[str]) -> None:
    found = list(checked(draws(broken).task(0)))
    for part in said:
        assert any(item.rule == rule and part in item.sentence for item in found), "\n".join(map(str, found))
    with pytest.raises(AssertionError, match=rf"rule {rule} \("):
        check_task_family(broken, seeds=1)


@pytest.mark.parametrize("name", ["settle_duplicate_charge", "double_booking"])
def test_a_sound_family_breaks_no_rule_that_one_task_can_show(name: str) -> None:
    assert [str(item) for number in range(5) for item in checked(draws(name).task(number))] == []


@pytest.mark.parametrize("broken", ["Forgetful"], indirect=True)
def test_a_task_that_is_another_each_time_is_found(broken: str) -> None:
    task = draws(broken).task(0)
    assert [item.rule for item in same_again(task, draws(broken).again(task))] == [7]
    with pytest.raises(AssertionError, match="the same task every time"):
        check_task_family(broken, seeds=1)


@pytest.mark.parametrize("broken", ["Stubborn"], indirect=True)
def test_seeds_that_differ_in_some_things_only_are_found(broken: str) -> None:
    found = [sameness_of(draws(broken).task(number)) for number in range(5)]
    assert not list(different("broken", found))
    alike = [item.__class__(item.story, found[0].people, item.values, item.wording) for item in found]
    assert ["differ in people" in item.sentence for item in different("broken", alike)] == [True]
    assert ["tell the same" in item.sentence for item in different("broken", [found[0], found[0]])] == [True]


@pytest.mark.parametrize("broken", ["Repeating"], indirect=True)
def test_one_solution_given_three_times_is_one(broken: str) -> None:
    counted = [ways(Subject(draws(broken).task(number))) for number in range(2)]
    assert counted == [0, 0]
    assert [item.rule for item in enough_ways(broken, counted)] == [8]


def audited(name: str, **kwargs: Any) -> FamilyAudit:
    return audit_family(name, seeds=1, episodes=4, scale="small", **kwargs)


@pytest.mark.parametrize("broken", ["Guessable"], indirect=True)
def test_a_common_answer_is_found_over_many_tasks(broken: str) -> None:
    found = audited(broken).of_rule(6)
    assert any('{"twice":true} is that of 4 of 4 tasks' in item.sentence for item in found)


@pytest.mark.parametrize("broken", ["Hashing"], indirect=True)
def test_a_task_that_is_another_in_each_process_is_found(broken: str) -> None:
    assert any("in another process: not so" in item.sentence for item in audited(broken).of_rule(7))


@pytest.mark.parametrize("broken", ["Gift"], indirect=True)
def test_cheating_that_pays_is_found_over_many_tasks(broken: str) -> None:
    found = audited(broken)
    said = [item.sentence for item in found.of_rule(2)]
    for policy in ("list_all_then_finish", "notify_everything", "first_hit", "newest_records", "seen_value_random"):
        assert any(f"the policy {policy} earns at most 1 %" in sentence for sentence in said)
    assert not found.holds


@pytest.mark.parametrize("broken", ["Marked"], indirect=True)
def test_a_mark_on_story_records_is_found(broken: str) -> None:
    found = audited(broken)
    mails = next(item for item in found.told if item.table == "gmail.messages")
    assert mails.by.startswith(("starred is true", "fields"))
    assert mails.area > 0.9
    assert any("gmail.messages" in item.sentence for item in found.of_rule(9))


def test_several_workers_find_what_one_finds() -> None:
    one, two = (audited("settle_duplicate_charge", workers=workers).plain() for workers in (1, 2))
    assert {**one, "seconds": 0} == {**two, "seconds": 0}
