"""The indefinite article: whether a word that a template was filled with takes "a" or "an"."""

from __future__ import annotations

import re

__all__ = ["mended", "takes_an"]

# Lower case anywhere; a capital only where a sentence may begin, since "Plan A is" holds no article.
_ARTICLE = re.compile(r"(?:(?<![\w'&/.-])(an?)|(?:(?<=^)|(?<=[.!?:] )|(?<=\n)|(?<=\n- ))(An?)) (?=([A-Za-z0-9]+))")
_SOUNDS_LIKE_YOU = re.compile(r"(?:uni(?!n|m)|us[aeiu]|ut[ei]|uk|eu|ew|ubiq|u-|u$)", re.IGNORECASE)
_ONE = re.compile(r"(?:one(?![a-z])|once)", re.IGNORECASE)
_SILENT_H = re.compile(r"(?:hour|honest|honou?r|heir)", re.IGNORECASE)
_EIGHT = re.compile(r"(?:8\d*|11|18)(?![0-9])|8\d{0,2}\b")
# After these, "a" was a letter and no article.
_NO_NOUN = frozenset({"is", "and", "or", "of", "in", "on", "at", "as", "are", "if", "it", "to", "the", "was", "for"})


def takes_an(word: str) -> bool | None:
    """Tells whether "an" stands before `word`; None for abbreviations, which nobody but a reader can say."""
    if len(word) > 1 and word.isupper():
        return None
    if word[0].isdigit():
        return _EIGHT.match(word) is not None
    if word[0].lower() in "aeiou":
        return not (_SOUNDS_LIKE_YOU.match(word) or _ONE.match(word))
    return _SILENT_H.match(word) is not None


def mended(text: str) -> str:
    """Returns `text` with every "a" and "an" as the next word wants it."""

    def mend(match: re.Match[str]) -> str:
        article, word = match[1] or match[2], match[3]
        wanted = takes_an(word)
        if wanted is None or word in _NO_NOUN:
            return match[0]
        return f"{article[0]}{'n' if wanted else ''} "

    return _ARTICLE.sub(mend, text)
