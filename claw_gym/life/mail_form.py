"""What mail programs add to what people write: signature blocks, notices of the firm, the message that is answered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from claw_gym.core.seeding import Stream, stream
from claw_gym.life.draft import Person
from claw_gym.life.library import template

__all__ = ["SIGNATURE_MARK", "Said", "footer", "is_quote_head", "own_words", "quoted", "signature"]

SIGNATURE_MARK = "-- "
"""The line above a signature block. Source: RFC 3676, section 4.3."""
_QUOTE_MARK = "> "
_QUOTE_HEAD = re.compile(r"On .{6,90} wrote:$")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Some mail programs quote by themselves, others do not; and now and then somebody takes it out, or puts it in.
_QUOTING = 0.55
_FAITHFUL = 0.85
_SIGNS_REPLIES = 0.5
_OUTSIDE = ("supplier", "client")


@dataclass(frozen=True, slots=True)
class Said:
    """A mail that may be answered: when it came, from whom, and what it said."""

    at: datetime
    name: str
    body: str


@lru_cache(maxsize=4096)
def signature(person: Person, *, reply: bool) -> str:
    """Returns the block that somebody's mails end with, its mark included; "" where they have none.

    It is drawn by the address, so that one person has the same in every mail; some leave it out in replies.
    """
    rng = stream(0, "signature", person.email)
    lines = rng.choice(template("mail_form")["signatures"][person.group])
    signs_replies = rng.random() < _SIGNS_REPLIES
    domain = person.email.rpartition("@")[2]
    notice = stream(0, "notice", domain).choice(template("mail_form")["notices"]) if person.group in _OUTSIDE else ""
    block = "" if reply and not signs_replies else lines
    # A notice comes from the server, whether somebody signs or not.
    told = "\n".join(part for part in (block, notice) if part).format(person=person, domain=domain)
    return f"{SIGNATURE_MARK}\n{told}" if told else ""


@lru_cache(maxsize=1024)
def footer(person: Person) -> str:
    """Returns what stands below the mails that a machine sends in somebody's name; "" where nothing does."""
    told: str = stream(0, "footer", person.email).choice(template("mail_form")["footers"])
    return f"{SIGNATURE_MARK}\n{told.format(person=person, domain=person.email.rpartition('@')[2])}" if told else ""


def quoted(said: Said | None, writer: Person, rng: Stream) -> str:
    """Returns the message that a reply answers as the writer's mail program quotes it; "" where it does not."""
    quotes = stream(0, "quotes", writer.email).random() < _QUOTING
    if rng.random() >= _FAITHFUL:
        quotes = not quotes
    if said is None or not quotes:
        return ""
    head = f"On {said.at.day} {_MONTHS[said.at.month - 1]} {said.at.year}, {said.name} wrote:"
    lines = (f"{_QUOTE_MARK}{line}".rstrip() for line in own_words(said.body).split("\n"))
    return "\n".join((head, *lines))


def own_words(body: str) -> str:
    """Returns a mail without what the mail program added: from the signature mark or the head of a quote on."""
    kept = []
    for line in body.split("\n"):
        if line == SIGNATURE_MARK or is_quote_head(line):
            break
        kept.append(line)
    return "\n".join(kept).strip()


def is_quote_head(line: str) -> bool:
    """Tells whether a line introduces a quoted message."""
    return _QUOTE_HEAD.match(line) is not None
