"""A budget for filling up a store: the mails about it and about what is due, and the payments under its reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from claw_gym.core.seeding import Stream
from claw_gym.errors import UsageError
from claw_gym.life import Company, Person, Slot
from claw_gym.life.loaded import Claims, Life
from claw_gym.life.mail_form import Said
from claw_gym.life.text import code, codes, title
from claw_gym.tasks.coming_days import working_day_after
from claw_gym.tasks.family import Told
from claw_gym.tasks.records import charge_record, letter_record, said_by
from claw_gym.tasks.restocking import Item
from claw_gym.tasks.shapes import has_receipt
from claw_gym.tasks.texts import day_text, money_words, render, wording

__all__ = ["Charge", "Purse", "draw_purse", "pick", "told_charge", "told_mails"]

_WORDS = "restock_within_budget"
# How many days ago the two rounds of the budget began.
_AGO, _OLD_AGO = (17, 32), (42, 85)
_LATER_MAILS = 5
_PAYMENTS, _OLD_PAYMENTS = 2, 2
_REFUND = (21, 48)
_CENTS = ("00", "10", "20", "35", "45", "50", "75", "80", "95")


@dataclass(frozen=True)
class Charge:
    """A payment, or a refund where `amount` is negative; `current` tells the budget's reference from the old one."""

    slot: Slot
    supplier: Company
    text: str
    amount: Decimal
    current: bool
    receipt: str


@dataclass(frozen=True)
class Purse:
    """A budget.

    Attributes:
        name: What it is called.
        sums: As it was set, and as it holds now; the second counts.
        old_sum: The one of the round before.
        refs: The reference of this round and of the one before.
        holders: Who set it, and who looks after it now.
        buyer: Who has ordered things, and
        keeper: who says what minimums hold.
        slots: Places of the mails on the old round, the new one, minimums, orders, and the corrections of minimum, sum
            and order.
        comes: The day on which the buyer's order arrives.
        charges: Two payments and a refund under the reference, and payments under the old one.
    """

    name: str
    sums: tuple[Decimal, Decimal]
    old_sum: Decimal
    refs: tuple[str, ...]
    holders: tuple[Person, Person]
    buyer: Person
    keeper: Person
    slots: tuple[Slot, ...]
    comes: datetime
    charges: tuple[Charge, ...]
    me: Person
    currency: str
    seed: int
    words: tuple[int, ...]

    @property
    def spent(self) -> Decimal:
        """What was paid under the reference, refunds taken off."""
        return sum((charge.amount for charge in self.charges if charge.current), Decimal(0))

    def money(self, amount: Decimal) -> str:
        """Returns an amount as texts have it."""
        return money_words(amount, self.currency)


def pick(options: Sequence[str], number: int) -> str:
    """Returns one of the options."""
    return options[number % len(options)]


def draw_purse(rng: Stream, life: Life, claims: Claims, *, handed: bool) -> Purse:
    """Draws people, mails and payments; the sums come later. With `handed` another colleague has taken it over."""
    refs = codes("B-####", rng, 2)
    slots = _slots(rng, life, claims)
    first = _writer(rng, life, claims, slots[:2] if handed else (*slots[:2], slots[5]))
    now = _writer(rng, life, claims, slots[5:6]) if handed else first
    return Purse(
        name=rng.choice(wording(_WORDS)["budgets"]),
        sums=(Decimal(0), Decimal(0)),
        old_sum=Decimal(0),
        refs=refs,
        holders=(first, now),
        buyer=_writer(rng, life, claims, (slots[3], slots[6])),
        keeper=_writer(rng, life, claims, (slots[2], slots[4])),
        slots=slots,
        comes=datetime.combine(working_day_after(life.now.date(), rng.randint(1, 4)), life.now.timetz()),
        charges=_charges(rng, life, claims, slots, refs),
        me=life.person,
        currency=life.persona.currency,
        seed=rng.randrange(10**9),
        words=tuple(rng.randrange(60) for _ in range(13)),
    )


def _writer(rng: Stream, life: Life, claims: Claims, slots: Sequence[Slot]) -> Person:
    """Chooses a colleague who writes on the days of all these mails."""
    days = {slot.at.weekday() for slot in slots}
    people = [one for one in life.draft.people if one.group == "colleague" and days <= set(one.weekdays)]
    return claims.choose(rng, "colleague", people, lambda one: one.email)


def _slots(rng: Stream, life: Life, claims: Claims) -> tuple[Slot, ...]:
    """Takes gaps for the mails on the two rounds, and a row of five after them."""
    days = {(slot.at - life.now).days: slot for slot in claims.free("workmail.messages")}
    olds, news = ([slot for ago, slot in days.items() if -high <= ago <= -low] for low, high in (_OLD_AGO, _AGO))
    pairs = [(old, new) for old in olds for new in news]
    rng.shuffle(pairs)
    for old, new in pairs:
        later, earlier = _bookings(life, claims, old, new)
        if len(later) > _PAYMENTS and earlier:
            taken = [claims.claim("workmail.messages", slot) for slot in (old, new)]
            before = life.now - timedelta(minutes=40)
            row = claims.chain(rng, ["workmail.messages"] * _LATER_MAILS, before=before, after=new.at)
            return (*taken, *row)
    raise UsageError("The life has no places left in workmail and finance for the story.")


