"""What an audit computes: areas and their intervals, shares that are allowed, values in calls, rates over pairs."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from claw_gym.core.tool import ToolCall
from claw_gym.tasks.source import FamilySource
from claw_gym.testing.audit import looks as looks_module
from claw_gym.testing.audit.cheats import Earned, Result, earned, most_allowed, not_for_free
from claw_gym.testing.audit.counterfactuals import ORACLE, Alarm, alarms, rates
from claw_gym.testing.audit.decisive import (
    in_prose,
    leaves,
    replaced,
    same_value,
    spans,
    stands_in,
    written_like,
)
from claw_gym.testing.audit.logistic import area, interval, scores
from claw_gym.testing.audit.looks import Looks, looks_of
from claw_gym.testing.audit.mutations import mutations
from claw_gym.testing.audit.no_collateral_damage import unrelated_calls
from claw_gym.testing.audit.no_fingerprint import no_fingerprint, told_apart
from claw_gym.testing.audit.play import Subject
from claw_gym.testing.audit.typed_answers import commonest, not_guessable


def made_up(shift: float, tasks: int = 40, lives: int = 20) -> list[dict[str, Looks]]:
    """Returns looks of made-up records; those of the story are larger by `shift` in one of three columns."""
    draws = np.random.default_rng(0)
    found = []
    for task in range(tasks):
        rows, is_story = draws.normal(size=(15, 3)), np.arange(15) < 3
        rows[is_story, 1] += shift
        alike = np.zeros(len(rows), dtype=np.int64)
        looks = Looks(("one", "two", "three"), rows, is_story, alike, alike, f"life {task % lives}")
        found.append({"a.things": looks, "b.things": looks})
    return found


def test_records_that_look_alike_are_not_told_apart() -> None:
    measured = told_apart(made_up(0.0))
    assert [item.table for item in measured] == ["a.things", "b.things", "all tables"]
    assert all(0.4 < item.area < 0.6 for item in measured)
    assert not list(no_fingerprint("toy", measured))


def test_records_that_look_different_are_told_apart_by_what_differs() -> None:
    measured = told_apart(made_up(2.0))
    assert all(item.low > 0.8 and item.by.startswith("two (") for item in measured)
    assert [item.rule for item in no_fingerprint("toy", measured)] == [9, 9, 9]


def test_a_slight_difference_over_few_tasks_is_no_finding() -> None:
    assert not list(no_fingerprint("toy", told_apart(made_up(0.2, tasks=5))))
    assert told_apart(made_up(2.0, tasks=3)) == []
    assert told_apart([{}]) == []


def test_the_area_is_the_chance_to_be_ranked_above() -> None:
    labels = np.array([True, False, False, True])
    assert area(np.array([3.0, 1.0, 2.0, 4.0]), labels) == 1.0
    assert area(np.array([1.0, 3.0, 2.0, 1.0]), labels) == 0.0
    assert area(np.ones(4), labels) == 0.5


def test_the_interval_is_wider_over_fewer_tasks() -> None:
    mean, low, high = interval([0.6, 0.8] * 20)
    assert mean == pytest.approx(0.7)
    assert (high - low) / 2 == pytest.approx(0.1013 / 40**0.5 * 2.023, rel=0.01)
    assert interval([0.6, 0.8] * 2)[1] < low
    assert interval([0.9]) == (0.9, 0.0, 1.0)


@pytest.mark.parametrize("sources", ["abcdef", "aaaaaa"])
def test_a_group_is_scored_by_a_model_that_has_not_seen_it(sources: str) -> None:
    draws = np.random.default_rng(1)
    groups = [(draws.normal(size=(20, 30)), np.arange(20) < 10) for _ in range(6)]
    mean = sum(area(found, labels) for found, (_, labels) in zip(scores(groups, sources), groups, strict=True)) / 6
    assert 0.3 < mean < 0.7


def test_a_group_is_scored_by_a_model_that_has_not_seen_its_source() -> None:
    # The same rows again and again: whoever has seen them once knows them.
    draws = np.random.default_rng(1)
    kinds = [(draws.normal(size=(20, 30)), np.arange(20) < 10) for _ in range(2)]
    sources = "ab" * 6
    found = scores([kinds["ab".index(source)] for source in sources], sources)
    assert all(area(one, kinds[0][1]) < 0.8 for one in found)
    assert all(area(one, kinds[0][1]) > 0.9 for one in scores([kinds[0]] * 12, [str(n) for n in range(12)]))


def test_an_area_is_as_uncertain_as_few_lives_are() -> None:
    many, few = told_apart(made_up(0.8)), told_apart(made_up(0.8, lives=2))
    assert all(rare.high - rare.low > often.high - often.low for rare, often in zip(few, many, strict=True))


def test_life_records_taken_for_a_story_are_not_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    source, found = FamilySource(family="settle_duplicate_charge", scale="small"), []
    for seed in range(96):
        task, rng = source.draw(seed), random.Random(seed)
        drawn = [
            (table, entry)
            for table in ("gmail.messages", "finance.transactions")
            for entry in rng.sample(task.life.made(looks_module._entries, table), 8)
        ]
        monkeypatch.setattr(looks_module, "_story", lambda _, drawn=drawn: drawn)
        found.append(looks_of(task))
    measured = told_apart(found)
    assert len(measured) == 3
    assert all(item.area < 0.6 for item in measured)
    assert not list(no_fingerprint("settle_duplicate_charge", measured))


def test_story_records_stand_beside_life_records_of_the_same_time() -> None:
    task = FamilySource(family="settle_duplicate_charge", scale="small").draw(0)
    told = [table for table, _ in (*task.told.evidence, *task.told.others)]
    for table, looks in looks_of(task).items():
        assert 0 < int(looks.is_story.sum()) <= told.count(table)
        assert 0 < int((~looks.is_story).sum()) <= 8 * told.count(table)
        assert np.isfinite(looks.rows).all()
        for place in np.unique(looks.places):
            here = looks.places == place
            assert 0 < int(looks.is_story[here].sum()) < int(here.sum()) <= 8
            assert len(np.unique(looks.kinds[here])) == 1
    assert all(int((~looks.is_story).sum()) <= 60 for looks in looks_of(task, near=False).values())


@pytest.mark.parametrize(("episodes", "allowed"), [(5, 1), (50, 1), (199, 1), (200, 2), (400, 4)])
def test_one_in_a_hundred_is_allowed_and_one_stroke_of_luck(episodes: int, allowed: int) -> None:
    assert most_allowed(episodes) == allowed


def test_a_barred_policy_may_not_even_be_lucky() -> None:
    counts = earned([("t1", {"random": Result(True), "first_hit": Result(True)}), ("t2", {"first_hit": Result(False)})])
    by_name = {item.policy: item for item in counts}
    assert (by_name["first_hit"].episodes, by_name["first_hit"].share) == (2, 0.5)
    assert by_name["noop"].share == 0.0
    assert [item.sentence.split(":")[0] for item in not_for_free("toy", counts)] == ["the policy random earns 0.0"]
    lucky = Earned("first_hit", 200, ["t"] * 3)
    assert "at most 1 %: not so, it solves 3 of 200 episodes, such as t" in next(not_for_free("toy", [lucky])).sentence


def ending(answer: Any) -> tuple[ToolCall, ...]:
    return (ToolCall("finish", {"message": "Done.", "answer": answer}),)


def test_an_answer_may_make_two_percent_of_all() -> None:
    answers = [ending({"n": min(number, 196)}) for number in range(200)]
    found = commonest(answers)
    assert (found.count, found.allowed, found.answer) == (4, 4, '{"n":196}')
    assert not list(not_guessable("toy", found))
    assert len(list(not_guessable("toy", commonest([*answers, ending({"n": 196})])))) == 1


def test_among_few_draws_three_answers_may_coincide() -> None:
    assert not list(not_guessable("toy", commonest([ending({"n": 1})] * 3)))
    assert len(list(not_guessable("toy", commonest([ending({"n": 1})] * 4)))) == 1


def test_without_a_typed_answer_the_writes_are_the_answer() -> None:
    writes = [(ToolCall("todo_create_task", {"title": str(n)}), ToolCall("finish", {"message": "x"})) for n in range(9)]
    assert commonest(writes).count == 1
    assert commonest([]).count == 0


CALL = ToolCall(
    "x", {"to": "a@b.org", "n": 12.5, "flag": True, "ids": ["TXN-1", "TXN-2"], "body": "two words", "no": None}
)


def test_the_values_of_a_call_are_found_with_their_forms_and_replaced_in_place() -> None:
    found = leaves(CALL)
    forms = [(leaf.field, leaf.form) for leaf in found]
    assert forms == [
        ("to", "address"),
        ("n", "number"),
        ("flag", "flag"),
        ("ids", "id"),
        ("ids", "id"),
        ("body", "text"),
    ]
    assert [leaf.is_prose for leaf in found] == [False] * 5 + [True]
    assert replaced(CALL, found[4].path, "TXN-9").arguments["ids"] == ["TXN-1", "TXN-9"]
    assert CALL.arguments["ids"] == ["TXN-1", "TXN-2"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Order B-6821, €1,204.45 on Tuesday 3 March at 14:30.", ["€1,204.45", "3 March", "14:30", "B-6821"]),
        ("12.00 EUR on March 3, 2026 to a.b@x.org", ["a.b@x.org", "12.00 EUR", "March 3, 2026"]),
        ("at 2026-03-03T14:30:00+01:00, or 2026-03-04", ["2026-03-03T14:30:00+01:00", "2026-03-04"]),
        ("nothing of the kind", []),
    ],
)
def test_the_values_in_prose_are_found_as_they_are_written(text: str, found: list[str]) -> None:
    assert [span.text for span in spans(text)] == found


@pytest.mark.parametrize(
    ("text", "form", "new", "changed"),
    [
        ("Pay €1,204.45.", "money", "99.50 EUR", "Pay €99.50."),
        ("Pay 12.00 EUR.", "money", "1204.45 EUR", "Pay 1204.45 EUR."),
        ("On Tuesday 3 March 2026.", "day", "2026-03-05T10:00:00", "On Thursday 5 March 2026."),
        ("On March 3, 2026.", "day", "2026-03-05", "On March 5, 2026."),
        ("On 2026-03-03.", "day", "2026-03-05", "On 2026-03-05."),
        ("At 14:30.", "time", "2026-03-05T10:15:00", "At 10:15."),
        ("Order B-6821, B-6821.", "code", "C-1", "Order C-1, C-1."),
    ],
)
def test_a_value_in_prose_is_replaced_as_it_was_written(text: str, form: str, new: str, changed: str) -> None:
    span = next(item for item in spans(text) if item.form == form)
    assert in_prose(text, span, new) == changed
    assert written_like(span.text, new, form) in changed


def test_a_value_is_the_same_however_it_is_written() -> None:
    assert same_value(12.5, "12.50 EUR")
    assert same_value("€1,204.45", 1204.45)
    assert same_value("2026-03-03T14:30:00+01:00", "2026-03-03T14:30")
    assert same_value("A@B.org", "a@b.org")
    assert not same_value("TXN-1", "TXN-2")


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (204.45, "number", "it was 204.45 in all"),
        ("1204.45 EUR", "money", "€1,204.45 twice"),
        ("€1,204.45", "money", '"amount":1204.45'),
        ("14 April", "day", '"start_time":"2026-04-14t12:00:00"'),
        ("2026-04-14", "day", "on 14 april"),
        ("2026-04-14T12:00:00+02:00", "moment", "on 14 april at 12:00"),
        ("TXN-1", "id", '"id":"txn-1"'),
    ],
)
def test_a_value_stands_in_a_text_in_any_dress(value: Any, form: str, text: str) -> None:
    assert stands_in(value, form, [text])
    assert not stands_in(value, form, ["something else of 13 May"])


def test_every_kind_of_value_in_the_oracles_writes_is_put_to_the_test() -> None:
    task = FamilySource(family="settle_duplicate_charge", scale="small").draw(3)
    changed = {(call.name, what.partition(" ")[0]) for _, call, what in mutations(Subject(task))}
    fields = {("finance_report_submit", "transactions"), ("finance_report_submit", "total_amount")}
    fields |= {
        ("gmail_send_message", "to"),
        *(("finish", name) for name in ("transaction_id", "amount", "refund_address")),
    }
    assert fields <= changed
    assert len([what for _, _, what in mutations(Subject(task)) if what.endswith("in its body")]) >= 3


def test_statuses_of_a_report_are_put_to_the_test() -> None:
    source = FamilySource(family="double_booking", scale="small")
    task = next(task for task in map(source.draw, range(20)) if task.params.live)
    said = [what for _, _, what in mutations(Subject(task))]
    assert any(what.startswith("status 'already_settled'") for what in said)
    assert any(what.startswith("records ") for what in said)


def test_calls_beside_the_task_name_records_that_the_story_does_not_hold() -> None:
    task = FamilySource(family="settle_duplicate_charge", scale="small").draw(0)
    told = {str(value) for _, plain in (*task.told.evidence, *task.told.others) for value in plain.values()}
    calls = unrelated_calls(task)
    ids = [value for call in calls for name, value in call.arguments.items() if name.endswith("_id")]
    assert len(ids) > 5
    assert told.isdisjoint(ids)
    assert any(call.arguments.get("attendees") == ["stranger@example.org"] for call in calls)


def test_rates_are_shares_of_pairs() -> None:
    yes, no = Alarm(True, False, True), Alarm(False, True, False)
    found = rates([{"a": yes, "b": no}, {}, {"a": no, "b": no}])
    assert [(item.policy, item.pairs, item.hits, item.false_alarms, item.both) for item in found] == [
        ("a", 2, 0.5, 0.5, 0.5),
        ("b", 2, 0.0, 1.0, 0.0),
    ]
    assert rates([{}, {}]) == []


def test_the_oracle_hits_without_false_alarms_and_a_cheat_that_always_cries_has_both() -> None:
    task = FamilySource(family="double_booking", scale="small").draw(0)
    settled = next(plan for plan in task.params.plans if not plan.live)
    entry = {"records": sorted(settled.key)[:2], "status": "needs_you", "due": None}
    fared = {"first_hit": Result(False, {"matters": [entry]}), "notify_everything": Result(False, "no list")}
    quiet = {name: Result(False) for name in ("list_all_then_finish", "newest_records", "modal_answer")}
    found = alarms(Subject(task), {**fared, **quiet, "seen_value_random": Result(False)}, ())
    assert found[ORACLE] == Alarm(True, False, True)
    assert found["first_hit"].false_alarm
    assert not found["notify_everything"].false_alarm
    assert alarms(Subject(FamilySource(family="settle_duplicate_charge", scale="small").draw(0)), {}, ()) == {}
