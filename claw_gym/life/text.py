"""Text from templates: `[[one|other]]` picks wording, `{name.part:form}` fills in a value; then a person's style."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from claw_gym.core.seeding import Stream
from claw_gym.life.articles import mended
from claw_gym.life.draft import Person
from claw_gym.life.mail_form import Said, quoted, signature
from claw_gym.life.persona import Style
from claw_gym.life.voice import spoken

__all__ = [
    "MONTHS",
    "WEEKDAYS",
    "Moment",
    "Money",
    "code",
    "codes",
    "expand",
    "letter",
    "money_text",
    "paragraphs",
    "title",
]

# The innermost choices, so that a choice may hold others.
_CHOICE = re.compile(r"\[\[((?:(?!\[\[|\]\]).)*)\]\]", re.DOTALL)
_FULL_STOP = re.compile(r"(?<=[a-z]{2})\.(?= [A-Z])")
_ELLIPSIS_CHANCE = 0.3
_BLANKS = re.compile(r"(?<=\S) {2,}")
_BLANK_BEFORE_MARK = re.compile(r" +(?=[,.;:!?](?:\s|$))")
_SENTENCE_START = re.compile(r"(^|[.!?] |\n)([A-Z][a-z]*)(?![A-Za-z0-9])")
# Only plain words: the name of a job, an address or a file keeps its spelling; and not after "etc." and the like.
_SENTENCE_HEAD = re.compile(r"(^|\n|(?<=[a-z]{4})[.!?] )([a-z])(?=[a-z]*[ ,.!?])")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$", "CAD": "$", "AUD": "$"}


def money_text(amount: Any, currency: str) -> str:
    """Returns an amount as people at home write it, such as €1,240.50; `currency` is an ISO code."""
    return f"{_SIGNS.get(currency, currency + ' ')}{amount:,.2f}"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount; form "" is `€1,240.50`, "iso" is `EUR 1240.50`, "round" leaves zero cents out."""

    amount: float
    currency: str = "EUR"

    def __format__(self, form: str) -> str:
        """Returns the amount as text in `form`."""
        if form == "iso":
            return f"{self.currency} {self.amount:.2f}"
        text = money_text(self.amount, self.currency)
        return text.removesuffix(".00") if form == "round" else text


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in local time; forms: weekday, day (Thursday 12 March), date (12 March), full, time, month, year, iso."""

    at: datetime

    def __format__(self, form: str) -> str:
        """Returns the moment as text in `form`; English names come from here because strftime follows the locale."""
        at = self.at
        forms = {
            "weekday": WEEKDAYS[at.weekday()],
            "day": f"{WEEKDAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]}",
            "date": f"{at.day} {MONTHS[at.month - 1]}",
            "full": f"{at.day} {MONTHS[at.month - 1]} {at.year}",
            "time": f"{at.hour}:{at.minute:02d}",
            "month": MONTHS[at.month - 1],
            "year": str(at.year),
            "iso": at.date().isoformat(),
        }
        return forms[form]


def code(form: str, rng: Stream, year: int = 2026) -> str:
    """Returns `form` with each `#` replaced by a digit and `{yy}` by the year; the first digit of a run is not zero."""
    form = form.replace("{yy}", f"{year % 100:02d}")
    return re.sub(r"#+", lambda run: str(rng.randint(10 ** (len(run[0]) - 1), 10 ** len(run[0]) - 1)), form)


def codes(form: str, rng: Stream, count: int) -> tuple[str, ...]:
    """Returns so many different codes of a form."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[code(form, rng)] = None
    return tuple(found)


def expand(text: str, rng: Stream, values: Mapping[str, Any]) -> str:
    """Returns `text` with every choice made and every value filled in.

    Raises:
        KeyError: The text names a value that `values` lacks.
    """
    while "[[" in text:
        text, made = _CHOICE.subn(lambda match: rng.choice(match[1].split("|")), text)
        if not made:
            break
    # A choice that was left empty leaves its blanks behind.
    filled = _BLANKS.sub(" ", _BLANK_BEFORE_MARK.sub("", text.format_map(values)))
    return mended(filled.strip())


def paragraphs(text: str) -> str:
    """Returns `text` with a blank line between its lines, except between items of a list."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    out = lines[:1]
    for before, line in pairwise(lines):
        both_items = line.startswith("- ") and before.startswith("- ")
        out.append(("\n" if both_items else "\n\n") + line)
    return "".join(out)


def title(text: str) -> str:
    """Returns `text` with its first letter a capital, as subjects and headings have it."""
    return text[:1].upper() + text[1:]


def letter(
    body: str,
    style: Style,
    sender: Person,
    greeting: str,
    proper: frozenset[str],
    rng: Stream,
    *,
    signed: bool = True,
    reply: bool = False,
    answers: Said | None = None,
) -> str:
    """Returns a mail body in the sender's manner: turns of phrase, greeting, habits of the keyboard, sign-off.

    What the sender's mail program adds comes below: signature block, the message that is answered.

    Args:
        body: The text, one paragraph a line.
        style: How the sender writes to this recipient.
        sender: Who signs.
        greeting: The first line, "" for none.
        proper: Names, which keep their capital with people who never press shift.
        rng: Picks the sign-off.
        signed: False for what was never finished.
        reply: Whether it answers something; terse people leave greeting and sign-off out then.
        answers: What it answers, which may be quoted below.
    """
    closing = rng.choice(style.close).format_map(
        {"name": sender.name, "first": sender.first, "company": sender.company}
    )
    text = typed(raised(spoken(paragraphs(body), sender.key, rng)), style, proper, rng)
    quote = quoted(answers, sender, rng)
    if reply and "terse" in style.habits:
        parts = [text, quote]
    else:
        ending = (closing, signature(sender, reply=reply)) if signed else ()
        parts = [greeting, text, *ending, quote]
    return "\n\n".join(part for part in parts if part)


def raised(text: str) -> str:
    """Returns `text` with a capital at the start of each sentence; a value that was filled in there may lack it."""
    return _SENTENCE_HEAD.sub(lambda found: found[1] + found[2].upper(), text)


def typed(text: str, style: Style, proper: frozenset[str], rng: Stream) -> str:
    """Returns `text` as somebody with these habits of the keyboard types it."""
    if "dash" in style.habits:
        text = re.sub(r"(?<=[a-z]): (?=[a-z])", " - ", text)
    if "exclaim" in style.habits:
        # One exclamation mark a mail: the end of the first paragraph, unless it asks something.
        text = re.sub(r"(?<=[a-z])\.(?=\n|$)", "!", text, count=1)
    if "ellipsis" in style.habits and rng.random() < _ELLIPSIS_CHANCE:
        text = _FULL_STOP.sub("...", text, count=1)
    if "lower" in style.habits:
        text = _SENTENCE_START.sub(
            lambda found: found[1] + (found[2] if found[2] in proper else found[2].lower()), text
        )
        text = re.sub(r"\bI\b", "i", text)
    return text
