"""The matters of proactive families: what passes for settling them, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from claw_gym.core.tool import ToolCall
from claw_gym.tasks.family import FamilyTask
from claw_gym.tasks.source import FamilySource
from claw_gym.testing.audit.play import Play

FAMILIES = ("double_booking", "failing_job", "forgotten_promise", "renewal_price_rise")


def drawn(family: str, fits: Callable[[Any], bool]) -> FamilyTask[Any]:
    """Returns the first task of a family alone whose params fit."""
    source = FamilySource(family=family, scale="small", split="test")
    return next(task for task in map(source.draw, range(200)) if fits(task.params))


def one_live(params: Any) -> bool:
    return params.acting and len(params.live) == 1


def matter(task: FamilyTask[Any]) -> Any:
    return task.params.live[0].matter


def reward(task: FamilyTask[Any], change: Callable[[ToolCall], ToolCall], first: tuple[ToolCall, ...] = ()) -> float:
    play = Play(task)
    for call in first:
        assert not play.call(call).is_error
    play.run(task.oracle(), change=change)
    return play.reward


def body(text: str, tool: str = "workmail_save_draft") -> Callable[[ToolCall], ToolCall]:
    def change(call: ToolCall) -> ToolCall:
        return ToolCall(call.name, {**call.arguments, "body": text}) if call.name == tool else call

    return change


@pytest.mark.parametrize("family", FAMILIES)
def test_live_matters_come_none_one_or_two_and_look_alikes_always(family: str) -> None:
    source = FamilySource(family=family, scale="small", split="test")
    counts = [len(source.draw(seed).params.live) for seed in range(120)]
    assert 12 <= counts.count(0) <= 50
    assert 40 <= counts.count(1) <= 80
    assert 12 <= counts.count(2) <= 50
    for seed in range(30):
        params = source.draw(seed).params
        assert len(params.matters) > len(params.live)
        # Five idle notices at least for each that may mean something.
        meaning = len(source.draw(seed).told.schedule) - len(params.idle) + len(source.draw(seed).told.replies)
        assert len(params.idle) >= 5 * meaning


@pytest.mark.parametrize("family", FAMILIES)
def test_an_empty_list_never_passes(family: str) -> None:
    source = FamilySource(family=family, scale="small", split="test")
    for seed in range(12):
        task = source.draw(seed)

        def empty(call: ToolCall) -> ToolCall:
            return (
                ToolCall("finish", {"message": "All well.", "answer": {"matters": []}})
                if call.name == "finish"
                else call
            )

        assert reward(task, empty) == 0.0


def test_mending_both_jobs_before_the_second_fails_is_as_good() -> None:
    task = drawn("failing_job", one_live)
    first, second = matter(task), task.params.live[0].kind.writes(matter(task))[1]
    play = Play(task)
    play.call(second)
    play.call(ToolCall("wait", {"minutes": 5}))
    job = play.world.table("scheduler.jobs").get(first.second)
    assert job is not None
    assert job.plain["last_status"] == "success"
    play.run(task.oracle())
    assert play.reward == 1.0


def test_the_second_job_fails_after_the_first_write_and_the_agent_is_told() -> None:
    task = drawn("failing_job", one_live)
    play = Play(task)
    play.call(task.params.live[0].kind.writes(matter(task))[0])
    play.call(ToolCall("wait", {"minutes": 1}))
    job = play.world.table("scheduler.jobs").get(matter(task).second)
    assert job is not None
    assert job.plain["last_status"] == "failed"
    assert any(str(job.plain["name"]) in notice.text for notice in play.world.take_notices())


@pytest.mark.parametrize(
    ("form", "right"),
    [
        ("{verb} > {place} as {account}", True),
        ("{verb}  >  {place}  as  {account}", True),
        ("{verb} > {place}", False),
        ("{verb} > {place} as {old}", False),
        ("{verb} > {other} as {account}", False),
        ("{place} {account}", False),
    ],
)
def test_a_job_is_mended_by_place_and_account_whatever_the_spaces(form: str, right: bool) -> None:
    task = drawn("failing_job", one_live)
    outage = matter(task)

    def change(call: ToolCall) -> ToolCall:
        if call.name != "scheduler_update_job" or call.arguments["job_id"] != outage.first:
            return call
        names = {"verb": outage.verb(0), "place": outage.corrected[0], "account": outage.accounts[0]}
        action = form.format(**names, old=outage.accounts[2], other=outage.announced[0])
        return ToolCall(call.name, {**call.arguments, "action": action})

    assert reward(task, change) == float(right)


def test_disabling_the_job_does_not_mend_it() -> None:
    task = drawn("failing_job", one_live)
    off = ToolCall("scheduler_update_job", {"job_id": matter(task).first, "enabled": False})
    assert reward(task, lambda call: call, (off,)) == 0.0


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("{amount} {currency}, reference {code}, on {at:%Y-%m-%d} at {at:%H:%M}.", True),
        ("{code}: {amount} {currency}. We meet on {at.day} {at:%B}, {at:%H:%M}.", True),
        ("{amount} {currency}, reference {code}, on {at:%Y-%m-%d}.", False),
        ("{amount} {currency} on {at:%Y-%m-%d} at {at:%H:%M}.", False),
        ("{wrong} {currency}, reference {code}, on {at:%Y-%m-%d} at {at:%H:%M}.", False),
        ("{amount} {currency}, reference {code} (was {gone}), on {at:%Y-%m-%d} at {at:%H:%M}.", False),
        ("{amount} {currency}, reference {code}, on {moved:%Y-%m-%d} at {moved:%H:%M}.", False),
    ],
)
def test_a_promised_mail_counts_by_its_values(text: str, right: bool) -> None:
    task = drawn("forgotten_promise", one_live)
    promise = matter(task)
    names = {"amount": promise.prices[0], "wrong": promise.prices[1], "currency": promise.currency}
    names |= {"code": promise.codes[0], "gone": promise.codes[1]}
    filled = text.format(**names, at=promise.entries[0].at, moved=promise.entries[1].at)
    assert reward(task, body(filled)) == float(right)


def test_a_promised_mail_is_left_as_a_draft_and_not_sent() -> None:
    task = drawn("forgotten_promise", one_live)
    (draft,) = task.params.live[0].kind.writes(matter(task))
    sent = {name: draft.arguments[name] for name in ("to", "subject", "body")}
    assert reward(task, lambda call: call, (ToolCall("workmail_send_message", sent),)) == 0.0


@pytest.mark.parametrize("days", [-1, 1])
def test_the_todo_of_a_renewal_is_due_on_the_last_day_and_no_other(days: int) -> None:
    task = drawn("renewal_price_rise", one_live)
    other = matter(task).due.fromordinal(matter(task).due.toordinal() + days).isoformat()

    def change(call: ToolCall) -> ToolCall:
        return ToolCall(call.name, {**call.arguments, "due_date": other}) if call.name == "todo_create_task" else call

    assert reward(task, change) == 0.0
