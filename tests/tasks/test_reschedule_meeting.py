"""A meeting moves to the one time that suits everybody, and those who have to know are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from claw_gym.core.tool import ToolCall
from claw_gym.life.loaded import life_of, lives_of
from claw_gym.tasks.family import FAMILIES, FamilyTask
from claw_gym.tasks.meeting_times import City
from claw_gym.tasks.names import SPLITS, TaskName
from claw_gym.testing.audit.play import Play

FAMILY = FAMILIES["reschedule_meeting"]
Change = Callable[[FamilyTask[Any], dict[str, Any]], dict[str, Any]]


@lru_cache
def drawn(difficulty: int, index: int = 0) -> FamilyTask[Any]:
    name = TaskName(FAMILY.name, FAMILY.version, "small", difficulty, SPLITS["train"] + index)
    return FAMILY.build(life_of("train", index, "small"), name)


def reward(task: FamilyTask[Any], tool: str, change: Change) -> float:
    """Plays the oracle with the arguments of one tool changed."""

    def altered(call: ToolCall) -> ToolCall:
        return ToolCall(call.name, change(task, {**call.arguments})) if call.name == tool else call

    play = Play(task)
    play.run(task.oracle(), change=altered)
    return play.reward


def unshifted(params: Any) -> list[datetime]:
    """Returns the times that are left for somebody who takes all hours for hours on our clocks."""
    here = City("here", str(params.now.tzinfo))
    return list(replaced(params, city=here).left)


def replaced(params: Any, **values: Any) -> Any:
    return replace(params.times, **values)


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_one_time_is_left_and_another_for_whoever_overlooks_something(split: str) -> None:
    for index in range(0, len(lives_of(split)), 4):
        name = TaskName(FAMILY.name, FAMILY.version, "small", index // 4 % 5 + 1, SPLITS[split] + index)
        params = FAMILY.build(life_of(split, index, "small"), name).params
        times = params.times
        seen = {times.target}
        assert len(times.left) == 1
        # Hours taken for ours, the calendar or the later word or the other's days not looked at.
        assert len(unshifted(params)) == 1
        assert times.target not in unshifted(params)
        assert len(replaced(params, busy=()).left) == len(times.busy) + 1
        useless = times.other_change[1]
        assert set(replaced(params, change=(useless, useless)).left) != seen
        assert params.difficulty < 3 or len(replaced(params, away=()).left) == 2
        for service in FAMILY.services:
            seen.add(FAMILY.twin(params, service).times.target)
        assert len(seen) == 4


def test_all_offered_times_are_free_in_the_life_and_only_the_story_blocks_some() -> None:
    for difficulty in range(1, 6):
        task = drawn(difficulty, difficulty)
        times = task.params.times
        assert all(task.life.is_free(at, at + times.length) for at in (*times.first, *times.change))


def test_no_offered_time_runs_into_what_the_cards_of_the_personas_keep_free() -> None:
    for index in range(0, 40, 4):
        times = drawn(index // 4 % 5 + 1, index).params.times
        assert all((at + times.length).time() <= time(16) for at in (*times.first, *times.change))


def test_hours_are_told_on_the_clock_of_the_city_that_the_address_book_names() -> None:
    for index in range(12):
        params = drawn(index % 5 + 1, index).params
        times = params.times
        shown = times.target.astimezone(ZoneInfo(times.city.zone)).replace(tzinfo=None)
        assert any(low <= shown and shown + times.length <= high for low, high in times.hours)
        shifts = {city.ahead(times.target) > timedelta() for city in (times.city, times.other_city)}
        assert shifts == {True, False}


def test_titles_are_new_to_the_calendar_and_a_round_in_the_past_and_a_similar_one_ahead_stand_by() -> None:
    for index in range(10):
        task = drawn(index % 5 + 1, index)
        params = task.params
        assert params.meeting.title not in task.life.seen("calendar.events", "title")
        rows = [r for t, r in (*task.told.evidence, *task.told.others) if t == "calendar.events"]
        same = [row for row in rows if row["title"] == params.meeting.title]
        assert len(same) == 2
        assert params.times.earlier.at < params.now < params.times.old.at
        assert params.project in params.similar.title != params.meeting.title


def test_namesakes_share_a_first_name_and_no_address() -> None:
    for index in range(10):
        group = drawn(index % 5 + 1, index).params.group
        for entry, person in zip(group.namesakes, (group.remote, group.keeper), strict=True):
            assert entry.record["name"].split()[0] == person.name.split()[0]
            assert entry.record["email"] not in group.told
        assert group.kept.email not in group.told
        assert group.keeper.email in group.told


def iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def put(**values: Any) -> Change:
    return lambda _, arguments: {**arguments, **values}


@pytest.mark.parametrize(
    ("change", "right"),
    [
        (lambda t, a: {**a, "attendees": [one.name for one in t.params.group.others]}, True),
        (lambda t, a: {**a, "attendees": [f"{t.params.first_name}", *a["attendees"][1:]]}, True),
        (lambda _, a: {**a, "attendees": [item.upper() for item in reversed(a["attendees"])]}, True),
        (lambda _, a: {**a, "start_time": a["start_time"][:16], "end_time": a["end_time"][:16]}, True),
        (lambda t, a: {**a, "start_time": iso(t.params.times.target.astimezone(UTC))}, True),
        (lambda _, a: {**a, "title": f"{a['title']} (moved)"}, True),
        (put(location=""), True),
        (put(title="Meeting"), False),
        (lambda _, a: {**a, "attendees": a["attendees"][:-1]}, False),
        (lambda t, a: {**a, "attendees": [*a["attendees"], t.params.group.other_keeper.email]}, False),
        (lambda t, a: {**a, "end_time": iso(t.params.end + timedelta(minutes=15))}, False),
        (lambda t, a: {**a, "title": t.params.similar.title}, False),
    ],
)
def test_the_new_entry_keeps_title_length_and_people(change: Change, right: bool) -> None:
    assert reward(drawn(3, 1), "calendar_create_event", change) == float(right)


def test_no_other_offered_time_will_do() -> None:
    for difficulty in range(1, 6):
        task = drawn(difficulty, 2)
        for at in task.params.times.wrong:
            change = put(start_time=iso(at), end_time=iso(at + task.params.times.length))
            assert reward(task, "calendar_create_event", change) == 0.0
            assert (
                reward(task, "finish", lambda _, a, at=at: {**a, "answer": {**a["answer"], "new_start": iso(at)}})
                == 0.0
            )


@pytest.mark.parametrize("other", ["similar", "earlier", "busy"])
def test_no_other_entry_is_taken_out(other: str) -> None:
    task = drawn(2, 3)
    times = task.params.times
    wrong = times.busy[0][0] if other == "busy" else getattr(times, other)
    assert reward(task, "calendar_delete_event", put(event_id=wrong.id)) == 0.0
    play = Play(task)
    play.call(ToolCall("calendar_delete_event", {"event_id": wrong.id}))
    play.run(task.oracle())
    assert play.reward == 0.0


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Now on {t:%A} {t.day} {t:%B}, {t:%H:%M}-{end:%H:%M}.", True),
        ("It is {t:%Y-%m-%dT%H:%M:%S} now.", True),
        ("New: {t:%d/%m/%Y} at {t:%H.%M}, not {old:%d %B} at {old:%H:%M} any more.", True),
        ("{t.day} {t:%B}, {t:%H:%M} ({there:%H:%M} on your clock).", True),
        ("It is {t.day} {t:%B} now.", False),
        ("It has moved, see the invitation.", False),
        ("On {t.day} {t:%B} at {there:%H:%M}.", False),
        ("{t.day} {t:%B} at {t:%H:%M}, or {x.day} {x:%B} at {x:%H:%M}.", False),
    ],
)
def test_the_others_read_day_and_time_by_our_clocks_and_no_time_that_was_not_taken(text: str, right: bool) -> None:
    def change(task: FamilyTask[Any], arguments: dict[str, Any]) -> dict[str, Any]:
        times = task.params.times
        there = times.city.clock(times.target)
        names = {"t": times.target, "end": task.params.end, "old": times.old.at, "there": there, "x": times.wrong[0]}
        return {**arguments, "body": text.format(**names)}

    assert reward(drawn(4, 4), "workmail_send_message", change) == float(right)


def addressed(task: FamilyTask[Any], kind: str) -> str:
    group = task.params.group
    told = sorted(group.told)
    return {
        "named": ", ".join(f'"{address}" <{address.upper()}>' for address in told),
        "me too": ", ".join([*told, task.params.me]),
        "kept as well": ", ".join([*told, group.kept.email]),
        "kept instead": ", ".join({*told, group.kept.email} - {group.keeper.email}),
        "namesake": ", ".join({*told, group.namesakes[1].record["email"]} - {group.keeper.email}),
        "other keeper": ", ".join({*told, group.other_keeper.email} - {group.keeper.email}),
        "one missing": ", ".join(told[1:]),
    }[kind]


@pytest.mark.parametrize(
    ("kind", "right"),
    [
        ("named", True),
        ("me too", True),
        ("kept as well", False),
        ("kept instead", False),
        ("namesake", False),
        ("other keeper", False),
        ("one missing", False),
    ],
)
def test_word_goes_to_everybody_or_to_who_keeps_the_diary_and_to_nobody_else(kind: str, right: bool) -> None:
    for difficulty in (1, 5):
        task = drawn(difficulty, 5)
        to = addressed(task, kind)
        assert reward(task, "workmail_send_message", put(to=to)) == float(right)


@pytest.mark.parametrize(
    ("change", "right"),
    [
        (lambda t, a: {**a, "told": [*a["told"], t.params.me]}, True),
        (lambda _, a: {**a, "told": [", ".join(f"<{item}>" for item in a["told"])]}, True),
        (lambda _, a: {**a, "new_start": a["new_start"][:16]}, True),
        (lambda t, a: {**a, "new_start": iso(t.params.times.target.astimezone(UTC))}, True),
        (lambda t, a: {**a, "told": [*a["told"], t.params.group.kept.email]}, False),
        (lambda _, a: {**a, "told": a["told"][1:]}, False),
        (lambda t, a: {**a, "new_start": t.params.times.city.clock(t.params.times.target).isoformat()}, False),
        (lambda t, a: {**a, "new_start": str(t.params.times.target.date())}, False),
    ],
)
def test_the_answer_is_read_in_any_usual_form(change: Change, right: bool) -> None:
    task = drawn(3, 6)
    assert reward(task, "finish", lambda _, a: {**a, "answer": change(task, a["answer"])}) == float(right)


def test_requests_hold_no_time_and_no_address() -> None:
    for index in range(15):
        task = drawn(index % 5 + 1, index)
        text = FAMILY.instruction(task.params)
        assert "@" not in text
        assert f"{task.params.times.target:%H:%M}" not in text
        assert task.params.times.city.name not in text
        assert (task.params.meeting.title in text) == (task.params.difficulty < 3)
