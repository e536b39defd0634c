"""Alerts on call: each trap fails, honest variations pass, and the records agree with the rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from claw_gym.core.tool import ToolCall
from claw_gym.life.loaded import lives_of, load_life
from claw_gym.tasks import FAMILIES
from claw_gym.tasks.family import FamilyTask
from claw_gym.tasks.names import SPLITS, TaskName
from claw_gym.tasks.on_call import IN_TIME
from claw_gym.testing.audit.play import Play

Change = Callable[[FamilyTask[Any], dict[str, Any]], dict[str, Any]]


@cache
def drawn(difficulty: int, life: int = 0) -> FamilyTask[Any]:
    persona, seed = lives_of()[life]
    loaded = load_life(persona, seed, "small")
    name = TaskName("alerts_on_call", 1, "small", difficulty, SPLITS[loaded.persona.split] + life)
    return FAMILIES["alerts_on_call"].build(loaded, name)


def somewhere_with(fits: Callable[[Any], bool], difficulty: int) -> FamilyTask[Any]:
    tasks = (drawn(difficulty, life) for life in range(len(lives_of())))
    return next(task for task in tasks if fits(task.params))


def reward(task: FamilyTask[Any], tool: str, change: Change, *extra: ToolCall) -> float:
    """Plays the oracle with the arguments of one tool changed, after further calls."""

    def altered(call: ToolCall) -> ToolCall:
        return ToolCall(call.name, change(task, {**call.arguments})) if call.name == tool else call

    play = Play(task)
    for call in extra:
        assert not play.call(call).is_error
    play.run(task.oracle(), change=altered)
    return play.reward


def answering(**values: Callable[[FamilyTask[Any], Any], Any]) -> Change:
    def change(task: FamilyTask[Any], arguments: dict[str, Any]) -> dict[str, Any]:
        answer = {**arguments["answer"]}
        return {**arguments, "answer": answer | {key: value(task, answer[key]) for key, value in values.items()}}

    return change


def started(task: FamilyTask[Any], form: str) -> str:
    return task.params.job[1].astimezone(task.life.now.tzinfo).strftime(form)


@pytest.mark.parametrize("difficulty", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("life", range(0, len(lives_of()), 5))
def test_the_records_agree_with_the_rule_in_the_request(difficulty: int, life: int) -> None:
    task = drawn(difficulty, life)
    weeks, world = task.params.weeks, task.start()
    missed, jobs = set(), {job.plain["name"]: job.plain for job in world.table("scheduler.jobs")}
    evenings = []
    for turn in weeks.turns:
        who = world.table("calendar.events").get(turn.event["event_id"]).plain["title"].rpartition(": ")[2]
        for note in sorted(weeks.notes, key=lambda note: note.slot.at):
            who = {day: person.first for person, day in note.says}.get(turn.day, who)
        if who == task.life.person.first and turn.day >= weeks.since:
            evenings.append((turn.start, turn.end))
    for ticket in (row.plain for row in world.table("helpdesk.tickets")):
        at = datetime.fromisoformat(ticket["created_at"])
        ends = [end for start, end in evenings if start <= at <= end]
        taken = ticket.get("acknowledged_at")
        if ticket["category"] != "alert" or not ends or (taken and datetime.fromisoformat(taken) - at <= IN_TIME):
            continue
        named = [job for name, job in jobs.items() if "cheduled job" in ticket["title"] and name in ticket["title"]]
        good = [
            moment
            for job in named
            for run in job["execution_history"]
            if run["status"] == "success" and (moment := datetime.fromisoformat(run["run_time"])) > at
        ]
        if named and (not named[0]["enabled"] or min(good) <= ends[0]):
            continue
        missed.add(ticket["ticket_id"])
        assert not named or task.params.job == (named[0]["job_id"], min(good))
    assert missed == {alert.slot_id for alert in weeks.missed()}


@pytest.mark.parametrize("difficulty", [1, 5])
@pytest.mark.parametrize("life", range(0, len(lives_of()), 7))
def test_ids_stand_in_the_order_of_their_stamps(difficulty: int, life: int) -> None:
    task = drawn(difficulty, life)
    rows = [row.plain for row in task.start().table("helpdesk.tickets")]
    by_id = sorted(rows, key=lambda row: int(row["ticket_id"].rpartition("-")[2]))
    stamps = [datetime.fromisoformat(row["created_at"]) for row in by_id]
    assert stamps == sorted(stamps)
    assert stamps[-1] < task.life.now


def test_hard_tasks_have_a_swap_that_is_corrected_and_a_cover_that_is_called_off() -> None:
    task = somewhere_with(lambda params: len(params.weeks.notes) == 5, 5)
    kinds = [note.kind for note in sorted(task.params.weeks.notes, key=lambda note: note.slot.at)]
    assert kinds.index("swap") < kinds.index("correction")
    assert kinds.index("off") > kinds.index("cover")
    assert kinds.count("cover") == 2


def test_every_note_stands_before_the_evening_it_is_about() -> None:
    for life in range(0, len(lives_of()), 3):
        weeks = drawn(5, life).params.weeks
        starts = {turn.day: turn.start for turn in weeks.turns}
        assert all(note.slot.at < starts[day] for note in weeks.notes for _, day in note.says)


@pytest.mark.parametrize(
    ("change", "right"),
    [
        (answering(tickets=lambda _, ids: ids[::-1]), True),
        (answering(tickets=lambda _, ids: [one.lower() for one in ids]), True),
        (answering(ran_well_at=lambda task, _: started(task, "%Y-%m-%dT%H:%M")), True),
        (answering(ran_well_at=lambda task, _: started(task, "%Y-%m-%d %H:%M:%S%z")), True),
        (answering(ran_well_at=lambda task, _: f"{task.params.job[1].astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"), True),
        (answering(ran_well_at=lambda task, _: (task.params.job[1] - timedelta(days=1)).isoformat()), False),
        (answering(ran_well_at=lambda *_: "soon"), False),
        (answering(tickets=lambda _, ids: ids[1:]), False),
        (answering(tickets=lambda task, ids: [*ids, task.params.weeks.alerts[1].slot_id]), False),
        (answering(tickets=lambda task, ids: [*ids, task.params.weeks.alerts[3].slot_id]), False),
        (answering(job_id=lambda task, _: task.params.weeks.outages[1].job["job_id"]), False),
    ],
)
def test_the_answer_counts_in_any_usual_form_and_only_when_it_is_right(change: Change, right: bool) -> None:
    assert reward(drawn(4), "finish", change) == float(right)


def test_a_moment_read_off_a_utc_history_is_no_local_time() -> None:
    task = somewhere_with(lambda params: params.weeks.utc and bool(params.now.utcoffset()), 5)
    change = answering(ran_well_at=lambda task, _: f"{task.params.job[1].astimezone(UTC):%Y-%m-%dT%H:%M:%S}")
    assert reward(task, "finish", change) == 0.0


@pytest.mark.parametrize(
    ("change", "right"),
    [
        (lambda _, a: {**a, "tags": a["tags"][::-1]}, True),
        (lambda _, a: {**a, "tags": [tag.upper() for tag in a["tags"]]}, True),
        (lambda _, a: {**a, "category": "alert"}, True),
        (lambda t, a: {**a, "tags": [t.params.tag]}, False),
        (lambda _, a: {**a, "tags": [*a["tags"], "urgent"]}, False),
        (lambda _, a: {**a, "priority": "urgent"}, False),
        (lambda _, a: {**a, "category": "network"}, False),
    ],
)
def test_a_missed_alert_keeps_its_tags_and_goes_up_one_step(change: Change, right: bool) -> None:
    assert reward(drawn(3), "helpdesk_update_ticket", change) == float(right)


@pytest.mark.parametrize("which", ["mended in time", "just in time", "given away", "left alone"])
def test_marking_an_alert_that_does_not_count_breaks_a_guard(which: str) -> None:
    task = drawn(2)
    weeks = task.params.weeks
    given = next(day for person, day in weeks.notes[0].says if person.key != weeks.me.key)
    found = {
        "mended in time": [weeks.alerts[1]],
        "just in time": [weeks.alerts[3]],
        "given away": [alert for alert in weeks.alerts if alert.at.date() == given],
        "left alone": [alert for alert in weeks.alerts if alert.at.date() == weeks.days[1]],
    }[which]
    assert found
    marking = ToolCall("helpdesk_update_ticket", {"ticket_id": found[0].slot_id, "tags": ["alert", task.params.tag]})
    assert reward(task, "none", lambda _, a: a, marking) == 0.0


@pytest.mark.parametrize("service", ["helpdesk", "scheduler", "calendar"])
@pytest.mark.parametrize("difficulty", [1, 5])
def test_each_service_alone_changes_which_alerts_were_missed(service: str, difficulty: int) -> None:
    task = drawn(difficulty)
    twin = task.family.twin(task.params, service)
    ids = [{alert.slot_id for alert in params.weeks.missed()} for params in (task.params, twin)]
    assert ids[0] - ids[1]
    assert ids[1] - ids[0]


def test_going_by_the_rota_alone_fails() -> None:
    task = drawn(5)
    wrong = next(params for params in task.family.distractor_params(task.params) if not params.weeks.notes)
    assert {alert.slot_id for alert in wrong.weeks.missed()} != {alert.slot_id for alert in task.params.weeks.missed()}


def test_the_request_holds_no_evening_no_ticket_and_no_job() -> None:
    for difficulty in range(1, 6):
        task = drawn(difficulty)
        text = task.family.instruction(task.params)
        assert not any(alert.slot_id in text for alert in task.params.weeks.alerts)
        assert not any(outage.job["name"] in text for outage in task.params.weeks.outages)
        assert "17:45" not in text
