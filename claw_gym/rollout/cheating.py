"""The base of cheating policies: they look, copy and finish, and understand nothing.

A task is worth something only while these earn nothing in it. They try as hard as a cheap program can: they list with
wide arguments, open what looks likely, copy values into the fields of writes and answers by name and form, and send
answers that are valid by their schema.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import gymnasium as gym

from claw_gym.core.seeding import Stream, stream
from claw_gym.core.tool import Tool, ToolCall, ToolResult
from claw_gym.core.toolset import Toolset
from claw_gym.envs import ClawEnv
from claw_gym.rollout.filling import Filler
from claw_gym.rollout.gleaning import Row, Value, rows_in, values_in
from claw_gym.rollout.policy import NamedPolicy, Observation

__all__ = ["Brief", "Cheat", "Turns", "first_of_each", "ids_of", "likely"]

Turns = Generator[ToolCall | list[ToolCall], tuple[ToolResult, ...], None]
"""A cheat as it plays: yields turns, receives their results."""

_MOST_CALLS = 50
_FINISHES = 6
"""Three malformed answers are refused, and something may come in once before the end."""
_REQUEST = re.compile(r"What you may do:(?P<note>.*?)\n\n(?P<request>.*?)(?:\n\nClose with finish|\Z)", re.DOTALL)
_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)\b[A-Z][\w'&-]+(?:\s+[A-Z][\w'&-]+)*", re.MULTILINE)
_COMMON_CHARS = 4
_WIDE: dict[str, Any] = {"days_back": 90, "days": 30, "max_results": 100, "limit": 100}
"""Arguments with which listings show much."""
_SAYINGS = {
    "send": ("send", "mail", "write", "tell", "reply", "answer", "ask", "message"),
    "submit": ("submit", "file", "report"),
    "create": ("create", "add", "enter", "order", "book", "schedule", "put", "new", "move"),
    "delete": ("delete", "remove", "cancel", "move", "clear"),
    "update": ("update", "change", "correct", "set", "mark", "raise", "lower"),
    "close": ("close", "resolve"),
    "save": ("draft",),
    "publish": ("publish", "digest"),
    "share": ("share",),
}
"""Verb in a tool's name -> words of a request that may mean it."""


@dataclass(frozen=True)
class Brief:
    """What stands in a briefing.

    Attributes:
        text: All of it.
        now: The moment it is given, ISO.
    """

    text: str
    now: str

    @cached_property
    def lower(self) -> str:
        """All of it in lower case."""
        return self.text.lower()

    @cached_property
    def note(self) -> str:
        """The delegation note; "" where none is found."""
        match = _REQUEST.search(self.text)
        return match["note"].strip() if match else ""

    @cached_property
    def request(self) -> str:
        """The request or the heartbeat; the whole text where none is found."""
        match = _REQUEST.search(self.text)
        return match["request"].strip() if match else self.text

    @cached_property
    def names(self) -> list[str]:
        """What the request names with a capital, the longest first."""
        return sorted(dict.fromkeys(_NAME.findall(self.request)), key=len, reverse=True)

    @cached_property
    def words(self) -> list[str]:
        """The longer words of the request, in lower case."""
        return list(dict.fromkeys(re.findall(rf"[a-z][\w-]{{{_COMMON_CHARS},}}", self.request.lower())))


class Cheat(NamedPolicy):
    """A policy that plays a generator; a subclass says which turns."""

    def __init__(self) -> None:
        """Starts with seed 0 and without knowing the form of the answer."""
        self._form: dict[str, Any] | None = None
        self.begin(0)

    def bind(self, env: gym.Env[Any, Any]) -> None:
        """Takes the form of the answer, which agents read in the briefing, as a schema; nothing else of the env."""
        inner = env.unwrapped
        form = inner.world.terms.answer if isinstance(inner, ClawEnv) else None
        self._form = form.model_json_schema() if form else None

    def begin(self, seed: int) -> None:
        """Starts an episode with its own draws."""
        self.rng: Stream = stream(seed, "policy", self.name)
        self._turns: Turns | None = None

    @abstractmethod
    def play(self, brief: Brief, tools: Toolset) -> Turns:
        """Yields the turns of an episode; when they end before the episode does, it finishes without an answer."""

    def act(self, observation: Observation, tools: Toolset) -> ToolCall | list[ToolCall]:
        """Returns the next turn."""
        try:
            if self._turns is not None:
                return self._turns.send(tuple(observation["results"]))
            self._turns = self.play(Brief(str(observation["text"]), str(observation["now"])), tools)
            return next(self._turns)
        except StopIteration:
            return ToolCall("finish", {"message": "Done."})

    def look(self, tools: Toolset, brief: Brief, query: str = "") -> Generator[list[ToolCall], Any, list[Row]]:
        """Calls every listing with wide arguments and returns the rows.

        Args:
            tools: What may be called.
            brief: Says what day it is.
            query: Words for the listings that search; "" for all they have.
        """
        calls = [call for item in tools.values() if (call := _listing(item, brief, query))]
        return (yield from self._rows(calls))

    def open(self, tools: Toolset, rows: Iterable[Row]) -> Generator[list[ToolCall], Any, list[Row]]:
        """Gets rows whole and returns them; a row that nothing gets stays as it is."""
        kept, calls = [], []
        for row in rows:
            call = _getter(tools, row)
            if call is None:
                kept.append(row)
            elif call not in calls:
                calls.append(call)
        opened = yield from self._rows(calls)
        return opened + kept

    def _rows(self, calls: Sequence[ToolCall]) -> Generator[list[ToolCall], Any, list[Row]]:
        rows: list[Row] = []
        for start in range(0, len(calls), _MOST_CALLS):
            results = yield list(calls[start : start + _MOST_CALLS])
            rows += [row for result in results for row in rows_in(result)]
        return rows

    def filler(self, brief: Brief, rows: Iterable[Row], *, inside: bool = False) -> Filler:
        """Returns what fills schemas from rows; with `inside`, also from the values in their texts."""
        # The person's own addresses stand in the briefing and are nobody's to write to.
        values = [value for row in rows for value in row.values if not _own(value, brief)]
        if inside:
            now = datetime.fromisoformat(brief.now)
            texts = [value for value in values if value.form == "text"]
            found = (item for text in texts for item in values_in(str(text.value), text.field, now))
            values += [value for value in found if not _own(value, brief)]
        return Filler(values, self.rng, now=brief.now, about=brief.request.lower())

    def write(self, tools: Toolset, brief: Brief, filler: Filler) -> Turns:
        """Makes the writes that the request speaks of; where there is none to go by, those of the note or none."""
        wanted = _asked_for(tools, brief.request)
        if not wanted and self.rng.random() < 0.5:
            wanted = _asked_for(tools, brief.note)
        calls = [ToolCall(item.name, filler.fill(item.parameters)) for item in wanted]
        if calls:
            yield calls[:_MOST_CALLS]

    def close(self, filler: Filler) -> Turns:
        """Finishes with an answer that is valid by its schema, again where it is refused."""
        for _ in range(_FINISHES):
            arguments: dict[str, Any] = {"message": "Done."}
            if self._form is not None:
                arguments["answer"] = filler.fill(self._form, every=True)
            yield ToolCall("finish", arguments)


