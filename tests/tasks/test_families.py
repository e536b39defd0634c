"""Every family keeps the rules, and the check finds each broken one."""

from __future__ import annotations

from typing import Any

import pytest

from claw_gym.errors import UsageError
from claw_gym.tasks import FAMILIES
from claw_gym.tasks.double_booking import DoubleBooking
from claw_gym.tasks.matters import Plan, matches
from claw_gym.testing import check_task_family


def _split(name: str) -> str:
    return "train" if "train" in FAMILIES[name].splits else "test"


@pytest.mark.parametrize("name", list(FAMILIES))
def test_every_family_keeps_the_rules(name: str) -> None:
    check_task_family(name, seeds=5, split=_split(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", list(FAMILIES))
def test_every_family_keeps_the_rules_on_many_tasks(name: str) -> None:
    # Seeds by the hundred are the audit's.
    check_task_family(name, seeds=30, split=_split(name))


def test_a_family_is_not_checked_in_a_split_where_it_does_not_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DoubleBooking, "splits", frozenset({"train"}))
    with pytest.raises(UsageError, match="does not stand in the split 'test'"):
        check_task_family("double_booking", split="test")


LIVE = Plan(True, frozenset({"A", "B"}), frozenset({"C"}), "handled")
SETTLED = Plan(False, frozenset({"X", "Y"}), frozenset(), "already_settled")


def entry(records: list[str], status: str = "handled", due: str | None = None) -> dict[str, Any]:
    return {"records": records, "status": status, "due": due}


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ([entry(["A", "B"])], True),
        ([entry(["A", "B", "C", "new"])], True),
        ([entry(["A", "B"]), entry(["X", "Y"], "already_settled")], True),
        ([], False),
        ([entry(["X", "Y"], "already_settled")], False),
        ([entry(["A", "C"])], False),
        ([entry(["A", "B", "Z"])], False),
        ([entry(["A", "B"], "needs_you")], False),
        ([entry(["A", "B"], due="2026-03-24")], False),
        ([entry(["A", "B"]), entry(["A", "B"])], False),
        ([entry(["A", "B"]), entry(["X", "Y"])], False),
    ],
)
def test_reported_matters_are_right_only_as_a_whole(given: list[dict[str, Any]], right: bool) -> None:
    assert matches(given, [LIVE, SETTLED], frozenset({"new"})) is right


def test_with_nothing_open_the_settled_matter_has_to_be_cited() -> None:
    assert not matches([], [SETTLED], frozenset())
    assert not matches([entry(["X"], "already_settled")], [SETTLED], frozenset())
    assert matches([entry(["X", "Y"], "already_settled")], [SETTLED], frozenset())
