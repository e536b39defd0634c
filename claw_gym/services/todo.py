"""The person's list of things to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from claw_gym.core.tool import tool
from claw_gym.errors import ToolError
from claw_gym.services.base.authorship import removal_kind
from claw_gym.services.base.choices import PRIORITIES, STATUSES, choose, words_of
from claw_gym.services.base.listing import View, page
from claw_gym.services.base.service import Service
from claw_gym.world.effects import Kind
from claw_gym.world.moments import aware, iso, read_day
from claw_gym.world.record import Day, Moment, Record, Text, Texts

__all__ = ["Task", "Todo"]

_EARLIEST = datetime.min.replace(tzinfo=UTC)


class Task(Record):
    """One thing to do."""

    id_field: ClassVar[str] = "task_id"

    title: Text = ""
    description: Text = ""
    status: Text = ""
    priority: Text = ""
    due_date: Day = None
    tags: Texts = ()
    created_at: Moment = None


class Todo(Service, name="todo"):
    """The list of things to do."""

    records = {"tasks": Task}
    first_ids = {"tasks": "TODO-501"}
    # The published server lists no creations; ours go to a list of their own.
    actions = ("deleted", "updated_tasks", "created_tasks")

    @tool(path="tasks")
    def list_tasks(self, status: str = "all") -> dict[str, Any]:
        """Lists tasks whole, all of them or those of one status, newest first.

        Args:
            status: "all", or a status such as "pending", "in_progress" or "completed".
        """
        table, wanted = self.table("tasks"), status.strip().lower()
        if wanted in ("", "all"):
            rows = page(table, self._view("all", lambda _: True)).rows
        elif wanted in words_of(table, "status", STATUSES):
            # Only words that the records hold: a view is kept for as long as the life is.
            rows = page(table, self._view(f"status {wanted}", lambda task: task.status.lower() == wanted)).rows
        else:
            rows = []
        return {"tasks": [self.show("tasks", task) for task in rows], "total": len(rows)}

    def _view(self, name: str, where: Callable[[Task], bool]) -> View[Task]:
        if self.world.base.as_given:
            return View(name, where)
        zone = self.world.clock.zone

        def created(task: Task) -> datetime:
            return aware(task.created_at, zone) if task.created_at else _EARLIEST

        return View(f"{name} in {zone}", where, created, newest_first=True)

    @tool(path="tasks/get")
    def get_task(self, task_id: str) -> Any:
        """Returns one task whole.

        Args:
            task_id: The task's id, such as TODO-501.
        """
        return self.show("tasks", self.find("tasks", task_id, Task))

    @tool(path="tasks/create", write=True)
    def create_task(
        self, title: str, description: str | None = None, priority: str = "medium", due_date: str | None = None
    ) -> dict[str, Any]:
        """Adds a task to the list. It starts as pending.

        Args:
            title: What is to be done.
            description: More about it.
            priority: "low", "medium", "high" or "urgent".
            due_date: The day it is due, such as 2026-03-04.
        """
        _check_title(title)
        if due_date:
            read_day(due_date, "due_date")
        task = Task.load(
            {
                "task_id": self.new_id("tasks"),
                "title": title,
                "description": description or "",
                "status": "pending",
                "priority": choose(self.table("tasks"), "priority", PRIORITIES, priority),
                "due_date": due_date,
                "tags": [],
                "created_at": iso(self.world.clock.now),
            }
        )
        self.put("tasks", task, kind=Kind.PRIVATE, action="created_tasks")
        return {"status": "created", "task": task.plain}

    @tool(path="tasks/update", write=True)
    def update_task(
        self,
        task_id: str,
        title: str | None = None,
        priority: str | None = None,
        status: str | None = None,
        tags: list[str] | None = None,
    ) -> dict[str, Any]:
        """Changes a task; what is left out stays as it is.

        Args:
            task_id: The task's id, such as TODO-501.
            title: A new title.
            priority: "low", "medium", "high" or "urgent".
            status: "pending", "in_progress" or "completed".
            tags: New tags; they replace the old ones.
        """
        task, table = self.find("tasks", task_id, Task), self.table("tasks")
        if title is not None:
            _check_title(title)
        changes: dict[str, Any] = {
            "title": title,
            "priority": None if priority is None else choose(table, "priority", PRIORITIES, priority),
            "status": None if status is None else choose(table, "status", STATUSES, status),
            "tags": tags,
        }
        task = task.updated(**{field: value for field, value in changes.items() if value is not None})
        self.put("tasks", task, kind=Kind.PRIVATE, action="updated_tasks")
        return {"status": "updated", "task": task.plain}

    @tool(path="tasks/delete", write=True)
    def delete_task(self, task_id: str) -> dict[str, Any]:
        """Deletes a task for good. One that is done is better marked as completed.

        Args:
            task_id: The task's id, such as TODO-501.
        """
        task = self.find("tasks", task_id, Task)
        kind = removal_kind(self.world, "todo.tasks", task.id)
        self.world.remove("todo.tasks", task.id, kind=kind, action="deleted")
        return {"status": "deleted", "task": task.plain}


def _check_title(title: str) -> None:
    if not title.strip():
        raise ToolError("title should say what is to be done; it is empty.")
