"""The policy that believes the latest word."""

from __future__ import annotations

from claw_gym.core.toolset import Toolset
from claw_gym.rollout.cheating import Brief, Cheat, Turns, first_of_each

__all__ = ["NewestRecords"]


class NewestRecords(Cheat, name="newest_records"):
    """Opens the newest records of every service and copies from them.

    It makes the writes that the request speaks of with their values, and answers with them. What lies ahead, as in a
    calendar, counts as newest when it comes first.
    """

    def play(self, brief: Brief, tools: Toolset) -> Turns:
        """Looks, opens, writes and finishes."""
        rows = yield from self.look(tools, brief)
        past = sorted((row for row in rows if row.stamp <= brief.now), key=lambda row: row.stamp, reverse=True)
        ahead = sorted((row for row in rows if row.stamp > brief.now), key=lambda row: row.stamp)
        newest = first_of_each([*past, *ahead], count=self.rng.randint(1, 2))
        opened = yield from self.open(tools, newest)
        self.rng.shuffle(opened)
        filler = self.filler(brief, opened, inside=True)
        yield from self.write(tools, brief, filler)
        yield from self.close(filler)
