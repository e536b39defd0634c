"""The policy that takes the first thing a search brings up."""

from __future__ import annotations

from claw_gym.core.toolset import Toolset
from claw_gym.rollout.cheating import Brief, Cheat, Turns, first_of_each, likely

__all__ = ["FirstHit"]

_SEARCHES = 2


class FirstHit(Cheat, name="first_hit"):
    """Searches every service for what the request names, opens the first hit, and copies from it.

    It makes the writes that the request speaks of with the values of the hits, and answers with them.
    """

    def play(self, brief: Brief, tools: Toolset) -> Turns:
        """Searches, opens, writes and finishes."""
        providers = {item.provider for item in tools.values()}
        names = [name for name in brief.names if name.lower() not in providers]
        everything = yield from self.look(tools, brief)
        found = []
        for name in names[:_SEARCHES]:
            found += yield from self.look(tools, brief, query=name)
        hits = first_of_each([*likely(found, brief), *likely(everything, brief)])
        opened = yield from self.open(tools, hits)
        filler = self.filler(brief, likely(opened, brief), inside=True)
        yield from self.write(tools, brief, filler)
        yield from self.close(filler)
