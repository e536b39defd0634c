"""Somebody charged twice for one order: find the charge too many, ask the right address for it, report it.

Mechanism: a duplicate among look-alikes, and a superseded contact. Finance shows several pairs of equal charges; the
receipt in the mail says which day was paid for; the customer list says who handles refunds now, beside an old contact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from claw_gym.core.seeding import Stream
from claw_gym.core.tool import ToolCall
from claw_gym.life import Slot
from claw_gym.life.loaded import Claims, Life
from claw_gym.tasks.charges import Desk, Pair, charge, draw_desk, draw_pair, names_of, receipt, refund_mail
from claw_gym.tasks.family import Story, TaskFamily, Told
from claw_gym.tasks.solving import mails_of, payload
from claw_gym.tasks.success import Check, Success, no_collateral
from claw_gym.tasks.task import Episode, OracleTurns
from claw_gym.tasks.texts import day_text, money_words, render, wording
from claw_gym.tasks.values import Mentions, money_text, recipients
from claw_gym.world.effects import Effect

__all__ = ["SettleDuplicateCharge"]

_WORDS = "settle_duplicate_charge"
_MAILS_ALLOWED = 2
_PAIRS_FROM = 3
_SEARCH_DAYS = 90
_WINDOW_DAYS = 10
_STORY_DAYS = 60
_LATELY_DAYS = 30
_VAGUE_FROM = 4


class Answer(BaseModel):
    """The typed answer."""

    model_config = ConfigDict(extra="forbid")

    transaction_id: Annotated[str, Field(description="id of the charge that should not be there")]
    amount: Annotated[
        str, Field(description='its amount with currency, such as "120.00 EUR"', pattern=r"^\d+\.\d{2} [A-Z]{3}$")
    ]
    refund_address: Annotated[str, Field(description="mail address that handles refunds at the supplier")]


@dataclass(frozen=True)
class Params:
    """Everything that varies.

    `paid` and `extra` index the charges of `pair`: the one the receipt is for and the one too many; a third charge slot
    is where the extra one stands in the finance twin. `desk` is the supplier's; `desks` are those of others, so that a
    note on refunds is no hint. `own` are the person's own addresses.
    """

    now: datetime
    difficulty: int
    pair: Pair
    paid: int
    extra: int
    legitimate: tuple[Pair, ...]
    refunded: Pair
    desk: Desk
    desks: tuple[Desk, ...]
    other_desk: str
    own: frozenset[str]

    @property
    def number(self) -> str:
        """The number of the order that was charged twice."""
        return self.pair.mailed[0][1]

    @property
    def address(self) -> str:
        """Where refunds are handled now."""
        return self.desk.address

    @property
    def charge(self) -> Slot:
        """The charge too many."""
        return self.pair.charges[self.extra]


class SettleDuplicateCharge(TaskFamily[Params], name="settle_duplicate_charge"):
    """Find a double charge, ask for the money back where refunds are handled, and report it."""

    services = ("finance", "gmail", "crm")
    answer = Answer

    def sample(self, rng: Stream, life: Life, difficulty: int) -> Params:
        """Draws suppliers, amounts, days and desks; harder tasks have more pairs that are in order."""
        claims = Claims(life)
        orders = [company for company in life.draft.suppliers if company.plan_amount is None]
        legitimate = 2 if difficulty >= _PAIRS_FROM else 1
        companies = rng.sample(orders, 2 + legitimate)
        paid, extra = rng.sample([0, 1], 2)
        # The receipt stands after both charges, so that the twin may let it speak of the other one.
        days = _LATELY_DAYS if difficulty < _VAGUE_FROM else _STORY_DAYS
        pair = draw_pair(rng, life, claims, companies[0], charges=3, about=(1,), days=days)
        pair = replace(pair, mailed=((pair.mailed[0][0], pair.mailed[0][1], paid),))
        # A supplier's note on refunds must not tell it from the others: as many again have one as are in the story.
        # They are billed by the month, so that the kind of supplier does not tell either.
        monthly = [company for company in life.draft.suppliers if company.plan_amount is not None]
        bystanders = rng.sample(monthly, min(len(monthly), len(companies)))
        desks = tuple(
            draw_desk(rng, life, company, life.now - timedelta(days=rng.randint(8, 90))) for company in companies
        )
        return Params(
            now=life.now,
            difficulty=difficulty,
            pair=pair,
            paid=paid,
            extra=extra,
            legitimate=tuple(
                draw_pair(rng, life, claims, company, charges=2, about=(0, 1)) for company in companies[2:]
            ),
            refunded=draw_pair(rng, life, claims, companies[1], charges=3, about=(2,)),
            desk=desks[0],
            desks=(
                *desks[1:],
                *(draw_desk(rng, life, company, life.now - timedelta(days=40)) for company in bystanders),
            ),
            other_desk=rng.choice([word for word in wording(_WORDS)["desks"] if word != desks[0].local]),
            own=frozenset(address.lower() for address in life.persona.emails.values()),
        )

    def story(self, params: Params) -> Story:
        """Lays the double charge with its receipt and contact, and the pairs that are in order or settled."""
        pair = params.pair
        evidence = [charge(pair, params.paid), charge(pair, params.extra), receipt(pair, 0), params.desk.told()]
        others: list[Told] = [desk.told() for desk in params.desks]
        for legitimate in params.legitimate:
            others += [charge(legitimate, 0), charge(legitimate, 1), receipt(legitimate, 0), receipt(legitimate, 1)]
        settled = params.refunded
        others += [charge(settled, 0), charge(settled, 1), charge(settled, 2, refund=True), refund_mail(settled)]
        return Story(tuple(evidence), tuple(others))

    def instruction(self, params: Params) -> str:
        """Names the supplier, its kind, or nothing, by difficulty."""
        words, supplier = wording(_WORDS), params.pair.supplier
        opening = render(words["request"][params.difficulty], supplier=supplier.name, category=supplier.category)
        return f"{opening} {words['steps']}"

    def success(self, params: Params) -> Success:
        """The refund is asked for at the right address, reported, and answered."""
        return Success(_goals(params), (no_collateral(lambda effect: _belongs(effect, params)),))

    def declared(self, params: Params) -> tuple[str, ...]:
        """Where the search begins, and the amount and day in the forms that mail and answer need."""
        amount = params.pair.amount
        return (
            *_windows(params),
            money_text(amount, params.pair.currency),
            str(float(amount)),
            day_text(params.charge.at),
            money_words(amount, params.pair.currency),
        )

    def oracle(self, params: Params) -> OracleTurns:
        """Reads the charges, every receipt about them and the supplier's entry; then reports, writes and answers."""
        yield from self._research(params)
        yield [self._report(params), self._mail(params, "body")]
        yield self._finish(params)

    def _research(self, params: Params) -> OracleTurns:
        # Ten days a call: a longer listing would be cut.
        yield [
            ToolCall("finance_list_transactions", {"start_date": first, "end_date": last})
            for first, last in pairwise(_windows(params))
        ]
        told = {plain["message_id"] for table, plain in self._mails(params)}
        yield from mails_of("gmail", told, days_back=_SEARCH_DAYS)
        customers = yield ToolCall("crm_list_customers", {})
        ids = [
            row["customer_id"] for row in payload(customers[0])["customers"] if row["name"] == params.desk.crm["name"]
        ]
        yield ToolCall("crm_get_customer", {"customer_id": ids[0]})

    def _mails(self, params: Params) -> list[Told]:
        story = self.story(params)
        return [told for told in (*story.evidence, *story.others) if told[0] == "gmail.messages"]

    def _report(self, params: Params) -> ToolCall:
        title = f"Double charge {params.number}"
        charge = {"transactions": [params.charge.id], "total_amount": float(params.pair.amount)}
        return ToolCall("finance_report_submit", {"title": title, **charge})

    def _mail(self, params: Params, form: str) -> ToolCall:
        words = wording(_WORDS)["mail"]
        pair = params.pair
        names = names_of(pair, params.number, params.extra)
        body, subject = render(words[form], **names), render(words["subject"], **names)
        return ToolCall("gmail_send_message", {"to": params.address, "subject": subject, "body": body})

    def _finish(self, params: Params) -> ToolCall:
        amount = money_text(params.pair.amount, params.pair.currency)
        answer = {"transaction_id": params.charge.id, "amount": amount, "refund_address": params.address}
        return ToolCall("finish", {"message": "The second charge is reported and asked back.", "answer": answer})

    def twin(self, params: Params, service: str) -> Params:
        """Moves the extra charge to another day, the receipt to the other charge, or the refunds to another desk."""
        if service == "finance":
            return replace(params, extra=2)
        if service == "gmail":
            slot, number, _ = params.pair.mailed[0]
            pair = replace(params.pair, mailed=((slot, number, params.extra),))
            return replace(params, pair=pair, paid=params.extra, extra=params.paid)
        return replace(params, desk=replace(params.desk, local=params.other_desk), other_desk=params.desk.local)

    def distractor_params(self, params: Params) -> Sequence[Params]:
        """Takes the paid charge for the extra one, a pair that is in order, or the old contact."""
        other = params.legitimate[0]
        return (
            replace(params, extra=params.paid, paid=params.extra),
            replace(params, pair=replace(other, mailed=other.mailed[:1]), paid=0, extra=1),
            replace(params, desk=replace(params.desk, local=params.pair.supplier.billing.email.partition("@")[0])),
        )

    def solutions(self, params: Params) -> Sequence[Callable[[], OracleTurns]]:
        """Mail before report and reworded; two mails; drafts and todos on the way."""

        def reworded() -> OracleTurns:
            yield from self._research(params)
            yield self._mail(params, "reworded")
            yield self._report(params)
            yield self._finish(params)

        def two_mails() -> OracleTurns:
            yield from self._research(params)
            yield [self._mail(params, "first_half"), self._mail(params, "body"), self._report(params)]
            yield self._finish(params)

        def drafted() -> OracleTurns:
            yield from self._research(params)
            mail = self._mail(params, "body")
            yield ToolCall("gmail_save_draft", mail.arguments)
            yield ToolCall("todo_create_task", {"title": "Check that the refund arrives"})
            yield [self._report(params), mail]
            yield self._finish(params)

        return reworded, two_mails, drafted


