"""The policy that leaves it to the person."""

from __future__ import annotations

from claw_gym.core.tool import ToolCall
from claw_gym.core.toolset import Toolset
from claw_gym.rollout.cheating import Brief, Cheat, Turns, first_of_each, ids_of

__all__ = ["NotifyEverything"]

_NOTICES = 3
_RECORDS_EACH = 100


class NotifyEverything(Cheat, name="notify_everything"):
    """Lists everything, notifies the person of all of it, and answers with the first records of every service."""

    def play(self, brief: Brief, tools: Toolset) -> Turns:
        """Looks, notifies three times, and finishes."""
        rows = yield from self.look(tools, brief)
        firsts = first_of_each(rows, count=3)
        self.rng.shuffle(firsts)
        if "user_notify" in tools:
            ids = ids_of(rows)
            for start in range(0, _NOTICES * _RECORDS_EACH, _RECORDS_EACH):
                cited = ids[start : start + _RECORDS_EACH]
                yield ToolCall("user_notify", {"message": "All of this may need your attention.", "records": cited})
        yield from self.close(self.filler(brief, firsts))
