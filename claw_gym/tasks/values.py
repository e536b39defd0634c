"""Values in free text: money, days, moments, ids and addresses, however they are written.

`Mentions` is how free text counts in a predicate: by the decisive values in it, not by its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal

from claw_gym.tasks import reading
from claw_gym.tasks.reading import Span, blanked

__all__ = [
    "Mentions",
    "addresses_in",
    "days_in",
    "moments_in",
    "money_in",
    "money_text",
    "recipients",
    "times_in",
]

_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "EURO": "EUR", "EUROS": "EUR", "C$": "CAD", "A$": "AUD", "US$": "USD"}
_BARE_DOLLARS, _DOLLARS = ("$", "DOLLARS"), ("USD", "CAD", "AUD")
_SIGNS |= {"CA$": "CAD", "AU$": "AUD", "POUNDS": "GBP", "DOLLARS": "USD"}
_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)  # for what is asked without a day

_GAP = r"[ \t\u00a0\u202f]*"
_NUMBER = r"\d{1,3}(?P<mark>[ .,'\u2019\u00a0\u202f])\d{3}(?:(?P=mark)\d{3})*(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_SIGN = re.compile(
    r"(?:(?<![A-Za-z])(?:C|CA|A|AU|US)\$|[€$£]"
    r"|(?<![A-Za-z])(?<!\w-)(?:EUR|USD|GBP|CAD|AUD|euros?|pounds|dollars)(?![A-Za-z]))",
    re.IGNORECASE,
)
_NEXT_SIGN = re.compile(_GAP + _SIGN.pattern, re.IGNORECASE)
_BEFORE = re.compile(
    rf"(?<![\w.#])(?<!\d[,:/'\u2019])(?<!\w[-\u2013])(?P<n>{_NUMBER})(?:[.,][-\u2013\u2014])?(?P<gap>{_GAP})\Z"
)
# What is counted or goes on as an id, a range or a clock time is no amount.
_AFTER = re.compile(
    rf"(?P<gap>{_GAP})[-\u2212]?(?P<n>{_NUMBER})"
    r"(?![A-Za-z]|\d|[.,:/]\d|-\w|\s*(?:times|x|days?|weeks?|months?|hours?|min|pieces|items)\b)",
)
# "invoice 11 350.00 EUR" and "5 11 350.00 EUR" are not about eleven thousand.
_REFERENCE = re.compile(
    r"(?:(?<![\w-])\d+|#|\b(?:invoice|inv|order|receipt|reference|ref|number|no|nr|id|page|item|room|booking|factuur|bestelling|bon|"
    r"nummer|factuurnummer|ordernummer|bonnummer|version|qty|quantity|aantal)\b[.:#]?)\s*\Z",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def money_text(amount: Decimal, currency: str) -> str:
    """Returns money as typed answers hold it: a decimal with two places and the ISO currency."""
    return f"{amount:.2f} {currency}"


def _decimal(text: str) -> Decimal:
    """Reads a number in either convention: the last of . and , before one or two digits is the decimal mark."""
    match = re.fullmatch(r"(.*?)(?:[.,](\d{1,2}))?", text)
    assert match is not None  # noqa: S101  the pattern matches every text
    whole = re.sub(r"\D", "", match[1]) or "0"
    return Decimal(f"{whole}.{match[2] or '0'}")


def _number_before(text: str, taken: int, end: int) -> tuple[int, str, bool] | None:
    """Returns start, digits and nearness of the number that stands before a currency at `end`, if one does."""
    match = _BEFORE.search(text, max(taken, end - 40), end)
    if match is None:
        return None
    start, number = match.start("n"), match["n"]
    # No amount begins with "000", so that is a group for certain.
    if match["mark"] == " " and " 0" not in number and _REFERENCE.search(text, max(0, start - 20), start):
        start, number = start + number.index(" ") + 1, number.partition(" ")[2]
    return start, number, not match["gap"]


def _has_cents(number: str) -> bool:
    return re.search(r"[.,]\d{1,2}\Z", number) is not None


def _takes_before(text: str, before: tuple[int, str, bool], after: re.Match[str]) -> bool:
    """Tells whether a currency between two numbers belongs to the first."""
    _, number, near = before
    if near != (not after["gap"]):
        return near
    sign = _NEXT_SIGN.match(text, after.end())
    # In "12.00 EUR 5.00 EUR" each number has a currency after it.
    if sign and (_has_cents(number) or not _AFTER.match(text, sign.end())):
        return True
    return _has_cents(number) and not _has_cents(after["n"])


def _money(text: str, home: str) -> list[Span[str]]:
    """Returns the amounts in a text of which the dates are struck out."""
    found: list[Span[str]] = []
    taken = 0
    for sign in _SIGN.finditer(text):
        if sign.start() < taken:
            continue
        before, after = _number_before(text, taken, sign.start()), _AFTER.match(text, sign.end())
        mark = sign[0].upper()
        currency = home if mark in _BARE_DOLLARS and home in _DOLLARS else _SIGNS.get(mark, mark)
        if before and (after is None or _takes_before(text, before, after)):
            taken = sign.end()
            found.append(Span(before[0], taken, money_text(_decimal(before[1]), currency)))
        elif after:
            taken = after.end()
            found.append(Span(sign.start(), taken, money_text(_decimal(after["n"]), currency)))
    return found


@dataclass(frozen=True)
class _Reading:
    money: list[Span[str]]
    days: list[Span[date]]
    times: list[Span[tuple[time, ...]]]


def _read(text: str, now: datetime | None, home: str = "USD") -> _Reading:
    """Reads the surest forms first and strikes them out, so that no digit counts as two things."""
    at = now or _ANY_DAY
    stamps = reading.stamps(text, now.tzinfo if now else None)
    days, times = [day for day, _ in stamps], [clock for _, clock in stamps]
    rest = blanked(blanked(text, days), times)
    dates = reading.dates(rest, at)
    rest = blanked(rest, dates)
    money = _money(rest, home)
    rest = blanked(rest, money)
    loose = reading.loose_dates(rest, at)
    times += reading.times(blanked(rest, loose))
    return _Reading(money, reading.named_days(text, days + dates + loose, at), sorted(times))


def money_in(text: str, home: str = "USD") -> set[str]:
    """Returns every amount with a currency in `text`, as `money_text` writes it and without a minus.

    Args:
        text: Any text.
        home: The currency at home; where it is one of dollars, a bare $ means it.
    """
    return {item.value for item in _read(text, None, home).money}


def addresses_in(text: str) -> set[str]:
    """Returns every mail address in `text`, in lower case."""
    return {match.lower().rstrip(".") for match in _ADDRESS.findall(text)}


def recipients(to: str) -> frozenset[str]:
    """Returns the addresses of a mail's `to`, in lower case; a name alone stands as it is."""
    # A quoted name may hold a comma: "Bos, Ana" <ana@x.org>.
    unquoted = re.sub(r'"[^"]*"(?=\s*<)', "", to)
    found: set[str] = set()
    for part in (part.strip() for part in re.split(r"[,;\n]", unquoted)):
        # A name before <...> may itself look like an address; the mail goes to the one in brackets.
        bracketed = re.search(r"<([^<>]*)>", part)
        inside = addresses_in(bracketed[1]) if bracketed else set()
        found |= inside or addresses_in(part) or ({part.lower()} if part else set())
    return frozenset(found)


