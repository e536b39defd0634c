"""What happens by itself: by time, by effects, across daylight saving, and told once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from claw_gym.core.tool import ToolCall
from claw_gym.core.toolset import Toolset
from claw_gym.errors import UsageError
from claw_gym.services import SERVICES
from claw_gym.world.clock import Clock, elapsed
from claw_gym.world.dispatch import Dispatcher
from claw_gym.world.effects import Actor, Kind
from claw_gym.world.schedule import Change, Entry, OnEffect
from claw_gym.world.table import BaseTable
from claw_gym.world.world import Acting, BaseWorld, Terms, World

MINUTE = timedelta(minutes=1)


def put(pad, sheet_id, **fields):
    return Change(pad.table, pad.sheet(sheet_id, **fields))


def test_entries_happen_in_order_each_at_its_own_moment(pad):
    world = pad.world()
    for minutes, name in [(3, "c"), (1, "a"), (1, "b"), (9, "late")]:
        world.schedule.add(Entry(pad.now + minutes * MINUTE, (put(pad, name),), f"came {name}", "pad"))
    world.advance(5 * MINUTE)
    assert [effect.record_id for effect in world.journal] == ["a", "b", "c"]
    assert [effect.at - pad.now for effect in world.journal] == [MINUTE, MINUTE, 3 * MINUTE]
    assert {effect.actor for effect in world.journal} == {Actor.WORLD}
    assert world.clock.now == pad.now + 5 * MINUTE
    assert [notice.text for notice in world.take_notices()] == ["came a", "came b", "came c"]
    assert not world.take_notices()
    world.advance(5 * MINUTE)
    assert [notice.text for notice in world.take_notices()] == ["came late"]


def test_an_entry_of_the_past_happens_now(pad):
    world = pad.world()
    world.schedule.add(Entry(pad.now - 5 * MINUTE, (put(pad, "a"),)))
    world.advance(timedelta(0))
    assert [effect.at for effect in world.journal] == [pad.now]
    assert world.clock.now == pad.now


def test_an_entry_may_put_and_remove(pad):
    world = pad.world([pad.sheet("old")])
    world.schedule.add(
        Entry(pad.now, (Change(pad.table, record_id="old"), put(pad, "new"), Change(pad.table, record_id="x")))
    )
    world.advance(timedelta(0))
    assert [row.id for row in world.table(pad.table)] == ["new"]
    assert len(world.journal) == 2


def test_an_entry_without_a_time_zone_is_refused(pad):
    with pytest.raises(UsageError, match="time zone"):
        pad.world().schedule.add(Entry(datetime(2026, 3, 4)))  # noqa: DTZ001  naive on purpose
    with pytest.raises(UsageError, match="time zone"):
        Clock(datetime(2026, 3, 4))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("trigger", "pulled"),
    [
        ({}, True),
        ({"table": "pad.sheets", "action": "written_sheets", "record_id": "S"}, True),
        ({"fields": (("text", "HELLO"),)}, True),
        ({"fields": (("text", "hello"), ("sheet_id", "s"))}, True),
        ({"table": "pad.papers"}, False),
        ({"action": "read_sheets"}, False),
        ({"record_id": "T"}, False),
        ({"fields": (("text", "bye"),)}, False),
        ({"fields": (("colour", "red"),)}, False),
    ],
)
def test_an_effect_of_the_agent_pulls_what_matches_it_once(pad, trigger, pulled):
    world = pad.world()
    world.schedule.add(
        Entry(OnEffect(3 * MINUTE, **trigger), (put(pad, "reply"),), "They answered.", "pad", Actor.PERSON)
    )
    desk = pad.desk(world)
    write = ToolCall("pad_put", {"sheet_id": "S", "text": "hello"})
    desk.call(write)
    world.advance(10 * MINUTE)
    replies = [effect for effect in world.journal if effect.record_id == "reply"]
    assert len(replies) == pulled
    assert [notice.text for notice in world.take_notices()] == ["They answered."] * pulled
    if pulled:
        assert replies[0].actor is Actor.PERSON
        assert replies[0].at == pad.now + 3 * MINUTE
    desk.call(write)
    world.advance(10 * MINUTE)
    assert len([effect for effect in world.journal if effect.record_id == "reply"]) == pulled


def test_what_the_world_or_a_person_does_pulls_nothing(pad):
    world = pad.world()
    world.schedule.add(Entry(OnEffect(MINUTE), (put(pad, "reply"),)))
    for actor in (Actor.WORLD, Actor.PERSON):
        with world.acting_as(Acting(actor)):
            world.put(pad.table, pad.Sheet.load(pad.sheet("S")), kind=Kind.OUTWARD)
    world.advance(timedelta(hours=1))
    assert "reply" not in world.table(pad.table)


def test_others_react_to_the_agent_alone_and_once(pad):
    world = pad.world()
    seen = []

    def react(effect):
        seen.append(effect.record_id)
        return [Entry(effect.at + MINUTE, (put(pad, f"re {effect.record_id}"),), actor=Actor.PERSON)]

    desk = pad.desk(world, react=react)
    desk.call(ToolCall("pad_put", {"sheet_id": "S", "text": "x"}))
    desk.call(ToolCall("pad_list", {}))
    world.advance(timedelta(hours=1))
    desk.call(ToolCall("pad_list", {}))
    assert seen == ["S"]
    assert [row.id for row in world.table(pad.table)] == ["S", "re S"]


def test_forks_and_restored_worlds_have_their_own_schedule(pad):
    world = pad.world()
    world.schedule.add(Entry(pad.now + MINUTE, (put(pad, "a"),), "came", "pad"))
    world.schedule.add(Entry(OnEffect(MINUTE), (put(pad, "b"),)))
    snapshot = world.snapshot()
    twin = world.fork()
    for one in (twin, world):
        pad.desk(one).call(ToolCall("pad_put", {"sheet_id": "S", "text": "x"}))
        one.advance(timedelta(hours=1))
        assert [row.id for row in one.table(pad.table)] == ["S", "a", "b"]
    world.restore(snapshot)
    assert not list(world.table(pad.table))
    assert not world.has_notices
    world.advance(timedelta(hours=1))
    assert [row.id for row in world.table(pad.table)] == ["a"]


SPRING = datetime(2026, 3, 29, 1, 30)  # noqa: DTZ001  half an hour before the clock jumps from 2 to 3
AUTUMN = datetime(2026, 10, 25, 1, 30)  # noqa: DTZ001  an hour and a half before it falls back from 3 to 2


@pytest.mark.parametrize("start", [SPRING, AUTUMN])
def test_time_passes_evenly_across_daylight_saving(pad, start):
    now = start.replace(tzinfo=pad.zone)
    world = pad.world(now=now)
    for minutes in range(0, 300, 10):
        world.schedule.add(Entry(elapsed(now, minutes * MINUTE), (put(pad, f"{minutes:03}"),)))
    began = now.astimezone(UTC)
    for i in range(1, 31):
        world.advance(10 * MINUTE)
        assert world.clock.now.astimezone(UTC) - began == i * 10 * MINUTE
    assert [effect.record_id for effect in world.journal] == [f"{minutes:03}" for minutes in range(0, 300, 10)]
    assert [effect.at.astimezone(UTC) - began for effect in world.journal] == [m * MINUTE for m in range(0, 300, 10)]


def test_in_spring_an_hour_is_skipped_on_the_clock_and_not_in_time(pad):
    world = pad.world(now=SPRING.replace(tzinfo=pad.zone))
    world.schedule.add(Entry(OnEffect(45 * MINUTE), notice="three quarters later", source="pad"))
    pad.desk(world).call(ToolCall("pad_put", {"sheet_id": "S", "text": "x"}))
    world.advance(timedelta(hours=1))
    (notice,) = world.take_notices()
    assert notice.at == "2026-03-29T03:15:00+02:00"
    assert world.clock.now.isoformat() == "2026-03-29T03:30:05+02:00"


@limits(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(-5, 400), st.integers(0, 3)), max_size=12), st.lists(st.integers(0, 90), max_size=8)
)
def test_whatever_the_steps_everything_due_has_happened_once_and_in_order(pad, entries, steps):
    now = SPRING.replace(tzinfo=pad.zone)
    world = pad.world(now=now)
    for number, (minutes, _) in enumerate(entries):
        world.schedule.add(Entry(elapsed(now, minutes * MINUTE), notice=str(number)))
    told = []
    for step in steps:
        world.advance(step * MINUTE)
        told += [int(notice.text) for notice in world.take_notices()]
    due = [number for number, (minutes, _) in enumerate(entries) if steps and minutes <= sum(steps)]
    assert told == sorted(due, key=lambda number: (max(entries[number][0], -5), number))


@pytest.fixture
def person(pad):
    """Returns a function that opens a desk with the person's own tools: finish, wait, user_notify."""

    def make(now=pad.now, **terms):
        user = SERVICES["user"]
        tables = [BaseTable(name, kind, []) for name, kind in user.table_types().items()]
        world = World(BaseWorld([*tables, *pad.base([]).tables.values()], now), Terms(**terms))
        return Dispatcher(Toolset(user.tools()), {"user": user}, world, max_result_chars=16_000)

    return make


