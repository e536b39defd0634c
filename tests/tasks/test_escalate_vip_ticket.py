"""What is special about escalating a client's ticket: which of several rules, people and words holds today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from claw_gym.core.tool import ToolCall
from claw_gym.life.loaded import life_of
from claw_gym.tasks.escalate_vip_ticket import EscalateVipTicket, Params
from claw_gym.tasks.family import FAMILIES, FamilyTask
from claw_gym.tasks.names import TaskName
from claw_gym.testing.audit.play import Play, recorded, turns_of_calls

Change = Callable[[Params, dict[str, Any]], dict[str, Any]]

_DRAWN = 30


@pytest.fixture(scope="module")
def tasks() -> list[FamilyTask[Params]]:
    # Few lives, for a small one takes a second to build.
    family, lives = FAMILIES["escalate_vip_ticket"], [life_of("train", index, "small") for index in (0, 1, 2)]
    names = [TaskName(family.name, family.version, "small", seed % 5 + 1, seed) for seed in range(_DRAWN)]
    return [family.build(lives[seed % len(lives)], name) for seed, name in enumerate(names)]


@pytest.fixture(scope="module")
def hard(tasks: list[FamilyTask[Params]]) -> FamilyTask[Params]:
    """A task in which one client's ticket has been escalated already, and somebody else took over at the client."""
    return next(
        task for task in tasks if task.params.difficulty > 3 and len({one.key for one in task.params.case.writers}) > 1
    )


def reward(task: FamilyTask[Params], tool: str, change: Change, *, first: ToolCall | None = None) -> float:
    """Plays the oracle with the arguments of one tool changed, after another call if there is one."""

    def altered(call: ToolCall) -> ToolCall:
        return ToolCall(call.name, change(task.params, {**call.arguments})) if call.name == tool else call

    play = Play(task)
    if first:
        assert not play.call(first).is_error
    play.run(task.oracle(), change=altered)
    return play.reward


def test_one_ticket_of_a_running_agreement_waits_in_every_task(tasks: list[FamilyTask[Params]]) -> None:
    for task in tasks:
        params, today = task.params, task.params.now.date()
        entries = [(case.client.name, case.terms) for case in params.cases]
        entries += [(str(record["name"]), terms) for record, terms in params.others]
        running = {name for name, terms in entries if any(term.runs(today) for term in terms)}
        told = [plain for table, plain in (*task.told.evidence, *task.told.others) if table == "helpdesk.tickets"]
        rows = [*told, *task.life.records("helpdesk.tickets")]
        waiting = [row for row in rows if row["status"] != "closed" and row["department"] in running]
        marks = {row.mark for row in params.page.rows}
        waiting = [row for row in waiting if not marks & set(row["tags"])]
        wish = params.wish[1].id if params.wish else ""
        assert [row["ticket_id"] for row in waiting if row["ticket_id"] != wish] == [params.case.ticket.id]


def test_neither_the_newest_nor_the_first_of_anything_is_right_as_a_rule(tasks: list[FamilyTask[Params]]) -> None:
    params = [task.params for task in tasks]
    newest = sum(max(one.pages, key=lambda page: page.slot.at) == one.page for one in params)
    first = sum(min(one.pages, key=lambda page: page.slot.id) == one.page for one in params)
    latest = sum(max(one.cases, key=lambda case: case.ticket.at) == one.case for one in params)
    busiest = sum(len(one.case.mails) > max(len(case.mails) for case in one.cases[1:]) for one in params)
    key_account = sum(one.case.record["tier"] == "key account" for one in params)
    assert max(newest, first, latest, busiest, key_account) < 0.75 * _DRAWN
    answers = Counter((one.case.ticket.id, one.lead.id, one.promise) for one in params)
    assert max(answers.values()) == 1


def test_promises_lie_ahead_on_the_day_that_the_client_named(tasks: list[FamilyTask[Params]]) -> None:
    for params in (task.params for task in tasks):
        named = params.case.named[params.case.last]
        assert params.now < params.promise < named
        assert params.promise.date() == named.date()


@pytest.mark.parametrize("service", EscalateVipTicket.services)
def test_the_other_version_of_any_one_thing_fails(hard: FamilyTask[Params], service: str) -> None:
    other = hard.family.task_of(hard.life, hard.name, hard.family.twin(hard.params, service))
    run = recorded(other)
    assert run.reward == 1.0
    play = Play(hard)
    play.run(turns_of_calls(run.calls))
    assert play.reward == 0.0


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("{ref}: you hear from us by {at:%d %B}, {at:%H:%M}.", True),
        ("On {at:%A} {at:%d/%m/%Y} at {at:%H.%M}, on {ref}. You need it by {named:%H:%M} that day, we know.", True),
        ("Re {ref}, word by {at:%Y-%m-%dT%H:%M}", True),
        ("{ref}: you hear from us on {at:%d %B}.", False),
        ("{ref}: you hear from us by {named:%d %B}, {named:%H:%M}.", False),
        ("{old}: you hear from us by {at:%d %B}, {at:%H:%M}.", False),
        ("{ref} or {old}: you hear from us by {at:%d %B}, {at:%H:%M}.", False),
        ("{ref}: {at:%d %B}, {at:%H:%M}, or {wrong:%d %B}, {wrong:%H:%M}.", False),
        ("You hear from us by {at:%d %B}, {at:%H:%M}.", False),
    ],
)
def test_the_client_is_told_reference_and_hour_in_any_dress(hard: FamilyTask[Params], text: str, right: bool) -> None:
    def change(params: Params, arguments: dict[str, Any]) -> dict[str, Any]:
        case, promise = params.case, params.promise
        wrong = case.named[0] - timedelta(minutes=params.row.head_start)
        names = {"ref": case.refs[1], "old": case.refs[0], "at": promise, "named": case.named[1], "wrong": wrong}
        return {**arguments, "subject": "Your ticket", "body": text.format(**names)}

    assert reward(hard, "workmail_send_message", change) == float(right)