def _belongs(effect: Effect, params: Params) -> bool:
    if effect.service == "gmail" and effect.action == "sent_messages":
        return recipients(effect.shown["to"]) - params.own == {params.address}
    return effect.action == "submitted_reports"


def _goals(params: Params) -> tuple[Check, ...]:
    charge, amount = params.charge, params.pair.amount
    wanted = {
        "transaction_id": charge.id,
        "amount": money_text(amount, params.pair.currency),
        "refund_address": params.address,
    }
    mentions = Mentions(
        money=(wanted["amount"],),
        days=(charge.at.date(),),
        ids=(params.number,),
        wrong=tuple(number for other in params.legitimate for _, number, _ in other.mailed),
        most={"money": 2, "days": 2},
        currency=params.pair.currency,
    )

    def asked(episode: Episode) -> bool:
        mails = [
            effect.shown
            for effect in episode.written("gmail", "sent_messages")
            if recipients(effect.shown["to"]) - params.own == {params.address}
        ]
        text = "\n".join(f"{mail['subject']}\n{mail['body']}" for mail in mails)
        return 1 <= len(mails) <= _MAILS_ALLOWED and mentions.holds(text, params.now)

    def reported(episode: Episode) -> bool:
        reports = [effect.shown for effect in episode.written("finance", "submitted_reports")]
        return [(list(r["transactions"]), round(Decimal(str(r["total_amount"])), 2)) for r in reports] == [
            ([charge.id], amount)
        ]

    def answered(episode: Episode) -> bool:
        given = episode.closing.answer if episode.closing else None
        return given is not None and {**given, "refund_address": "".join(recipients(given["refund_address"]))} == wanted

    return (
        Check("the refund desk was asked for the right charge", asked),
        Check("a finance report holds that charge alone", reported),
        Check("the answer names transaction, amount and address", answered),
    )


def _windows(params: Params) -> list[str]:
    """Returns the days between which the oracle lists charges, from the season's beginning to today."""
    first = params.now.date() - timedelta(days=_SEARCH_DAYS)
    return [(first + timedelta(days=n)).isoformat() for n in range(0, _SEARCH_DAYS + 1, _WINDOW_DAYS)]
