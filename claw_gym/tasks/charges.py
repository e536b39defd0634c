"""Charges of suppliers and the mails about them, as stories lay them; and what the customer list says on refunds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from claw_gym.core.seeding import Stream, stream
from claw_gym.errors import UsageError
from claw_gym.life import Company, Person, Slot
from claw_gym.life.library import template
from claw_gym.life.loaded import Claims, Life
from claw_gym.life.text import Moment, Money, code, expand, paragraphs
from claw_gym.tasks.family import Told
from claw_gym.tasks.records import charge_record, customer_record, mailbox_record
from claw_gym.tasks.shapes import hours_from
from claw_gym.tasks.texts import day_text, money_words, month_text, render, wording

__all__ = ["Desk", "Pair", "charge", "draw_desk", "draw_pair", "names_of", "receipt", "refund_mail"]

_WORDS = "settle_duplicate_charge"
_LIFE_DAYS = 90
_LINK_CHANCE = 0.85
_SOON = 10
_CENTS = ("00", "10", "20", "35", "45", "50", "75", "80", "95")
# What a receipt has to say to be evidence, and how templates name it.
_TOLD = {"number", "amount", "day"}
_FIELD = re.compile(r"\{(\w+)[^}]*\}")


@dataclass(frozen=True)
class Pair:
    """Equal charges of one supplier and the mails about them, received at the address `inbox`.

    `mailed` holds for each mail its slot, number and the index of the charge it is about, `receipts` its subject and
    body, in the supplier's own form; `linked` says which charges carry the address of their receipt.
    """

    supplier: Company
    what: str
    amount: Decimal
    charges: tuple[Slot, ...]
    mailed: tuple[tuple[Slot, str, int], ...]
    receipts: tuple[tuple[str, str], ...]
    refund_words: int
    linked: tuple[bool, ...]
    person: Person
    inbox: str
    currency: str
    city: str
    card: str


@dataclass(frozen=True)
class Desk:
    """What the customer list says of a supplier now: the entry of the life, and a note on who handles refunds."""

    supplier: Company
    crm: dict[str, Any]
    since: str
    note: int
    local: str

    @property
    def address(self) -> str:
        """Where refunds are handled."""
        return f"{self.local}@{self.supplier.domain}"

    def told(self) -> Told:
        """Returns the entry with its note; contact and address in its fields stay as they were."""
        text = wording(_WORDS)["refund_notes"][self.note]
        note = render(text, month=self.since, address=self.address, biller=self.supplier.billing.name)
        return customer_record(self.crm, note)


def draw_desk(rng: Stream, life: Life, supplier: Company, since: datetime) -> Desk:
    """Draws who handles refunds at a supplier since a moment, and how the customer list says it."""
    crm = next(
        dict(record) for record in life.records("crm.customers") if record["customer_id"] == supplier.customer_id
    )
    words = wording(_WORDS)
    return Desk(supplier, crm, month_text(since), rng.randrange(len(words["refund_notes"])), rng.choice(words["desks"]))


def draw_pair(
    rng: Stream,
    life: Life,
    claims: Claims,
    supplier: Company,
    *,
    charges: int,
    about: tuple[int, ...],
    days: int = _LIFE_DAYS,
) -> Pair:
    """Draws equal charges on different days, and a later mail about each charge that `about` indexes."""
    kind = next(kind for kind in life.persona.suppliers if kind.key == supplier.key)
    what, low, high = rng.choice(kind.buys)
    taken, mails = _places(rng, life, claims, charges, about, days)
    mailed = tuple((slot, code(kind.invoice, rng), i) for slot, i in zip(mails, about, strict=True))
    return Pair(
        supplier=supplier,
        what=what,
        amount=Decimal(f"{rng.randint(low, high - 1)}.{rng.choice(_CENTS)}"),
        charges=taken,
        mailed=mailed,
        receipts=tuple(_receipt_words(rng, kind.receipt) for _ in mailed),
        refund_words=rng.randrange(len(wording(_WORDS)["refunded"])),
        linked=tuple(rng.random() < _LINK_CHANCE and about != (1,) for _ in taken),
        person=life.person,
        inbox=life.persona.emails["gmail"],
        currency=life.persona.currency,
        city=life.persona.city,
        card=life.persona.card_digits,
    )


def _places(
    rng: Stream, life: Life, claims: Claims, charges: int, about: tuple[int, ...], days: int
) -> tuple[tuple[Slot, ...], tuple[Slot, ...]]:
    """Takes gaps for charges on successive days, and for a mail after each charge that `about` indexes."""
    gaps = claims.free("finance.transactions", after=life.now - timedelta(days=days))
    starts = list(range(len(gaps)))
    rng.shuffle(starts)
    for start in starts:
        taken: list[Slot] = []
        for slot in gaps[start:]:
            if len(taken) < charges and (not taken or slot.at.date() > taken[-1].at.date()):
                taken.append(slot)
        mails: list[Slot] = []
        for i in about if len(taken) == charges else ():
            later = [slot for slot in claims.free("gmail.messages", after=taken[i].at) if slot not in mails]
            # At an hour at which receipts come, and not always the very next: what follows a gap at once would be known
            # by the step of its id.
            hour = rng.choice(life.made(_receipt_hours, "hours of receipts"))
            soon = rng.sample(later[:_SOON], len(later[:_SOON]))
            mails += [min(soon, key=partial(hours_from, hour))] if soon else []
        if mails and len(mails) == len(about):
            return (
                tuple(claims.claim("finance.transactions", slot) for slot in taken),
                tuple(claims.claim("gmail.messages", slot) for slot in mails),
            )
    raise UsageError("The life has no places left in finance and gmail for the story.")


def _receipt_hours(life: Life, _: str) -> list[int]:
    mails = life.records("gmail.messages")
    return [datetime.fromisoformat(mail["date"]).hour for mail in mails if "receipts" in mail["labels"]]


def _receipt_words(rng: Stream, kind: str) -> tuple[str, str]:
    """Draws a subject and a body that suppliers of this kind send, one that says number, amount and day."""
    style = template("receipts")[kind]
    telling = [body for body in style["bodies"] if set(_FIELD.findall(body)) >= _TOLD and "{day:month}" not in body]
    return rng.choice(style["subjects"]), rng.choice(telling)


def charge(pair: Pair, index: int, *, refund: bool = False) -> Told:
    """Returns one charge of a pair, or its refund."""
    text = render(wording(_WORDS)["refund_description"], what=pair.what) if refund else pair.what
    number = next((number for _, number, about in pair.mailed if about == index), "")
    link = number if number and pair.linked[index] and not refund else ""
    amount = float(-pair.amount if refund else pair.amount)
    return charge_record(
        pair.charges[index], pair.supplier, amount, pair.currency, text, receipt=link, domain=pair.person.email
    )


def names_of(pair: Pair, number: str, charge: int) -> dict[str, str]:
    """Returns what texts of the family may name of a charge."""
    return {
        "number": number,
        "amount": money_words(pair.amount, pair.currency),
        "day": day_text(pair.charges[charge].at),
        "supplier": pair.supplier.name,
        "employer": pair.person.company,
        "me": pair.person.name,
    }


def receipt(pair: Pair, index: int) -> Told:
    """Returns the mail with a receipt, in the words of the supplier's own kind."""
    slot, number, about = pair.mailed[index]
    names = {
        "s": pair.supplier,
        "me": pair.person,
        "employer": pair.person.company,
        "city": pair.city,
        "card": pair.card,
        "amount": Money(float(pair.amount), pair.currency),
        "what": pair.what,
        "number": number,
        "day": Moment(pair.charges[about].at),
        "biller": pair.supplier.billing,
    }
    # Choices within a template are drawn by the mail's own number, so that twins say it in the same words.
    rng = stream(0, "receipt", number)
    subject, body = (expand(text, rng, names) for text in pair.receipts[index])
    return mailbox_record("gmail", slot, pair.supplier, pair.inbox, subject, paragraphs(body), label="receipts")


def refund_mail(pair: Pair) -> Told:
    """Returns the mail that says a pair is settled."""
    slot, number, about = pair.mailed[0]
    words = wording(_WORDS)
    names = names_of(pair, number, about)
    body = render(words["refunded"][pair.refund_words], **names)
    subject = render(words["refunded_subjects"][pair.refund_words], **names)
    return mailbox_record("gmail", slot, pair.supplier, pair.inbox, subject, body, label="receipts")