def _bookings(life: Life, claims: Claims, old: Slot, new: Slot) -> tuple[list[Slot], list[Slot]]:
    """Returns the free places of charges in the new round and in the old one, none on the day of a mail."""
    free = claims.free("finance.transactions", before=life.now)
    first, second = old.at.date(), new.at.date()
    return [slot for slot in free if slot.at.date() > second], [
        slot for slot in free if first < slot.at.date() < second
    ]


def _charges(
    rng: Stream, life: Life, claims: Claims, slots: tuple[Slot, ...], refs: tuple[str, ...]
) -> tuple[Charge, ...]:
    """Draws payments and a later refund under the reference, and a payment or two under the old one."""
    table = "finance.transactions"
    later, earlier = _bookings(life, claims, slots[0], slots[1])
    current = sorted(rng.sample(later, _PAYMENTS + 1), key=lambda slot: (slot.at, slot.id))
    past = rng.sample(earlier, min(_OLD_PAYMENTS, len(earlier)))
    sold = {str(row["supplier"]) for row in life.records("inventory.products")}
    kinds = {kind.key: kind for kind in life.persona.suppliers}
    companies = [one for one in life.draft.suppliers if one.name in sold and kinds[one.key].buys]
    words, charges = wording(_WORDS), list[Charge]()
    for slot in (*current[:-1], *past):
        claims.claim(table, slot)
        company, ours = rng.choice(companies), slot not in past
        what, low, high = rng.choice(kinds[company.key].buys)
        text = render(rng.choice(words["payment"]), what=what, ref=refs[0] if ours else refs[1])
        amount = Decimal(f"{rng.randint(low, high - 1)}.{rng.choice(_CENTS)}")
        receipt = code(company.invoice_form, rng) if has_receipt(rng, life) else ""
        charges.append(Charge(slot, company, text, amount, ours, receipt))
    last, text = claims.claim(table, current[-1]), render(words["refund"], ref=refs[0])
    back = -Decimal(f"{rng.randint(*_REFUND)}.{rng.choice(_CENTS)}")
    return (*charges, Charge(last, rng.choice(charges[:_PAYMENTS]).supplier, text, back, True, ""))


def told_charge(purse: Purse, charge: Charge) -> Told:
    """Returns one payment or refund."""
    look = {"receipt": charge.receipt, "domain": purse.me.email}
    return charge_record(charge.slot, charge.supplier, float(charge.amount), purse.currency, charge.text, **look)


def told_mails(purse: Purse, items: Sequence[Item]) -> tuple[Told, ...]:
    """Returns the mails in the order of time, those that correct something only where there is something to correct."""
    by_kind = {item.kind: item for item in items}
    raised, coming, lowered, fallen = (by_kind.get(kind) for kind in ("raised", "coming", "lowered", "fallen"))

    def said(kind: str, number: int, **names: Any) -> str:
        return render(pick(wording(_WORDS)[kind], purse.words[number]), budget=purse.name, **names)

    minimums = [said("raised", 3, x=raised.name, n=raised.said or raised.minimum)] if raised else []
    minimums += [said("lowered", 4, y=lowered.name, m=lowered.minimum)] if lowered else []
    again = said("corrected_minimum", 7, x=raised.name, n=raised.minimum) if raised and raised.said else ""
    ordered = {"a": coming.name, "day": day_text(purse.comes, weekday=True)} if coming else {}
    ordered |= {"b": fallen.name} if fallen else {}
    first, now = purse.holders
    corrected = said("corrected_budget", 2, amount=purse.money(purse.sums[1]))
    if now is not first:
        corrected = f"{said('handed', 5, first=first.first)}\n{corrected}"
    letters = (
        (first, "old", said("old_budget", 0, amount=purse.money(purse.old_sum), ref=purse.refs[1])),
        (first, "budget", said("new_budget", 1, amount=purse.money(purse.sums[0]), ref=purse.refs[0])),
        (purse.keeper, "minimum", "\n".join(minimums)),
        (purse.buyer, "orders", said("ordered_two" if fallen else "ordered_one", 6, **ordered) if coming else ""),
        (purse.keeper, "minimum", again),
        (now, "budget", corrected),
        (purse.buyer, "orders", said("fallen", 8, **ordered) if fallen else ""),
    )
    told, begun = list[Told](), list[str]()
    before: dict[str, Said] = {}
    for n, (slot, (sender, topic, body)) in enumerate(zip(purse.slots, letters, strict=True)):
        if not body:
            continue
        reply = topic in begun
        begun += [] if reply else [topic]
        options = wording(_WORDS)["subjects"][topic]
        subject = render(
            pick(options, purse.words[9 + begun.index(topic)]), Budget=title(purse.name), budget=purse.name
        )
        seed, answers = purse.seed + n, before.get(topic)
        letter = letter_record(
            "workmail", slot, sender, purse.me.email, subject, body, seed=seed, reply=reply, answers=answers
        )
        before[topic] = said_by(sender, letter)
        told.append(letter)
    return tuple(told)
