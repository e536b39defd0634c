"""What tests of several layers need: a small world of one table, a provider with tools over it, and all tools."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from pydantic import Field

from claw_gym.core.tool import tool
from claw_gym.core.toolset import Toolset
from claw_gym.errors import InfrastructureError, ToolError
from claw_gym.services import SERVICES
from claw_gym.world.dispatch import Dispatcher
from claw_gym.world.effects import Kind
from claw_gym.world.provider import ToolProvider
from claw_gym.world.record import Record, Text
from claw_gym.world.table import BaseTable
from claw_gym.world.world import BaseWorld, Terms, World

# Lives that tests build stay out of the user's own cache, and are built once for all workers and runs of a machine.
os.environ.setdefault("CLAW_GYM_CACHE", str(Path(tempfile.gettempdir()) / "claw_gym_tests"))
# Time limits say more about the machine than about the code; derandomized, a run says the same twice.
settings.register_profile("claw_gym", deadline=None, derandomize=True, database=None)
settings.load_profile("claw_gym")

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 3, 4, 12, tzinfo=AMSTERDAM)
SHEETS = "pad.sheets"


class Sheet(Record):
    id_field: ClassVar[str] = "sheet_id"

    text: Text = ""


class Pad(ToolProvider):
    """Sheets of paper: one tool of each kind, and arguments of each type."""

    name = "pad"

    @tool()
    def get(self, sheet_id: str) -> Any:
        """Returns a sheet.

        Args:
            sheet_id: Its id.
        """
        return self.full(SHEETS, self._found(sheet_id))

    @tool()
    def list(self, max_results: Annotated[int, Field(ge=0, le=1000)] = 20, offset: int = 0) -> dict[str, Any]:
        """Lists the sheets by their ids.

        Args:
            max_results: Most rows.
            offset: Rows to skip.
        """
        rows = [{"sheet_id": row.id} for row in self.world.table(SHEETS)][offset : offset + max_results]
        return {"sheets": rows, "total": len(self.world.table(SHEETS)), "returned": len(rows), "offset": offset}

    @tool()
    def read_all(self, offset: int = 0) -> dict[str, Any]:
        """Returns all sheets whole.

        Args:
            offset: Sheets to skip.
        """
        rows = [self.full(SHEETS, row) for row in self.world.table(SHEETS)][offset:]
        return {"sheets": rows, "returned": len(rows), "offset": offset}

    @tool(write=True)
    def put(self, sheet_id: str, text: str, tags: list[str] | None = None) -> dict[str, Any]:
        """Writes a sheet.

        Args:
            sheet_id: Its id.
            text: What stands on it.
            tags: Words about it.
        """
        if not sheet_id:
            raise ToolError("A sheet needs an id.")
        sheet = Sheet.load({"sheet_id": sheet_id, "text": text, "tags": tags or []})
        self.world.put(SHEETS, sheet, kind=Kind.PRIVATE, action="written_sheets")
        return {"status": "written"}

    @tool(write=True)
    def remove(self, sheet_id: str) -> dict[str, Any]:
        """Throws a sheet away.

        Args:
            sheet_id: Its id.
        """
        self.world.remove(SHEETS, self._found(sheet_id).id)
        return {"status": "removed"}

    @tool()
    def typed(
        self,
        whole: int = 0,
        share: float = 0.0,
        flag: bool = False,
        until: str | None = None,
        limit: int | None = None,
        anything: Any = None,
        extra: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Returns its arguments.

        Args:
            whole: A whole number.
            share: A number.
            flag: True or false.
            until: A text or nothing.
            limit: A whole number or nothing.
            anything: Any JSON data.
            extra: Any JSON object.
        """
        return {"whole": whole, "share": share, "flag": flag, "until": until, "limit": limit, "extra": extra}

    def _found(self, sheet_id: str) -> Sheet:
        if sheet_id == "backend":
            raise InfrastructureError("The pad does not answer.")
        found = self.world.table(SHEETS).get(sheet_id)
        if found is None:
            raise ToolError(f"There is no sheet with the id {sheet_id!r}.")
        return found


def sheet(sheet_id: str, **fields: Any) -> dict[str, Any]:
    return {"sheet_id": sheet_id, "text": f"text of {sheet_id}", **fields}


def base_of(rows: Any = (), now: datetime = NOW) -> BaseWorld:
    """Returns a base world of sheets; a row is plain data, or an id that is only reserved."""
    told = [("", row) if isinstance(row, Mapping) else (row, None) for row in rows]
    return BaseWorld([BaseTable(SHEETS, Sheet, told)], now)


def world_of(rows: Any = (), now: datetime = NOW, terms: Terms | None = None) -> World:
    return World(base_of(rows, now), terms)


def desk_of(world: World, max_result_chars: int = 16_000, react: Any = None) -> Dispatcher:
    """Returns the tools of `Pad` over a world."""
    return Dispatcher(Toolset(Pad.tools()), {"pad": Pad}, world, max_result_chars=max_result_chars, react=react)


@pytest.fixture(scope="session")
def pad() -> SimpleNamespace:
    """Sheets and the tools over them; see the functions of the same names above."""
    return SimpleNamespace(
        Pad=Pad, Sheet=Sheet, table=SHEETS, now=NOW, zone=AMSTERDAM,
        sheet=sheet, base=base_of, world=world_of, desk=desk_of,
    )  # fmt: skip


@pytest.fixture(scope="session")
def all_tools() -> Toolset:
    """Every tool of every registered service."""
    return Toolset(item for name in SERVICES for item in SERVICES[name].tools())


@pytest.fixture(scope="session")
def run_python():
    """Returns a function that runs code in another process and returns what it prints."""

    def run(code: str, **environment: str) -> str:
        path = [item for item in sys.path if item]
        done = subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}\n{code}"],
            capture_output=True, check=False, text=True, env=environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