def days_in(text: str, now: datetime) -> set[date]:
    """Returns every day that `text` names.

    Args:
        text: Any text; days without a year lie within half a year of `now`, weekdays alone in the coming week.
        now: The moment of writing.
    """
    return {item.value for item in _read(text, now).days}


def times_in(text: str, now: datetime | None = None) -> set[time]:
    """Returns every time of day in `text`, to the minute; with `now`, moments with an offset are told in its zone."""
    return {item for span in _read(text, now).times for item in span.value}


def moments_in(text: str, now: datetime) -> set[datetime]:
    """Returns every moment in `text`: a day and a time that stand together, in the zone of `now`, to the minute."""
    read = _read(text, now)
    return {datetime.combine(*pair, tzinfo=now.tzinfo) for pair in reading.pairs(text, read.days, read.times)}


def _local(moment: datetime, now: datetime) -> datetime:
    """Returns a moment as the clocks where `now` is told show it."""
    if moment.tzinfo and now.tzinfo:
        moment = moment.astimezone(now.tzinfo)
    return moment.replace(second=0, microsecond=0, tzinfo=None)


@dataclass(frozen=True)
class Mentions:
    """What a free text must and must not say, by value.

    Attributes:
        money: Amounts that must occur, as `money_text` writes them.
        days: Days that must occur.
        moments: Moments of which day and time must occur together; of a range, the start counts.
        ids: Ids, numbers and other exact tokens that must occur, in any case.
        wrong: Tokens that must not occur: a near miss's invoice number, an old address.
        most: How many distinct values of a kind ("money", "days", "times") a correct text of ours has; twice that is
            allowed, so that listing everything does not pass for knowing.
        wrong_moments: Moments of which day and time must not occur together.
        currency: The currency at home: a bare $ means it where it is one of dollars.
    """

    money: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    moments: tuple[datetime, ...] = ()
    ids: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    most: Mapping[str, int] = field(default_factory=dict)
    wrong_moments: tuple[datetime, ...] = ()
    currency: str = "USD"

    def holds(self, text: str, now: datetime) -> bool:
        """Tells whether `text`, written at `now`, says all that is needed and nothing wrong."""
        money, days, times = money_in(text, self.currency), days_in(text, now), times_in(text, now)
        moments = {_local(item, now) for item in moments_in(text, now)}
        counts = {"money": len(money), "days": len(days), "times": len(times)}
        return (
            set(self.money) <= money
            and set(self.days) <= days
            and {_local(item, now) for item in self.moments} <= moments
            and moments.isdisjoint(_local(item, now) for item in self.wrong_moments)
            and _all_tokens(self.ids, text)
            and not any(_token(item, text) for item in self.wrong)
            and all(counts[kind] <= 2 * most for kind, most in self.most.items())
        )


def _all_tokens(tokens: Iterable[str], text: str) -> bool:
    return all(_token(token, text) for token in tokens)


def _token(token: str, text: str) -> bool:
    """Tells whether `token` stands in `text` by itself, not as part of a longer one."""
    return re.search(rf"(?<![\w-]){re.escape(token)}(?![\w-])", text, re.IGNORECASE) is not None
