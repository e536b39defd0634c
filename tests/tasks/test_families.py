"""Every family keeps the rules, and the check finds each broken one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from claw_gym.core.tool import ToolCall
from claw_gym.errors import UsageError
from claw_gym.tasks import FAMILIES
from claw_gym.tasks.double_booking import DoubleBooking
from claw_gym.tasks.matters import Plan, matches
from claw_gym.tasks.settle_duplicate_charge import Params, SettleDuplicateCharge
from claw_gym.tasks.success import Check, Success
from claw_gym.tasks.task import OracleTurns
from claw_gym.testing import check_task_family


def _split(name: str) -> str:
    return "train" if "train" in FAMILIES[name].splits else "test"


@pytest.mark.parametrize("name", list(FAMILIES))
def test_every_family_keeps_the_rules(name: str) -> None:
    check_task_family(name, seeds=5, split=_split(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", list(FAMILIES))
def test_every_family_keeps_the_rules_on_many_tasks(name: str) -> None:
    check_task_family(name, seeds=60, split=_split(name))


class Careless(SettleDuplicateCharge):
    """Does not look at the report."""

    def success(self, params: Params) -> Success:
        whole = super().success(params)
        return Success((whole.goals[0], whole.goals[2]), whole.guards)


class Unguarded(SettleDuplicateCharge):
    """Lets every effect pass."""

    def success(self, params: Params) -> Success:
        return Success(super().success(params).goals)


class Gift(SettleDuplicateCharge):
    """Is solved from the start."""

    def success(self, params: Params) -> Success:
        return Success((Check("anything", lambda _: True),))


class Psychic(SettleDuplicateCharge):
    """Knows the charge without having seen it."""

    def oracle(self, params: Params) -> OracleTurns:
        yield self._report(params)
        yield self._mail(params, "body")
        yield self._finish(params)


class Blind(SettleDuplicateCharge):
    """Leaves the receipts unread."""

    def oracle(self, params: Params) -> OracleTurns:
        turns = super().oracle(params)
        turn = next(turns)
        while True:
            calls = [turn] if isinstance(turn, ToolCall) else turn
            results = yield calls
            try:
                turn = turns.send(results)
            except StopIteration:
                return
            calls = [turn] if isinstance(turn, ToolCall) else turn
            if calls[0].name == "crm_get_customer":
                # Skips reading the customer, whose notes hold the address.
                try:
                    turn = turns.send(())
                except StopIteration:
                    return


class DeafTwin(SettleDuplicateCharge):
    """Has a twin that changes nothing that matters."""

    def twin(self, params: Params, service: str) -> Params:
        if service == "crm":
            return replace(params, desk=replace(params.desk, note=(params.desk.note + 1) % 3))
        return super().twin(params, service)


class Narrow(SettleDuplicateCharge):
    """Takes one wording only."""

    def success(self, params: Params) -> Success:
        whole = super().success(params)

        def exact(episode: Any) -> bool:
            mails = episode.written("gmail", "sent_messages")
            return [mail.shown["body"] for mail in mails] == [self._mail(params, "body").arguments["body"]]

        return Success((*whole.goals, Check("the very words", exact)), whole.guards)


@pytest.fixture
def registered(request: pytest.FixtureRequest) -> Iterator[str]:
    """Registers a broken family for one test."""
    FAMILIES.add("broken", request.param())
    yield "broken"
    FAMILIES.discard("broken")


@pytest.mark.parametrize(
    ("registered", "rule"),
    [
        (Careless, "without finance_report_submit"),
        (Unguarded, "stranger"),
        (Gift, "earns 0.0"),
        (Psychic, "stood in an earlier text"),
        (Blind, "stood in an earlier text|reads all evidence"),
        (DeafTwin, "twin of crm"),
        (Narrow, "solution"),
    ],
    indirect=["registered"],
)
def test_a_broken_family_is_found_out(registered: str, rule: str) -> None:
    with pytest.raises(AssertionError, match=rule):
        check_task_family(registered, seeds=2)


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
