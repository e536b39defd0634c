"""The policy that plays at random with what it has seen."""

from __future__ import annotations

from claw_gym.core.tool import ToolCall
from claw_gym.core.toolset import Toolset
from claw_gym.rollout.cheating import Brief, Cheat, Turns
from claw_gym.rollout.filling import Filler
from claw_gym.rollout.gleaning import Row, rows_in

__all__ = ["SeenValueRandom"]

_READS = 12
_ROWS = 12


class SeenValueRandom(Cheat, name="seen_value_random"):
    """Reads at random with arguments from earlier results, then writes and answers with values drawn from those.

    It looks around first, so that there are values to draw from, and makes the writes that the request speaks of.
    """

    def play(self, brief: Brief, tools: Toolset) -> Turns:
        """Looks, reads at random, writes and finishes."""
        rows = yield from self.look(tools, brief)
        reads = [item for item in tools.values() if not item.write and item.provider != "user"]
        for _ in range(_READS if reads else 0):
            item = self.rng.choice(reads)
            results = yield ToolCall(item.name, self._drawn(brief, rows).fill(item.parameters))
            rows += [row for result in results for row in rows_in(result)]
        yield from self.write(tools, brief, self._drawn(brief, rows))
        yield from self.close(self._drawn(brief, rows))

    def _drawn(self, brief: Brief, rows: list[Row]) -> Filler:
        """Returns what fills schemas from a few rows drawn at random, their texts included."""
        return self.filler(brief, self.rng.sample(rows, min(_ROWS, len(rows))), inside=True)
