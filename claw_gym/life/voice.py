"""How people put things: each has favourites among turns of phrase that mean the same."""

from __future__ import annotations

import re
from functools import lru_cache

from claw_gym.core.seeding import Stream, stream
from claw_gym.life.articles import mended
from claw_gym.life.library import template

__all__ = ["spoken"]

# People are not machines: now and then somebody says it another way.
_FAITHFUL = 0.7


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    phrases = sorted(template("turns_of_phrase"), key=len, reverse=True)
    # A word has to follow, for "he said he would" bears no contraction; some words make another phrase of it, and so do
    # "no" and "with" before it ("no need to", "with thanks for").
    return re.compile(
        rf"(?<![\w'-])(?<!\bno )(?<!\bwith )({'|'.join(map(re.escape, phrases))})(?= (?!of\b|as\b|much\b)[a-z])",
        re.IGNORECASE,
    )


@lru_cache(maxsize=512)
def _favourites(key: str) -> dict[str, str]:
    rng = stream(0, "voice", key)
    return {phrase: rng.choice(options) for phrase, options in template("turns_of_phrase").items()}


def spoken(text: str, key: str, rng: Stream) -> str:
    """Returns `text` in somebody's own turns of phrase.

    Args:
        text: What is said.
        key: Who says it; the same key always has the same favourites.
        rng: Draws where they are left.
    """
    favourites, options = _favourites(key), template("turns_of_phrase")

    def say(match: re.Match[str]) -> str:
        phrase = match[1].lower()
        said: str = favourites[phrase] if rng.random() < _FAITHFUL else rng.choice(options[phrase])
        return said[0].upper() + said[1:] if match[1][0].isupper() else said

    return mended(_pattern().sub(say, text))
