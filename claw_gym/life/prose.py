"""The prose of a life, sentence by sentence: how varied it is, and the slips that filled-in templates leave."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from claw_gym.life.articles import mended
from claw_gym.life.draft import LifeDraft
from claw_gym.life.mail_form import own_words
from claw_gym.life.text import MONTHS, WEEKDAYS

__all__ = ["Slip", "Variety", "prose", "sentences", "skeleton", "slips", "variety"]

PROSE = {
    "gmail.messages": ("body",),
    "workmail.messages": ("body",),
    "todo.tasks": ("description",),
    "notes.notes": ("content",),
    "helpdesk.tickets": ("description", "resolution"),
    "kb.articles": ("content",),
    "rss.articles": ("content",),
    "crm.customers": ("notes",),
}
"""Table -> the fields that hold prose."""

_LEAST_WORDS = 4
_TOP = 100
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')]*\s+(?=[A-Z0-9\"'(a-z])|\n+")
_NUMBER = re.compile(r"\S*\d\S*")
# Whole lines that open or close a mail.
_GREETING = re.compile(r"(?:.{0,40},|(?:hi|hello|hey|dear|good (?:day|morning|afternoon))\b.{0,40})$", re.IGNORECASE)
_SLIPS = {
    "a value left unfilled": re.compile(r"[{}]|\[\[|\]\]|[a-z,] None\b|\bTODO\b(?!-)|\|(?=\w)"),
    "a word doubled": re.compile(r"\b(?!had|that|is|her|bora|so|moin)([a-z]{2,}) \1\b(?!-)", re.IGNORECASE),
    "punctuation doubled": re.compile(r"(?<!\.)\.\.(?!\.)|,,|;;|[,;:]\.|\?\.|!\.| ,| \.(?!\w)|  +(?=\S)"),
    "a plural after one": re.compile(
        r"(?<![\d.,:/-])\b(?:1|[Oo]ne) (?:days|weeks|"
        r"months|hours|minutes|people|persons|pieces|boxes|items|mails|copies|rooms|seats|guests|times)\b"
    ),
}


@dataclass(frozen=True, slots=True)
class Variety:
    """How varied the sentences of a life are.

    Attributes:
        sentences: How many there are of at least four words, greetings, sign-offs and quotes left out.
        unique: The share of them that occurs once, in [0, 1].
        skeletons: How many different ones there are with names, numbers and dates masked.
        top_share: The share of sentences that the 100 commonest skeletons make.
    """

    sentences: int
    unique: float
    skeletons: int
    top_share: float


@dataclass(frozen=True, slots=True)
class Slip:
    """Something a reader stumbles over."""

    table: str
    record_id: str
    what: str
    excerpt: str


def prose(draft: LifeDraft) -> Iterator[tuple[str, str, str]]:
    """Yields (table, record id, text) of every field of a life that holds prose."""
    for table, fields in PROSE.items():
        for slot in draft.tables[table]:
            for field in fields if slot.record is not None else ():
                text = slot.record.get(field) if slot.record else None
                if text:
                    yield table, slot.id, str(text)


def sentences(text: str) -> list[str]:
    """Returns the sentences of at least four words in `text`, without greetings, sign-offs, signatures and quotes."""
    found = []
    for line in (raw.strip().removeprefix("- ") for raw in own_words(text).split("\n")):
        if not line or _GREETING.match(line):
            continue
        found += [part.strip() for part in _SENTENCE_END.split(line) if len(part.split()) >= _LEAST_WORDS]
    return found


def names_in(draft: LifeDraft) -> frozenset[str]:
    """Returns every word that is part of a name in a life, days and months included."""
    names = [person.name for person in draft.people]
    names += [person.first for person in draft.people]
    names += [company.name for company in (*draft.suppliers, *draft.clients)]
    names += [company.domain for company in (*draft.suppliers, *draft.clients)]
    names += [project.name for project in draft.projects]
    names += [draft.persona.employer, draft.persona.city]
    return frozenset(word for name in names for word in re.findall(r"[^\W\d_]+", name)).union(WEEKDAYS, MONTHS)


def skeleton(sentence: str, names: frozenset[str]) -> str:
    """Returns `sentence` in lower case with every name and number masked."""
    masked = _NUMBER.sub("#", sentence)
    return re.sub(r"[^\W\d_]+", lambda word: "@" if word[0] in names else word[0].lower(), masked)


def variety(draft: LifeDraft) -> Variety:
    """Measures the sentences of a life."""
    every = [sentence for _, _, text in prose(draft) for sentence in sentences(text)]
    names = names_in(draft)
    counts, skeletons = Counter(every), Counter(skeleton(sentence, names) for sentence in every)
    total = max(1, len(every))
    return Variety(
        sentences=len(every),
        unique=sum(1 for count in counts.values() if count == 1) / total,
        skeletons=len(skeletons),
        top_share=sum(count for _, count in skeletons.most_common(_TOP)) / total,
    )


def slips(draft: LifeDraft) -> list[Slip]:
    """Returns what is wrong with the prose of a life, as far as a machine can see it."""
    found = []
    for table, record_id, text in prose(draft):
        for what, pattern in _SLIPS.items():
            places = (text[max(0, match.start() - 30) : match.end() + 30] for match in pattern.finditer(text))
            found += [Slip(table, record_id, what, excerpt) for excerpt in places]
        # The customer list names desks of firms abroad in their own language.
        if table != "crm.customers" and mended(text) != text:
            found.append(Slip(table, record_id, "a wrong article", text[:80]))
    return found
