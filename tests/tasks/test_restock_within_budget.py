"""What is due fills up in whole lots, most urgent first, and only what holds today counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pytest

from claw_gym.core.tool import ToolCall
from claw_gym.tasks.family import FamilyTask
from claw_gym.tasks.restocking import Item, Terms, filled
from claw_gym.testing.audit.drawn import Draws, FamilyRef
from claw_gym.testing.audit.play import Play

Change = Callable[[FamilyTask[Any], dict[str, Any]], dict[str, Any] | None]


@lru_cache
def drawn(index: int = 4) -> FamilyTask[Any]:
    """Returns a task; the difficulty goes up from index 0 to 4."""
    return Draws(FamilyRef.to("restock_within_budget"), "test", "small").task(index)


def reward(tool: str, change: Change, index: int = 4) -> float:
    """Plays the oracle with the arguments of one tool changed, or its calls left out."""
    task = drawn(index)

    def altered(call: ToolCall) -> ToolCall | None:
        if call.name != tool:
            return call
        arguments = change(task, {**call.arguments})
        return None if arguments is None else ToolCall(call.name, arguments)

    play = Play(task)
    play.run(task.oracle(), change=altered)
    return play.reward


def item(name: str, stock: int, least: int, price: str, kind: str = "plain", **more: Any) -> Item:
    record = {"product_id": name, "name": name, "unit_price": price, "supplier": "S", "min_stock_threshold": least}
    return Item(record, stock, kind, **more)


def terms(lot: int, state: str = "open") -> tuple[Terms, ...]:
    return (Terms({"name": "S", "notes": ""}, lot, lot + 1, date(2026, 3, 1), state, 0),)


def test_stock_is_filled_to_twice_the_minimum_in_whole_lots() -> None:
    assert filled([item("a", 7, 10, "1.00")], terms(5), Decimal(100)).orders == {"a": 15}
    assert filled([item("a", 5, 10, "1.00")], terms(5), Decimal(100)).orders == {"a": 15}


def test_the_most_urgent_comes_first_and_what_does_not_fit_is_passed_over() -> None:
    items = [item("a", 9, 10, "1.00"), item("b", 2, 10, "5.00"), item("c", 1, 20, "1.00")]
    basket = filled(items, terms(1), Decimal(60))
    assert [one.id for one, _, _ in basket.lines] == ["c", "a"]
    assert [one.id for one in basket.passed] == ["b"]
    assert (basket.total, basket.left) == (Decimal(50), Decimal(10))


@pytest.mark.parametrize(
    ("product", "due"),
    [
        (item("a", 9, 10, "1.00"), True),
        (item("a", 10, 10, "1.00", "near"), False),
        (item("a", 9, 10, "1.00", "coming"), False),
        (item("a", 9, 10, "1.00", "fallen"), True),
        (item("a", 12, 10, "1.00", "raised", minimum=15), True),
        (item("a", 9, 10, "1.00", "lowered", minimum=9), False),
    ],
)
def test_only_what_is_below_the_minimum_of_today_and_not_on_its_way_is_due(product: Item, due: bool) -> None:
    assert bool(filled([product], terms(1), Decimal(1000)).lines) is due


def test_a_supplier_with_stopped_orders_gets_none() -> None:
    assert not filled([item("a", 1, 10, "1.00")], terms(1, "stopped"), Decimal(1000)).lines
    assert filled([item("a", 1, 10, "1.00")], terms(1, "lifted"), Decimal(1000)).lines


@pytest.mark.parametrize("index", range(5))
def test_every_near_miss_and_every_twin_ends_elsewhere(index: int) -> None:
    task = drawn(index)
    for wrong in (*task.family.distractor_params(task.params), *_twins(task)):
        assert wrong.outcome != task.params.outcome


def _twins(task: FamilyTask[Any]) -> list[Any]:
    return [task.family.twin(task.params, service) for service in task.family.services]


@pytest.mark.parametrize(
    ("change", "right"),
    [
        (lambda t, a: {**a, "supplier": _seller(t, a)}, True),
        (lambda t, a: {**a, "supplier": f" {_seller(t, a).upper()} "}, True),
        (lambda _, a: {**a, "supplier": "Somebody Else"}, False),
        (lambda _, a: {**a, "quantity": a["quantity"] + 1}, False),
        (lambda _, a: {**a, "quantity": 1}, False),
    ],
)
def test_orders_have_the_right_quantity_and_supplier(change: Change, right: bool) -> None:
    assert reward("inventory_create_order", change) == float(right)


def _seller(task: FamilyTask[Any], arguments: dict[str, Any]) -> str:
    return next(str(one.supplier) for one in task.params.items if one.id == arguments["product_id"])


@pytest.mark.parametrize("kind", ["coming", "lowered", "near"])
def test_ordering_what_is_not_due_fails(kind: str) -> None:
    task = drawn()
    play = Play(task)
    product = next(one for one in task.params.items if one.kind == kind)
    play.call(ToolCall("inventory_create_order", {"product_id": product.id, "quantity": 10}))
    play.run(task.oracle())
    assert play.reward == 0.0


def says(text: str) -> Change:
    """Rewrites the mail; {t} and {r} are total and rest."""

    def change(task: FamilyTask[Any], arguments: dict[str, Any]) -> dict[str, Any]:
        basket, purse = task.params.basket, task.params.purse
        names = {"t": basket.total, "r": basket.left, "spent": purse.spent, "first": purse.sums[0]}
        return {**arguments, "subject": "Orders", "body": text.format(**names)}

    return change


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Ordered for EUR {t:.2f}, {r:.2f} EUR left.", True),
        ("€{r:,.2f} remains after orders of €{t:,.2f}; {spent} EUR had been spent before.", True),
        ("Ordered for EUR {t:.2f}.", False),
        ("€{r:,.2f} remains.", False),
        ("Ordered for EUR {spent:.2f}, {first:.2f} EUR left.", False),
    ],
)
def test_the_mail_names_total_and_rest_in_any_dress(text: str, right: bool) -> None:
    assert reward("workmail_send_message", says(text)) == float(right)


def test_a_mail_that_lists_price_and_cost_of_every_order_passes() -> None:
    basket = drawn().params.basket
    lines = "\n".join(f"{n} x {one.name} at €{one.price}: €{cost:.2f}" for one, n, cost in basket.lines)
    assert reward("workmail_send_message", says(lines + "\nTogether €{t:.2f}, left €{r:.2f}.")) == 1.0


def test_whoever_handed_the_budget_over_is_not_the_one_to_tell() -> None:
    before, now = drawn().params.purse.holders
    assert before.email != now.email
    assert reward("workmail_send_message", lambda _, a: {**a, "to": before.email}) == 0.0
    assert reward("workmail_send_message", lambda _, a: {**a, "to": f"{now.email}, {before.email}"}) == 0.0
    assert reward("workmail_send_message", lambda _, a: {**a, "to": f"{now.name} <{now.email.upper()}>"}) == 1.0


def test_one_order_left_out_fails_whatever_the_answer_says() -> None:
    last = drawn().params.basket.lines[-1][0].id
    assert reward("inventory_create_order", lambda _, a: None if a["product_id"] == last else a) == 0.0


def test_the_answer_has_to_name_both_sums() -> None:
    for name in ("total", "left"):
        change: Change = lambda _, a, name=name: {**a, "answer": {**a["answer"], name: "1.00 EUR"}}  # noqa: E731
        assert reward("finish", change) == 0.0


@pytest.mark.parametrize("index", range(5))
def test_payments_stand_in_the_round_of_their_reference(index: int) -> None:
    purse = drawn(index).params.purse
    old, new = (slot.at.date() for slot in purse.slots[:2])
    for charge in purse.charges:
        day = charge.slot.at.date()
        assert day > new if charge.current else old < day < new
    assert list(purse.slots) == sorted(purse.slots, key=lambda slot: slot.at)


def test_every_seller_of_products_has_a_note_on_its_lots_and_some_others_too() -> None:
    task = drawn()
    told = [plain for table, plain in (*task.told.evidence, *task.told.others) if table == "crm.customers"]
    sellers = {row["supplier"] for row in task.life.records("inventory.products")}
    # A note that only sellers had would tell them from the others.
    assert {plain["name"] for plain in told} > sellers
    assert all("lots" in plain["notes"].lower() for plain in told)


def test_no_rare_value_stands_in_the_request() -> None:
    task = drawn()
    purse = task.params.purse
    for value in (*purse.refs, purse.money(purse.sums[1]), purse.holders[1].email):
        assert value not in task.briefing
