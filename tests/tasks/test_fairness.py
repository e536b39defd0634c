"""Other honest ways of saying and doing it pass; wrong ones do not, however alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from claw_gym.core.tool import ToolCall
from claw_gym.tasks.family import FamilyTask
from claw_gym.tasks.source import FamilySource
from claw_gym.testing.audit.play import Play

Change = Callable[[FamilyTask[Any], dict[str, Any]], dict[str, Any]]


def drawn(family: str, fits: Callable[[Any], bool] = lambda _: True) -> FamilyTask[Any]:
    """Returns the first task of a family, in a life that counts in euro, whose params fit."""
    source = FamilySource(family=family, scale="small")
    tasks = (task for task in map(source.draw, range(400)) if task.life.persona.name == "maren_okafor")
    return next(task for task in tasks if fits(task.params))


def reward(task: FamilyTask[Any], tool: str, change: Change) -> float:
    """Plays the oracle with the arguments of one tool changed."""

    def altered(call: ToolCall) -> ToolCall:
        if call.name != tool:
            return call
        return ToolCall(call.name, change(task, {**call.arguments}))

    play = Play(task)
    play.run(task.oracle(), change=altered)
    return play.reward


def put(**values: Any) -> Change:
    return lambda _, arguments: {**arguments, **values}


def says(text: str) -> Change:
    """Rewrites a refund mail; {n}, {a} and so on are its number, amounts and days in several dresses."""

    def change(task: FamilyTask[Any], arguments: dict[str, Any]) -> dict[str, Any]:
        params = task.params
        day, amount = params.charge.at, params.pair.amount
        dutch = f"{amount:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")
        body = text.format(n=params.number, a=amount, dutch=dutch, d=day, other=params.legitimate[0].mailed[0][1])
        return {**arguments, "subject": "Payment", "body": body}

    return change


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("{n}: {d:%d-%m-%Y}, EUR {dutch} twice, please refund.", True),
        ("We paid {dutch} euro too much on {d:%d/%m/%Y} for {n}.", True),
        ("Order {n}, €{a} on {d:%Y-%m-%d}.", True),
        ("Order {n} €{a} {d:%B} {d.day}", True),
        ("Order {n}, one payment too many on {d:%d-%m-%Y}.", False),
        ("Order {n}, €{a} too much.", False),
        ("€{a} too much on {d:%Y-%m-%d}.", False),
        ("{n} or {other}: €{a} on {d:%Y-%m-%d}.", False),
    ],
)
def test_a_refund_is_asked_for_by_its_values_in_any_dress(text: str, right: bool) -> None:
    assert reward(drawn("settle_duplicate_charge"), "gmail_send_message", says(text)) == float(right)


@pytest.mark.parametrize(
    ("to", "right"),
    [
        ("Refunds <{address}>", True),
        (" {address} ", True),
        ("{address}, {me}", True),
        ("{upper}", True),
        ("{address}, boss@example.org", False),
        ("{old}", False),
    ],
)
def test_the_mail_goes_to_the_refund_desk_and_to_nobody_else(to: str, right: bool) -> None:
    def change(task: FamilyTask[Any], arguments: dict[str, Any]) -> dict[str, Any]:
        params = task.params
        names = {"address": params.address, "upper": params.address.upper(), "me": params.pair.inbox}
        return {**arguments, "to": to.format(**names, old=params.pair.supplier.billing.email)}

    assert reward(drawn("settle_duplicate_charge"), "gmail_send_message", change) == float(right)


def moving(params: Any) -> bool:
    return params.acting and len(params.live) == 1


def clash(task: FamilyTask[Any]) -> Any:
    return task.params.live[0].matter


@pytest.mark.parametrize(
    ("change", "right"),
    [
        (lambda t, a: {**a, "attendees": [f"{name} <{mail}>" for name, mail in clash(t).present]}, True),
        (lambda t, a: {**a, "attendees": [name for name, _ in clash(t).present]}, True),
        (lambda _, a: {**a, "attendees": list(reversed(a["attendees"]))}, True),
        (lambda _, a: {**a, "start_time": a["start_time"][:19], "end_time": a["end_time"][:19]}, True),
        (lambda _, a: {**a, "title": f"{a['title']} (moved)"}, True),
        (put(location=""), True),
        (put(title="asdf"), False),
        (lambda _, a: {**a, "attendees": [*a["attendees"], "stranger@example.org"]}, False),
        (lambda t, a: {**a, "attendees": [clash(t).me]}, False),
        (lambda _, a: {**a, "end_time": a["start_time"]}, False),
        (lambda t, a: {**a, "start_time": clash(t).offered[clash(t).excluded].isoformat()}, False),
    ],
)
def test_the_moved_meeting_keeps_title_length_and_people(change: Change, right: bool) -> None:
    assert reward(drawn("double_booking", moving), "calendar_create_event", change) == float(right)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Moved to {t:%d %B} at {t:%H:%M}.", True),
        ("It is {t:%A} now, {t:%d/%m/%Y}, {t:%H.%M}-{end:%H.%M}, instead of {old:%d %B}, {old:%H:%M}.", True),
        ("See you on {t:%Y-%m-%dT%H:%M:%S}.", True),
        ("Moved to {t:%d %B}.", False),
        ("Moved, see the calendar.", False),
        ("{t:%d %B} at {t:%H:%M} is impossible, so I moved it to {x:%d %B} at {x:%H:%M}.", False),
    ],
)
def test_the_colleague_is_told_the_day_and_time_that_hold(text: str, right: bool) -> None:
    def change(task: FamilyTask[Any], arguments: dict[str, Any]) -> dict[str, Any]:
        matter = clash(task)
        out = matter.offered[matter.excluded]
        body = text.format(t=matter.target, end=matter.target + matter.length, old=matter.movable.at, x=out)
        return {**arguments, "body": body}

    assert reward(drawn("double_booking", moving), "workmail_send_message", change) == float(right)


def test_an_asking_note_keeps_hands_off_everything_but_notifications() -> None:
    task = drawn("double_booking", lambda params: not params.acting and params.live)
    event = {"title": "x", "start_time": "2026-05-04T10:00:00", "end_time": "2026-05-04T11:00:00"}
    for call, right in [
        (ToolCall("user_notify", {"message": "Two meetings collide."}), 1.0),
        (ToolCall("todo_create_task", {"title": "Decide about the clash"}), 0.0),
        (ToolCall("calendar_create_event", event), 0.0),
    ]:
        play = Play(task)
        assert not play.call(call).is_error
        play.run(task.oracle())
        assert play.reward == right


def test_a_colleague_answers_once_however_often_they_are_told() -> None:
    task = drawn("double_booking", moving)
    play = Play(task)
    mail = task.family.kind.writes(clash(task))[2]
    for _ in range(2):
        play.call(mail)
    play.call(ToolCall("wait", {"minutes": 60}))
    told = [notice for notice in play.world.take_notices() if clash(task).colleague.name in notice.text]
    assert len(told) == 1


def test_a_question_to_the_colleague_is_not_answered_with_thanks() -> None:
    task = drawn("double_booking", moving)
    play = Play(task)
    question = {"to": clash(task).colleague.email, "subject": "When?", "body": "Which of the two do you prefer?"}
    play.call(ToolCall("workmail_send_message", question))
    play.call(ToolCall("wait", {"minutes": 60}))
    assert not [notice for notice in play.world.take_notices() if clash(task).colleague.name in notice.text]


def test_the_todo_stands_after_the_offer_it_answers_and_its_day_before_the_times_offered() -> None:
    source = FamilySource(family="double_booking", scale="small")
    for seed in range(60):
        for matter in (placed.matter for placed in source.draw(seed).params.matters):
            assert matter.mails[0].at < matter.todos[0].at < matter.mails[1].at
            assert matter.by < min(matter.offered).date()


def test_notes_on_refunds_stand_with_as_many_bystanders_as_suppliers_in_the_story() -> None:
    task = drawn("settle_duplicate_charge")
    notes = [plain for table, plain in (*task.told.evidence, *task.told.others) if table == "crm.customers"]
    assert len(notes) >= 6
    assert len({plain["customer_id"] for plain in notes}) == len(notes)
