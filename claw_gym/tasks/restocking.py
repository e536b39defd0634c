"""Products that run low, what suppliers sell them in, and what fits into a budget, as stories lay them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from claw_gym.core.seeding import Stream, stream
from claw_gym.life.loaded import Life
from claw_gym.tasks.family import Told
from claw_gym.tasks.records import customer_record
from claw_gym.tasks.texts import month_text, render, wording

__all__ = ["Basket", "Item", "Terms", "clear", "draw_items", "draw_terms", "filled", "with_kind"]

_WORDS = "restock_within_budget"
# Below that, whole lots say more than the stock does.
_LEAST_MINIMUM = 6
_LOTS = (3, 4, 5, 6, 8, 10, 12)
_OTHERS_CHANCE = 0.5
_LEAST_GAP = Decimal("0.004")
_SINCE_DAYS = (20, 75)
# How many lines of an entry are short ones, as in the life, and how many entries say something harmless besides.
_SHORT_CHANCE = 0.4
_REMARK_CHANCE = 0.3


@dataclass(frozen=True)
class Item:
    """A product of the story.

    Attributes:
        record: The product as the life has it.
        stock: How many there are.
        kind: "plain", "coming" (somebody has ordered it), "fallen" (somebody had, but it does not come), "raised" or
            "lowered" (a mail says another minimum), or "near" (it stands at its minimum, not below).
        minimum: The minimum that mail says; 0 for none.
        said: What an earlier mail said, which a later one corrects; 0 for none.
    """

    record: Mapping[str, Any]
    stock: int
    kind: str
    minimum: int = 0
    said: int = 0

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.record["product_id"])

    @property
    def name(self) -> str:
        """Its name, as mails quote it."""
        return str(self.record["name"])

    @property
    def price(self) -> Decimal:
        """Price of one."""
        return Decimal(str(self.record["unit_price"]))

    @property
    def supplier(self) -> str:
        """Who sells it."""
        return str(self.record["supplier"])

    @property
    def holds(self) -> int:
        """The minimum that holds today."""
        return self.minimum or int(self.record["min_stock_threshold"])

    @property
    def wanted(self) -> bool:
        """Whether it stands below its minimum and is not on its way."""
        return self.kind != "coming" and self.stock < self.holds

    @property
    def share(self) -> Decimal:
        """What is there as a share of the minimum."""
        return Decimal(self.stock) / self.holds

    def told(self) -> Told:
        """Returns the product as the story has it."""
        return "inventory.products", {**self.record, "current_stock": self.stock}


@dataclass(frozen=True)
class Terms:
    """What the customer list says of a supplier: the entry of the life, and a note on lots and on stopped orders.

    Attributes:
        record: The entry.
        lot: What it sells in, since
        since: this day, and
        before: until then.
        state: "open", "stopped" (nothing is ordered there at present) or "lifted" (it was stopped once).
        word: Draws among the wordings.
    """

    record: Mapping[str, Any]
    lot: int
    before: int
    since: date
    state: str
    word: int

    @property
    def name(self) -> str:
        """Who it is."""
        return str(self.record["name"])

    def told(self) -> Told:
        """Returns the entry with its note."""
        words, rng = wording(_WORDS), stream(self.word, "terms", self.name)
        names = {"now": self.lot, "before": self.before, "month": month_text(self.since)}
        names["earlier"] = month_text(self.since - timedelta(days=40))
        lot = words["lots"]["short" if rng.random() < _SHORT_CHANCE else "long"]
        notes = [render(rng.choice(lot), **names)]
        # Most entries have nothing to say about orders; a life's entry has as many lines afterwards as it had before.
        if self.state != "open" or rng.random() < _REMARK_CHANCE:
            notes.append(render(rng.choice(words["states"][self.state]), **names))
        log = str(self.record["notes"]).count("\n")
        if len(notes) > log:
            notes = [" ".join((render(rng.choice(words["lots"]["short"]), **names), *notes[1:]))]
        return customer_record(self.record, *notes)


@dataclass(frozen=True)
class Basket:
    """What is ordered.

    Attributes:
        lines: Product, quantity and price of each order, in the order of urgency.
        passed: Products that do not fit any more.
        total: What the orders come to.
        left: What is left of the budget after them.
    """

    lines: tuple[tuple[Item, int, Decimal], ...]
    passed: tuple[Item, ...]
    total: Decimal
    left: Decimal

    @property
    def orders(self) -> dict[str, int]:
        """Product id -> quantity."""
        return {item.id: quantity for item, quantity, _ in self.lines}


def filled(items: Sequence[Item], terms: Sequence[Terms], rest: Decimal) -> Basket:
    """Fills up to twice the minimum in whole lots, most urgent first, and passes over what does not fit into `rest`."""
    by_name = {one.name: one for one in terms}
    left, lines, passed = rest, [], []
    for item in sorted((item for item in items if item.wanted), key=lambda item: item.share):
        supplier = by_name[item.supplier]
        if supplier.state == "stopped":
            continue
        quantity = -(-(2 * item.holds - item.stock) // supplier.lot) * supplier.lot
        cost = quantity * item.price
        if cost > left:
            passed.append(item)
            continue
        left -= cost
        lines.append((item, quantity, cost))
    return Basket(tuple(lines), tuple(passed), rest - left, left)


def clear(items: Sequence[Item]) -> bool:
    """Tells whether no two products that are due are about equally urgent."""
    shares = sorted(item.share for item in items if item.wanted)
    return all(second - first > _LEAST_GAP for first, second in pairwise(shares))


def with_kind(items: Sequence[Item], kind: str, *, becomes: str = "", minimum: int | None = None) -> tuple[Item, ...]:
    """Returns the items with those of a kind changed into another kind, or with another minimum by mail."""
    return tuple(
        replace(item, kind=becomes or kind, minimum=item.minimum if minimum is None else minimum)
        if item.kind == kind
        else item
        for item in items
    )


def draw_items(rng: Stream, life: Life, kinds: Sequence[str], *, corrected: bool) -> tuple[Item, ...]:
    """Draws a product of each kind; with `corrected` the raised minimum was first said otherwise."""
    fitting = [row for row in life.records("inventory.products") if row["min_stock_threshold"] >= _LEAST_MINIMUM]
    return tuple(
        _item(rng, row, kind, corrected=corrected)
        for row, kind in zip(rng.sample(fitting, len(kinds)), kinds, strict=True)
    )


def _item(rng: Stream, row: Mapping[str, Any], kind: str, *, corrected: bool) -> Item:
    least = int(row["min_stock_threshold"])
    low = rng.randint(least // 6, least - 1)
    if kind == "near":
        return Item(row, least, kind)
    if kind == "lowered":
        low = rng.randint(least // 2, least - 1)
        return Item(row, low, kind, rng.randint(max(2, low - low // 3), low))
    if kind == "raised":
        stock = least + rng.randint(max(1, least // 3), max(2, least // 2))
        options = [n for n in range(stock + 1, 2 * stock) if n != least]
        minimum = rng.choice(options)
        said = rng.choice([n for n in range(least + 1, 2 * stock) if n != minimum]) if corrected else 0
        return Item(row, stock, kind, minimum, said)
    return Item(row, low, kind)


def draw_terms(rng: Stream, life: Life, stopped: str, lifted: str) -> tuple[Terms, ...]:
    """Draws the terms of all who supply products and of some who do not, so that a note tells none from the others."""
    sellers = {str(row["supplier"]) for row in life.records("inventory.products")}
    terms = []
    for row in life.records("crm.customers"):
        if row["name"] in sellers or (row["tier"] == "supplier" and rng.random() < _OTHERS_CHANCE):
            lot, before = rng.sample(_LOTS, 2)
            since = life.now.date() - timedelta(days=rng.randint(*_SINCE_DAYS))
            state = {stopped: "stopped", lifted: "lifted"}.get(str(row["name"]), "open")
            terms.append(Terms(row, lot, before, since, state, rng.randrange(10**6)))
    return tuple(terms)