def _own(value: Value, brief: Brief) -> bool:
    return value.form == "address" and str(value.value).lower() in brief.lower


def _listing(item: Tool, brief: Brief, query: str) -> ToolCall | None:
    """Returns a call that lists much, or None for a tool that lists nothing by itself."""
    if item.write or item.provider == "user":
        return None
    properties, required = item.parameters["properties"], item.parameters.get("required", ())
    known = {**_WIDE, "date": brief.now[:10], "query": query}
    known |= {name: "all" for name, part in properties.items() if '"all"' in part.get("description", "")}
    if not set(required) <= set(known):
        return None
    given = {name: known[name] for name in properties if name in known}
    for name in ("max_results", "limit"):
        if name in given:
            given[name] = min(given[name], properties[name].get("maximum", given[name]))
    if not query and "query" not in required:
        given.pop("query", None)
    return ToolCall(item.name, given)


def _getter(tools: Toolset, row: Row) -> ToolCall | None:
    """Returns the call that gets a row whole: a reading tool of its service that needs its id and nothing else."""
    if row.key is None or row.tool not in tools:
        return None
    field, record_id = row.key
    provider = tools[row.tool].provider
    for item in tools.values():
        if not item.write and item.provider == provider and item.parameters.get("required") == [field]:
            return ToolCall(item.name, {field: record_id})
    return None


def _asked_for(tools: Toolset, text: str) -> list[Tool]:
    """Returns the writing tools that a text may mean, at most two of a service, in an order that people would take."""
    text = text.lower()
    found: dict[str, list[tuple[int, Tool]]] = {}
    for item in tools.values():
        if item.write and item.provider != "user":
            worth = sum(1 for word in _meant(item) if re.search(rf"\b{re.escape(word[:6])}", text))
            of_service = item.provider in text or any(word in text for word in _nouns(item))
            if worth and of_service:
                found.setdefault(item.provider, []).append((worth, item))
    best = [sorted(items, key=lambda pair: -pair[0])[:2] for items in found.values()]
    # New before old: whoever moves something enters it first.
    return sorted((item for items in best for _, item in items), key=lambda item: "delete" in item.name)


def _meant(item: Tool) -> Iterator[str]:
    for part in item.name.split("_")[1:]:
        yield from _SAYINGS.get(part, (part,))


def _nouns(item: Tool) -> Iterator[str]:
    return (part for part in item.name.split("_")[1:] if part not in _SAYINGS and len(part) > 3)


def likely(rows: Sequence[Row], brief: Brief) -> list[Row]:
    """Returns rows by how many names and words of the request they hold, the most first; equal ones stay in order."""
    names = [name.lower() for name in brief.names]

    def worth(row: Row) -> int:
        return 5 * sum(name in row.text for name in names) + sum(word in row.text for word in brief.words)

    return sorted(rows, key=worth, reverse=True)


def first_of_each(rows: Iterable[Row], count: int = 1) -> list[Row]:
    """Returns the first rows of each tool, at most `count` of each."""
    taken: dict[str, list[Row]] = {}
    for row in rows:
        taken.setdefault(row.tool, []).append(row)
    return [row for found in taken.values() for row in found[:count]]


def ids_of(rows: Iterable[Row]) -> list[str]:
    """Returns the ids of rows, in order."""
    return [row.key[1] for row in rows if row.key]