@pytest.mark.parametrize(
    ("to", "right"),
    [
        ("{name} <{address}>", True),
        ("{upper}, {me}", True),
        ("{before}", False),
        ("{address}, {before}", False),
    ],
)
def test_the_mail_goes_to_who_wrote_last_and_to_nobody_else(hard: FamilyTask[Params], to: str, right: bool) -> None:
    def change(params: Params, arguments: dict[str, Any]) -> dict[str, Any]:
        writer, before = params.case.writers[-1], params.case.writers[0]
        names = {"name": writer.name, "address": writer.email, "upper": writer.email.upper(), "me": params.case.me}
        return {**arguments, "to": to.format(**names, before=before.email)}

    assert reward(hard, "workmail_send_message", change) == float(right)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("{ticket} is yours now, they have our word for {at:%d %B}, {at:%H:%M}.", True),
        ("{ticket}, {at:%H:%M} on {at:%d %B}, {ref}, {mark}.", True),
        ("{ticket} is yours now.", False),
        ("Please take it over, they have our word for {at:%d %B}, {at:%H:%M}.", False),
        ("{ticket} and {other}: {at:%d %B}, {at:%H:%M}.", False),
    ],
)
def test_the_lead_is_told_ticket_and_hour(hard: FamilyTask[Params], text: str, right: bool) -> None:
    def change(params: Params, arguments: dict[str, Any]) -> dict[str, Any]:
        names = {"ticket": params.case.ticket.id, "other": params.cases[1].ticket.id, "ref": params.case.refs[1]}
        return {**arguments, "message": text.format(**names, at=params.promise, mark=params.row.mark)}

    assert reward(hard, "contacts_send_message", change) == float(right)


@pytest.mark.parametrize(
    ("change", "right"),
    [
        (lambda _, a: {**a, "tags": a["tags"][::-1]}, True),
        (lambda _, a: {**a, "tags": [tag.upper() for tag in a["tags"]], "priority": a["priority"].upper()}, True),
        (lambda p, a: {**a, "category": p.case.look[0]}, True),
        (lambda p, a: {**a, "tags": [*p.case.look[1], *a["tags"]]}, False),
        (lambda p, a: {**a, "tags": [a["tags"][0], p.case.terms[0].number]}, False),
        (lambda p, a: {**a, "tags": [p.pages[0].rows[0].mark, a["tags"][1]]}, False),
        (lambda _, a: {**a, "category": "escalation"}, False),
        (lambda _, a: {**a, "priority": "low"}, False),
    ],
)
def test_the_ticket_gets_what_the_page_says_and_nothing_else(
    hard: FamilyTask[Params], change: Change, right: bool
) -> None:
    assert reward(hard, "helpdesk_update_ticket", change) == float(right)


@pytest.mark.parametrize(
    ("change", "right"),
    [
        (lambda _, a: {**a, "word_by": f"{a['word_by']}:00"}, True),
        (lambda p, a: {**a, "word_by": p.promise.isoformat()}, True),
        (lambda _, a: {**a, "word_by": a["word_by"].replace("T", " "), "reference": a["reference"].lower()}, True),
        (lambda p, a: {**a, "word_by": f"{p.case.named[1]:%Y-%m-%dT%H:%M}"}, False),
        (lambda p, a: {**a, "reference": p.case.refs[0]}, False),
        (lambda p, a: {**a, "ticket_id": p.cases[1].ticket.id}, False),
    ],
)
def test_the_answer_counts_by_value(hard: FamilyTask[Params], change: Change, right: bool) -> None:
    def answers(params: Params, arguments: dict[str, Any]) -> dict[str, Any]:
        return {**arguments, "answer": change(params, arguments["answer"])}

    assert reward(hard, "finish", answers) == float(right)


@pytest.mark.parametrize(
    ("name", "arguments", "right"),
    [
        ("todo_create_task", {"title": "See that they hear from us"}, True),
        ("helpdesk_update_ticket", {"ticket_id": "{done}", "priority": "low"}, False),
        ("helpdesk_update_ticket", {"ticket_id": "{wish}", "priority": "high"}, False),
        ("helpdesk_close_ticket", {"ticket_id": "{ticket}", "resolution": "Passed on."}, False),
        ("contacts_send_message", {"contact_id": "{before}", "message": "{ticket} is yours."}, False),
    ],
)
def test_nothing_else_is_touched(hard: FamilyTask[Params], name: str, arguments: dict[str, str], right: bool) -> None:
    params = hard.params
    before = next(lead for lead in params.leads if lead.kind == params.case.kind and lead.end < params.now.date())
    assert params.wish is not None
    names = {"done": params.cases[2].ticket.id, "wish": params.wish[1].id, "before": before.id}
    said = {key: value.format(**names, ticket=params.case.ticket.id) for key, value in arguments.items()}
    assert reward(hard, "", lambda _, a: a, first=ToolCall(name, said)) == float(right)
