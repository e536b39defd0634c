"""The policy that is done before it began."""

from __future__ import annotations

from claw_gym.core.toolset import Toolset
from claw_gym.rollout.cheating import Brief, Cheat, Turns

__all__ = ["FinishAtOnce"]


class FinishAtOnce(Cheat, name="finish_at_once"):
    """Finishes in the first turn with an answer made up from nothing but its schema."""

    def play(self, brief: Brief, tools: Toolset) -> Turns:
        """Finishes."""
        yield from self.close(self.filler(brief, ()))
