"""Every exception of the package, in one tree.

ClawGymError
├── UsageError              the caller's input is wrong; the command line prints the sentence and exits with 2
│   ├── UnknownNameError    no such service, family, persona, policy ...; names the nearest one
│   ├── TaskNameError       a task name that is malformed or belongs to another split
│   └── PackError           a published task directory is broken; names file and field
│       └── UnsupportedPackError   the directory is sound but needs a service that does not exist here yet
├── ToolError               the agent's mistake; becomes a `ToolResult` with `is_error`, never leaves `step`
└── InfrastructureError     a backend failed (Docker gone, phone disconnected, judge unreachable); the episode
                            ends truncated with `outcome.failure` set and `outcome.success` None

Anything else that is raised is a defect of ours and passes through.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "ClawGymError",
    "InfrastructureError",
    "PackError",
    "TaskNameError",
    "ToolError",
    "UnknownNameError",
    "UnsupportedPackError",
    "UsageError",
    "nearest",
]


class ClawGymError(Exception):
    """Base of all exceptions of the package."""


class UsageError(ClawGymError, ValueError):
    """The caller's input is wrong; the message says what would be right."""


class UnknownNameError(UsageError, KeyError):
    """A name that is not registered; the message names the nearest one. A KeyError too, for registries are mappings."""

    def __init__(self, kind: str, name: object = None, known: Iterable[str] | None = None) -> None:
        """Builds the message.

        Args:
            kind: What was looked up, such as "service"; alone, the whole message, for pickle and Gymnasium's vector
                envs make an exception again from that.
            name: What was asked for.
            known: All names that exist.
        """
        if known is None:
            super().__init__(kind)
            return
        known = sorted(known)
        hint = nearest(str(name), known)
        rest = f"Did you mean {hint!r}?" if hint else f"Known: {', '.join(known) or 'none'}."
        super().__init__(f"No {kind} named {name!r}. {rest}")

    def __str__(self) -> str:
        """Returns the message as it is; a KeyError would show it in quotes."""
        return str(self.args[0])


class TaskNameError(UsageError):
    """A task name that is malformed or belongs to another split."""


class PackError(UsageError):
    """A published task directory is broken; the message names file and field."""


class UnsupportedPackError(PackError):
    """A sound pack that needs a service which does not exist here yet."""


class ToolError(ClawGymError):
    """The agent's mistake: one sentence saying what was wrong and what would be right."""


class InfrastructureError(ClawGymError):
    """A backend failed through no fault of the agent."""


_LEAST_ALIKE = 0.6
"""How alike names are at least, from 0 to 1, for one to be offered in place of the other."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Returns the known name most like `name`, or None when nothing is alike."""
    return _nearest(name[:100], known)


def _nearest(name: str, known: Iterable[str]) -> str | None:
    """Does what `difflib.get_close_matches(name, known, n=1, cutoff=0.6)` does, and skips what cannot win early.

    Among thousands of ids that one differs by a digit or by everything, and it takes milliseconds to compare them all.
    """
    items = list(known)
    # What is left of each without the letters of the name is not shared; all at once, since that is what takes long.
    left = "\0".join(items).translate(dict.fromkeys(map(ord, name.replace("\0", "")))).split("\0")
    if len(left) != len(items):
        left = [""] * len(items)  # an item holds the mark itself; then none is skipped
    matcher: difflib.SequenceMatcher[str] = difflib.SequenceMatcher()
    matcher.set_seq2(name)
    size, best, found = len(name), _LEAST_ALIKE, None
    for item, rest in zip(items, left, strict=True):
        whole = len(item) + size
        if whole and 2.0 * (len(item) - len(rest)) / whole < best:
            continue
        matcher.set_seq1(item)
        if matcher.quick_ratio() >= best and (ratio := matcher.ratio()) >= best and (ratio, item) > (best, found or ""):
            best, found = ratio, item
    return found
