"""For oracles: reading results, and deriving further correct ways from a solution."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from claw_gym.core.tool import ToolCall, ToolResult
from claw_gym.tasks.task import OracleTurns

__all__ = ["derived", "mails_of", "payload"]

# A page of a hundred rows is about as long as a result may be.
_PAGE = 100


def payload(result: ToolResult) -> Any:
    """Returns the JSON data of a result.

    Raises:
        ValueError: The call failed, so an oracle built on it is wrong.
    """
    if result.is_error:
        raise ValueError(f"{result.name} failed: {result.text}")
    return json.loads(result.text)


def mails_of(service: str, wanted: Iterable[str], *, days_back: int, label: str | None = None) -> OracleTurns:
    """Reads mails: pages through the newest until all that are wanted have been listed, then opens them."""
    missing, seen, offset = set(wanted), list[str](), 0
    while True:
        page: dict[str, Any] = {"days_back": days_back, "max_results": _PAGE, "offset": offset}
        listed = yield ToolCall(f"{service}_list_messages", page | ({"label": label} if label else {}))
        rows = payload(listed[0])["messages"]
        seen += [row["message_id"] for row in rows if row["message_id"] in missing]
        missing -= set(seen)
        # A page that was too long for a result has been cut.
        offset += len(rows)
        if not rows or not missing:
            break
    yield [ToolCall(f"{service}_get_message", {"message_id": item}) for item in seen]


def derived(solution: Callable[[], OracleTurns], reads: Sequence[ToolCall]) -> list[Callable[[], OracleTurns]]:
    """Returns further correct ways: turns of several calls reversed, harmless reads and one call a turn, errors first.

    A solution that yields writes together says that their order does not matter.
    """

    def reordered() -> OracleTurns:
        yield from _rewritten(solution(), lambda calls: [list(reversed(calls))])

    def one_by_one() -> OracleTurns:
        yield list(reads)
        yield from _rewritten(solution(), lambda calls: [[call] for call in calls])

    def recovering() -> OracleTurns:
        yield ToolCall("finish", {"note": "wrong arguments on purpose"})
        yield ToolCall("no_such_tool", {})
        yield from solution()

    return [reordered, one_by_one, recovering]


def _rewritten(turns: OracleTurns, rewrite: Callable[[list[ToolCall]], list[list[ToolCall]]]) -> OracleTurns:
    """Plays `turns` in another grouping; the solution still gets its own results, in its own order."""
    results: tuple[ToolResult, ...] | None = None
    while True:
        try:
            turn = turns.send(results) if results is not None else next(turns)
        except StopIteration:
            return
        calls = [turn] if isinstance(turn, ToolCall) else turn
        answers: dict[int, ToolResult] = {}
        for group in rewrite(calls):
            got = yield group
            answers |= {id(call): result for call, result in zip(group, got, strict=False)}
        results = tuple(answers[id(call)] for call in calls if id(call) in answers)