def test_wait_stops_at_the_deadline_and_lets_everything_happen_on_the_way(pad, person):
    desk = person(deadline=pad.now + timedelta(hours=1))
    desk.world.schedule.add(Entry(pad.now + 10 * MINUTE, (put(pad, "a"),), "came", "pad"))
    result = desk.call(ToolCall("wait", {"minutes": 600}))
    assert '"now":"2026-03-04T13:00:00+01:00"' in result.text
    assert desk.world.clock.now == pad.now + timedelta(hours=1)
    assert [effect.at for effect in desk.world.journal] == [pad.now + 10 * MINUTE]


@pytest.mark.parametrize(
    "arguments",
    [{}, {"minutes": 5, "until": "2026-03-05"}, {"minutes": 0}, {"until": "2026-03-04T11:00"}, {"until": "2027-01-01"},
     {"until": "soon"}, {"until": "9" * 5000}],
)  # fmt: skip
def test_a_wait_that_makes_no_sense_is_an_error_and_no_time_passes(pad, person, arguments):
    desk = person()
    result = desk.call(ToolCall("wait", arguments))
    assert result.is_error
    assert desk.world.clock.now == pad.now


def test_finish_delivers_what_is_due_first_and_once(pad, person):
    desk = person()
    for name in ("a", "b"):
        desk.world.schedule.add(Entry(pad.now, (put(pad, name),), f"came {name}", "pad"))
    finish = ToolCall("finish", {"message": "Done."})
    first = desk.call(finish)
    assert "not_finished" in first.text
    assert desk.world.closing is None
    assert [notice.text for notice in desk.world.take_notices()] == ["came a", "came b"]
    desk.world.schedule.add(Entry(pad.now, notice="came too late", source="pad"))
    assert "not_finished" not in desk.call(finish).text
    assert desk.world.closing.message == "Done."


def test_finish_does_not_wait_for_what_is_due_later(pad, person):
    desk = person()
    desk.world.schedule.add(Entry(pad.now + timedelta(seconds=1), notice="later", source="pad"))
    assert desk.call(ToolCall("finish", {"message": "Done."})).text == '{"status":"finished"}'
    assert desk.world.clock.now == pad.now


@pytest.mark.parametrize("mended", [False, True])
def test_what_was_changed_in_time_does_not_break(pad, mended):
    """An entry that says what it replaces happens only while that still stands; nothing is told otherwise."""
    old = pad.sheet("a", text="as it was")
    world = pad.world([old])
    world.schedule.add(
        Entry(pad.now + MINUTE, (Change(pad.table, pad.sheet("a", text="broken"), before=old),), "broke")
    )
    if mended:
        record = world.table(pad.table).get("a")
        world.put(pad.table, record.updated(text="mended"), kind=Kind.PRIVATE)
    world.advance(2 * MINUTE)
    assert world.table(pad.table).get("a").plain["text"] == ("mended" if mended else "broken")
    assert [notice.text for notice in world.take_notices()] == ([] if mended else ["broke"])
