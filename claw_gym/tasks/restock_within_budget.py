"""Filling up a store with what is left of a budget, most urgent first, and telling who looks after the budget.

Mechanism: superseded figures under a rule that computes. The stock list says what is low and what it costs, work mail
which sum, which minimum and which orders hold today, finance what was paid under the budget's reference, and the
customer list in what lots a supplier sells now and where orders are stopped; each beside an earlier version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from claw_gym.core.seeding import Stream
from claw_gym.core.tool import ToolCall
from claw_gym.errors import UsageError
from claw_gym.life.loaded import Claims, Life
from claw_gym.tasks.family import Story, TaskFamily
from claw_gym.tasks.refill_budget import Purse, draw_purse, pick, told_charge, told_mails
from claw_gym.tasks.restocking import Basket, Item, Terms, clear, draw_items, draw_terms, filled, with_kind
from claw_gym.tasks.solving import mails_of, payload
from claw_gym.tasks.success import Check, Success, no_collateral
from claw_gym.tasks.task import Episode, OracleTurns
from claw_gym.tasks.texts import render, wording
from claw_gym.tasks.values import Mentions, money_text, recipients
from claw_gym.world.effects import Effect

__all__ = ["RestockWithinBudget"]

_WORDS = "restock_within_budget"
_PLAIN = (4, 4, 5, 6, 7)
_FALLEN_FROM, _LOWERED_FROM, _STOPPED_FROM, _CORRECTED_FROM, _NEAR_FROM, _HANDED_FROM = 2, 2, 3, 3, 4, 4
_SKIP_BEFORE_FROM = 3
_TRIES = 2000
_SEARCH_DAYS = 90
_WINDOW_DAYS = 10
_REST_SHARE = (0.45, 0.85)
_MORE = Decimal("23.40")
# Other sums than the one that holds, in hundredths of it.
_OTHER_SHARES = (70, 80, 90, 115, 125, 135)
_SUMS = 3
_LEAST_ORDERS = 2
_MAILS_ALLOWED = 2
_MONEY = r"^\d+\.\d{2} [A-Z]{3}$"


class Answer(BaseModel):
    """The typed answer."""

    model_config = ConfigDict(extra="forbid")

    total: Annotated[
        str, Field(description='what the new orders come to, with currency, such as "412.50 EUR"', pattern=_MONEY)
    ]
    left: Annotated[str, Field(description="what is left of the budget after them, in the same form", pattern=_MONEY)]


@dataclass(frozen=True)
class Params:
    """Everything that varies: the budget, the products that the story is about, and the terms of every supplier."""

    now: datetime
    difficulty: int
    own: frozenset[str]
    purse: Purse
    items: tuple[Item, ...]
    terms: tuple[Terms, ...]
    words: tuple[int, ...]

    @property
    def basket(self) -> Basket:
        """What has to be ordered."""
        return filled(self.items, self.terms, self.purse.sums[1] - self.purse.spent)

    @property
    def outcome(self) -> tuple[dict[str, int], Decimal, Decimal]:
        """What tells one solution from another."""
        basket = self.basket
        return basket.orders, basket.total, basket.left


class RestockWithinBudget(TaskFamily[Params], name="restock_within_budget"):
    """Order what is low with what is left of the budget, and report total and rest."""

    services = ("inventory", "crm", "workmail", "finance")
    splits = frozenset({"test"})
    answer = Answer

    def sample(self, rng: Stream, life: Life, difficulty: int) -> Params:
        """Draws mails, charges and people, then products and terms until every trap changes what is right."""
        drawn = Params(
            now=life.now,
            difficulty=difficulty,
            own=frozenset(address.lower() for address in life.persona.emails.values()),
            purse=draw_purse(rng, life, Claims(life), handed=difficulty >= _HANDED_FROM),
            items=(),
            terms=(),
            words=tuple(rng.randrange(60) for _ in range(6)),
        )
        for _ in range(_TRIES):
            params = _stocked(rng, life, drawn)
            if _plays(params) and all(one.outcome != params.outcome for one in self._others(params)):
                return params
        raise UsageError("The life's stock allows no story in which every trap counts.")

    def story(self, params: Params) -> Story:
        """Lays products, terms of suppliers, mails and charges."""
        purse = params.purse
        old, *mails = told_mails(purse, params.items)
        sellers = {item.supplier for item in params.items if item.wanted}
        evidence = [item.told() for item in params.items if item.kind != "near"]
        evidence += [one.told() for one in params.terms if one.name in sellers] + mails
        evidence += [told_charge(purse, one) for one in purse.charges if one.current]
        others = [item.told() for item in params.items if item.kind == "near"]
        others += [one.told() for one in params.terms if one.name not in sellers] + [old]
        others += [told_charge(purse, one) for one in purse.charges if not one.current]
        return Story(tuple(evidence), tuple(others))

    def instruction(self, params: Params) -> str:
        """Says more or less of where to look, by difficulty, and always the whole rule."""
        words, names = wording(_WORDS), {"budget": params.purse.name, "first": params.purse.holders[0].first}
        opening = render(pick(words["request"][params.difficulty], params.words[0]), **names)
        steps = [render(pick(part, params.words[1 + n]), **names) for n, part in enumerate(words["steps"].values())]
        return " ".join([opening, *steps])

    def success(self, params: Params) -> Success:
        """The right orders are placed, the right person is told, and the answer is right."""
        return Success(_goals(params), (no_collateral(lambda effect: _belongs(effect, params)),))

    def declared(self, params: Params) -> tuple[str, ...]:
        """Where the search begins, and what is computed: quantities, prices, their total, what is spent and left."""
        basket, purse = params.basket, params.purse
        costs = [cost for _, _, cost in basket.lines]
        sums = [purse.money(amount) for amount in (*costs, basket.total, basket.left, purse.spent)]
        return (*_windows(params), *(str(quantity) for quantity in basket.orders.values()), *sums)

    def oracle(self, params: Params) -> OracleTurns:
        """Reads stock, mails, payments and suppliers; then orders, reports and answers."""
        yield from self._research(params)
        yield [*_orders(params), _mail(params, "body")]
        yield _finish(params)

    def _research(self, params: Params) -> OracleTurns:
        yield ToolCall("inventory_list_products", {})
        yield from mails_of(
            "workmail",
            [plain["message_id"] for _, plain in told_mails(params.purse, params.items)],
            days_back=_SEARCH_DAYS,
        )
        # Ten days a call: a longer listing would be cut.
        days = _windows(params)
        yield [
            ToolCall("finance_list_transactions", {"start_date": first, "end_date": last})
            for first, last in zip(days[::2], days[1::2], strict=True)
        ]
        listed = yield ToolCall("crm_list_customers", {})
        sellers = {item.supplier for item in params.items}
        ids = [row["customer_id"] for row in payload(listed[0])["customers"] if row["name"] in sellers]
        yield [ToolCall("crm_get_customer", {"customer_id": one}) for one in ids]

    def twin(self, params: Params, service: str) -> Params:
        """Fills up one product, swaps lots of a supplier, swaps the sums of the budget, or changes a payment."""
        first, purse = params.basket.lines[0][0], params.purse
        if service == "inventory":
            stock = first.holds + first.holds // 2
            items = tuple(replace(item, stock=stock) if item is first else item for item in params.items)
            return replace(params, items=items)
        if service == "crm":
            return replace(params, terms=_relotted(params.terms, first.supplier))
        if service == "workmail":
            return _spending(params, sums=purse.sums[::-1])
        charge, *rest = purse.charges
        return _spending(params, charges=(replace(charge, amount=charge.amount + _MORE), *rest))

    def distractor_params(self, params: Params) -> Sequence[Params]:
        """Overlooks one thing each: a later mail, a refund, an old reference, a lot, a stop."""
        purse, items, terms = params.purse, params.items, params.terms
        raised = next(item for item in items if item.kind == "raised")
        other_items = [
            with_kind(items, "coming", becomes="plain"),
            with_kind(items, "raised", minimum=0),
            with_kind(items, "raised", minimum=raised.said),
            with_kind(items, "fallen", becomes="coming"),
            with_kind(items, "lowered", minimum=0),
        ]
        other_terms = [
            tuple(replace(one, lot=one.before) for one in terms),
            tuple(replace(one, lot=1) for one in terms),
            tuple(replace(one, state="lifted") if one.state == "stopped" else one for one in terms),
        ]
        return (
            _spending(params, sums=purse.sums[::-1]),
            _spending(params, sums=(purse.sums[0], purse.old_sum)),
            _spending(params, charges=tuple(replace(one, current=True) for one in purse.charges)),
            _spending(params, charges=tuple(one for one in purse.charges if one.amount > 0)),
            _spending(params, charges=()),
            *(replace(params, items=one) for one in other_items if one != items),
            *(replace(params, terms=one) for one in other_terms if one != terms),
        )

    def _others(self, params: Params) -> Iterator[Params]:
        """Yields all that must end elsewhere: twins and near misses."""
        yield from (self.twin(params, service) for service in self.services)
        yield from self.distractor_params(params)

    def solutions(self, params: Params) -> Sequence[Callable[[], OracleTurns]]:
        """The mail first and in other words; two mails, suppliers named; drafts and todos on the way."""

        def reworded() -> OracleTurns:
            yield from self._research(params)
            yield _mail(params, "reworded")
            yield list(reversed(_orders(params)))
            yield _finish(params)

        def two_mails() -> OracleTurns:
            yield from self._research(params)
            yield [_mail(params, "first_half"), *_orders(params, named=True), _mail(params, "second_half")]
            yield _finish(params)

        def drafted() -> OracleTurns:
            yield from self._research(params)
            yield ToolCall("workmail_save_draft", _mail(params, "body").arguments)
            yield ToolCall("todo_create_task", {"title": "See that the deliveries arrive"})
            yield [_mail(params, "body"), *_orders(params)]
            yield _finish(params)

        return reworded, two_mails, drafted


def _spending(params: Params, **changes: Any) -> Params:
    """Returns params with another budget."""
    return replace(params, purse=replace(params.purse, **changes))


def _relotted(terms: Sequence[Terms], name: str) -> tuple[Terms, ...]:
    """Returns the terms with the lots of one supplier the other way round."""
    return tuple(replace(one, lot=one.before, before=one.lot) if one.name == name else one for one in terms)


def _stocked(rng: Stream, life: Life, params: Params) -> Params:
    """Draws products, terms and sums."""
    level = params.difficulty
    kinds = ["plain"] * _PLAIN[level - 1] + ["coming", "raised"]
    kinds += ["fallen"] * (level >= _FALLEN_FROM) + ["lowered"] * (level >= _LOWERED_FROM)
    kinds += ["near"] * (level >= _NEAR_FROM)
    items = draw_items(rng, life, kinds, corrected=level >= _CORRECTED_FROM)
    sellers = sorted({item.supplier for item in items if item.kind == "plain"})
    stopped = rng.choice(sellers) if level >= _STOPPED_FROM else ""
    lifted = rng.choice([name for name in sellers if name != stopped] or [""])
    terms = draw_terms(rng, life, stopped, lifted)
    whole = filled(items, terms, Decimal(10**9)).total
    rest = whole * Decimal(str(round(rng.uniform(*_REST_SHARE), 3)))
    holds = Decimal(int((rest + params.purse.spent) / 10) * 10)
    first, old = (Decimal(int(holds * share / 1000) * 10) for share in rng.sample(_OTHER_SHARES, 2))
    return _spending(replace(params, items=items, terms=terms), sums=(first, holds), old_sum=old)


def _plays(params: Params) -> bool:
    """Tells whether sums and urgency are clear and something is passed over, in harder tasks before the last order."""
    basket, purse = params.basket, params.purse
    if not clear(params.items) or len({*purse.sums, purse.old_sum}) < _SUMS:
        return False
    if len(basket.lines) < _LEAST_ORDERS or not basket.passed or purse.sums[0] <= purse.spent + basket.lines[0][2]:
        return False
    return params.difficulty < _SKIP_BEFORE_FROM or basket.passed[0].share < basket.lines[-1][0].share


def _windows(params: Params) -> list[str]:
    """Returns first and last days of the windows that cover the time since the budget was set."""
    day, last, found = params.purse.slots[1].at.date(), params.now.date(), list[str]()
    while day <= last:
        found += [day.isoformat(), min(day + timedelta(days=_WINDOW_DAYS - 1), last).isoformat()]
        day += timedelta(days=_WINDOW_DAYS)
    return found


def _orders(params: Params, *, named: bool = False) -> list[ToolCall]:
    return [
        ToolCall(
            "inventory_create_order",
            {"product_id": item.id, "quantity": quantity} | ({"supplier": item.supplier} if named else {}),
        )
        for item, quantity, _ in params.basket.lines
    ]


def _mail(params: Params, form: str) -> ToolCall:
    basket, purse, words = params.basket, params.purse, wording(_WORDS)["mail"]
    names: dict[str, Any] = {
        "lines": [f"{quantity} x {item.name}, {purse.money(cost)}" for item, quantity, cost in basket.lines],
        "first": purse.holders[1].first,
        "me": purse.me.first,
        "budget": purse.name,
        "total": purse.money(basket.total),
        "left": purse.money(basket.left),
        "amount": purse.money(purse.sums[1]),
        "spent": purse.money(purse.spent),
    }
    text = {"subject": render(words["subject"], **names), "body": render(words[form], **names)}
    return ToolCall("workmail_send_message", {"to": params.purse.holders[1].email, **text})


def _finish(params: Params) -> ToolCall:
    basket = params.basket
    answer = {name: money_text(getattr(basket, name), params.purse.currency) for name in ("total", "left")}
    return ToolCall("finish", {"message": "The orders are placed, and the budget's keeper knows.", "answer": answer})


def _belongs(effect: Effect, params: Params) -> bool:
    if effect.service == "workmail" and effect.action == "sent_messages":
        return recipients(effect.shown["to"]) - params.own == {params.purse.holders[1].email.lower()}
    return effect.action == "created_orders"


def _goals(params: Params) -> tuple[Check, ...]:
    basket = params.basket
    wanted = {name: money_text(getattr(basket, name), params.purse.currency) for name in ("total", "left")}
    # A mail that lists every order, with price of one and cost, is a good mail.
    most = {"money": len(basket.lines) + 4}
    mentions = Mentions(money=tuple(wanted.values()), most=most, currency=params.purse.currency)
    sellers = {item.id: item.supplier.lower() for item, _, _ in basket.lines}

    def ordered(episode: Episode) -> bool:
        orders = [effect.shown for effect in episode.written("inventory", "created_orders")]
        given = [(str(order["product_id"]), int(order["quantity"])) for order in orders]
        named = all(
            (order.get("supplier") or "").strip().lower() in ("", sellers.get(str(order["product_id"]), ""))
            for order in orders
        )
        return named and sorted(given) == sorted(basket.orders.items())

    def told(episode: Episode) -> bool:
        mails = [effect.shown for effect in episode.written("workmail", "sent_messages")]
        text = "\n".join(f"{mail['subject']}\n{mail['body']}" for mail in mails)
        return 1 <= len(mails) <= _MAILS_ALLOWED and mentions.holds(text, params.now)

    def answered(episode: Episode) -> bool:
        return (episode.closing and episode.closing.answer) == wanted

    return (
        Check("exactly what is due and fits was ordered", ordered),
        Check("who looks after the budget now knows total and rest", told),
        Check("the answer names total and rest", answered),
    )
