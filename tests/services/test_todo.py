from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claw_gym.core.tool import ToolCall
from claw_gym.world.effects import Kind

TASKS = [
    {"task_id": "TODO-501", "title": "Report", "status": "pending", "priority": "high", "due_date": "2026-03-06"},
    {"task_id": "TODO-502", "title": "Review", "status": "Blocked", "priority": "P1", "assignee": "me"},
    {"task_id": "TODO-503", "title": "Tidy up", "status": "completed", "priority": None, "tags": None},
]


@pytest.fixture
def desk(make_desk):
    return make_desk({"todo.tasks": TASKS})


def ids(answer):
    assert list(answer) == ["tasks", "total"]
    assert answer["total"] == len(answer["tasks"])
    return [task["task_id"] for task in answer["tasks"]]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("all", ["TODO-501", "TODO-502", "TODO-503"]),
        ("", ["TODO-501", "TODO-502", "TODO-503"]),
        ("pending", ["TODO-501"]),
        ("blocked", ["TODO-502"]),
        ("in_progress", []),
        ("no such status", []),
    ],
)
def test_tasks_are_listed_by_status_in_any_case(desk, ask, status, expected):
    assert ids(ask(desk, "todo_list_tasks", status=status)) == expected


def test_listed_tasks_are_whole_and_count_as_read(desk, ask):
    assert ask(desk, "todo_list_tasks")["tasks"] == TASKS
    assert desk.world.reads == {("todo.tasks", task["task_id"]) for task in TASKS}


def test_a_task_is_got_whole(desk, ask, refused):
    assert ask(desk, "todo_get_task", task_id="TODO-502") == TASKS[1]
    assert "no task with the id 'NOPE-1'" in refused(desk, "todo_get_task", task_id="NOPE-1")


def test_a_created_task_is_pending_and_listed(desk, ask):
    answer = ask(desk, "todo_create_task", title="Call Jo", due_date="2026-03-09")
    assert answer == {
        "status": "created",
        "task": {
            "task_id": "TODO-504",
            "title": "Call Jo",
            "description": "",
            "status": "pending",
            "priority": "medium",
            "due_date": "2026-03-09",
            "tags": [],
            "created_at": "2026-03-04T12:00:00Z",
        },
    }
    effect = desk.world.journal[-1]
    assert (effect.kind, effect.action) == (Kind.PRIVATE, "created_tasks")
    assert ids(ask(desk, "todo_list_tasks", status="pending")) == ["TODO-504", "TODO-501"]


def test_an_update_changes_what_is_given_and_keeps_the_rest(desk, ask):
    answer = ask(desk, "todo_update_task", task_id="TODO-502", status="In Progress", priority="p1", tags=["x"])
    assert answer["task"] == {**TASKS[1], "status": "in_progress", "priority": "P1", "tags": ["x"]}
    effect = desk.world.journal[-1]
    assert (effect.kind, effect.action) == (Kind.PRIVATE, "updated_tasks")
    assert ids(ask(desk, "todo_list_tasks", status="blocked")) == []
    assert ids(ask(desk, "todo_list_tasks")) == ["TODO-501", "TODO-502", "TODO-503"]


def test_a_word_that_only_the_records_use_may_be_used(desk, ask):
    assert ask(desk, "todo_update_task", task_id="TODO-501", status="blocked")["task"]["status"] == "Blocked"


@pytest.mark.parametrize(
    ("field", "given", "stored"),
    [
        *(("priority", word, word) for word in ("normal", "critical", "p0", "p4", "紧急", "高", "普通", "严重")),
        *(("status", word, word) for word in ("done", "cancelled", "overdue", "open", "closed", "todo", "已完成")),
        ("priority", "URGENT", "urgent"),
        ("status", "In-Progress", "in_progress"),
    ],
)
def test_usual_words_may_be_used_though_no_record_has_them(desk, ask, field, given, stored):
    assert ask(desk, "todo_update_task", task_id="TODO-501", **{field: given})["task"][field] == stored


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("todo_create_task", {"title": "x", "priority": "sample text"}, "should be one of high, P1, low, medium"),
        ("todo_create_task", {"title": "x", "due_date": "sample text"}, "due_date should be a date"),
        ("todo_create_task", {"title": " "}, "title should say"),
        (
            "todo_update_task",
            {"task_id": "TODO-501", "status": "sample text"},
            "one of pending, Blocked, completed, in_pro",
        ),
        ("todo_update_task", {"task_id": "TODO-501", "priority": ""}, "priority should be one of"),
        ("todo_update_task", {"task_id": "TODO-501", "title": ""}, "title should say"),
        ("todo_update_task", {"task_id": "TODO-501", "title": " ", "status": "completed"}, "title should say"),
        ("todo_create_task", {"title": "x", "due_date": "03/04/2026"}, "due_date should be a date such as 2026-03-04"),
        ("todo_update_task", {"task_id": "TODO-9"}, "Did you mean"),
        ("todo_delete_task", {"task_id": "TODO-9"}, "Did you mean"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(desk, refused, name, arguments, said):
    assert said in refused(desk, name, **arguments)


def test_deleting_takes_something_away_but_undoing_does_not(desk, ask, refused):
    assert ask(desk, "todo_delete_task", task_id="TODO-501") == {"status": "deleted", "task": TASKS[0]}
    assert (desk.world.journal[-1].kind, desk.world.journal[-1].action) == (Kind.DESTRUCTIVE, "deleted")
    refused(desk, "todo_get_task", task_id="TODO-501")
    made = ask(desk, "todo_create_task", title="Call Jo")["task"]["task_id"]
    ask(desk, "todo_delete_task", task_id=made)
    assert desk.world.journal[-1].kind is Kind.PRIVATE


ODD = st.one_of(st.none(), st.booleans(), st.integers(), st.text("ab ", max_size=3), st.lists(st.none(), max_size=2))
FIELDS = ["title", "description", "status", "priority", "due_date", "tags", "created_at"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(row=st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, ODD)))
def test_no_odd_task_breaks_a_tool(make_desk, row):
    desk = make_desk({"todo.tasks": [{"task_id": 7, **row}]})
    for name, arguments in [
        ("todo_list_tasks", {}),
        ("todo_list_tasks", {"status": "a"}),
        ("todo_get_task", {"task_id": "7"}),
        ("todo_update_task", {"task_id": "7", "status": "completed"}),
        ("todo_create_task", {"title": "x", "priority": "high"}),
        ("todo_delete_task", {"task_id": "7"}),
    ]:
        assert not desk.call(ToolCall(name, arguments)).is_error


def test_a_hint_names_a_task_that_is_there(desk, ask, refused):
    assert "Did you mean TODO-503?" in refused(desk, "todo_get_task", task_id="TODO-5033")
    ask(desk, "todo_delete_task", task_id="TODO-503")
    assert "TODO-503?" not in refused(desk, "todo_get_task", task_id="TODO-5033")
    made = ask(desk, "todo_create_task", title="Call Jo")["task"]["task_id"]
    assert f"Did you mean {made}?" in refused(desk, "todo_get_task", task_id=f"{made}4")
    desk.world.tell([("todo.tasks", {"task_id": "STORY-88", "title": "x"})])
    assert "Did you mean STORY-88?" in refused(desk, "todo_get_task", task_id="STORY-8")
