"""A contract that renews at a higher price unless it is left in time.

Mechanism: a namesake, a percentage, and a deadline counted back. Mail announces by how many percent one of two
contracts of a supplier rises and how many days before its end it can be left, and corrects the percentage; finance
shows what each of the two costs; the calendar shows when each ends. A last mail of the supplier may have settled it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from claw_gym.core.seeding import Stream
from claw_gym.core.tool import ToolCall
from claw_gym.life import Company, Slot
from claw_gym.life.loaded import Claims, Life
from claw_gym.life.text import code, codes, title
from claw_gym.tasks.coming_days import on_two_days
from claw_gym.tasks.family import Told
from claw_gym.tasks.matters import MatterKind, Plan
from claw_gym.tasks.proactive import ProactiveFamily
from claw_gym.tasks.records import charge_record, event_record, letter_record, mailbox_record
from claw_gym.tasks.shapes import entry_shape, has_receipt
from claw_gym.tasks.solving import mails_of
from claw_gym.tasks.success import Check
from claw_gym.tasks.task import Episode, OracleTurns
from claw_gym.tasks.texts import money_words, render, wording
from claw_gym.tasks.values import Mentions, money_text
from claw_gym.world.effects import Effect

__all__ = ["RenewalPriceRise"]

_WORDS = "renewal_price_rise"
_LOOK_BACK_DAYS = 100
_STORY_DAYS = 95
_WINDOW_DAYS = 10
_AHEAD_WINDOWS = 4
_NEAREST = timedelta(days=7)
_NOTICE_DAYS = (2, 3, 4, 5)
# Every other supplier lets a machine write.
_BY_HAND = 2
_HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class Renewal:
    """One matter: a contract whose price rises.

    Attributes:
        now: The start of the episode.
        supplier: Whose contracts they are.
        codes: The contract that renews, and the other one.
        prices: What they cost a month now, by the slots of `charges`: an earlier price of the first, the second's, the
            first's. In the finance twin the last two have changed places.
        charges: Slots of the three charges, in order of time.
        receipts: Numbers of their receipts, "" for one that names none.
        swapped: Whether they have.
        percents: The rise that counts, and the one announced first.
        notice: So many days before the end of the term the contract can be left.
        ends: Slots of the entries of the two ends; which one is whose follows from their order.
        mails: Slots of the announcement, the correction and the last mail.
        settled: Whether the last mail says that nothing has to be done.
    """

    now: datetime
    supplier: Company
    inbox: str
    me: str
    domain: str
    currency: str
    codes: tuple[str, ...]
    things: tuple[str, str]
    prices: tuple[Decimal, Decimal, Decimal]
    charges: tuple[Slot, Slot, Slot]
    receipts: tuple[str, ...]
    swapped: bool
    percents: tuple[int, int]
    notice: int
    ends: tuple[Slot, Slot]
    place: str
    present: tuple[str, ...]
    mails: tuple[Slot, Slot, Slot]
    settled: bool
    seed: int
    words: tuple[int, ...]

    @property
    def charge(self) -> Slot:
        """Slot of the latest charge of the contract that renews."""
        return self.charges[1 if self.swapped else 2]

    @property
    def amount(self) -> Decimal:
        """What the contract would cost a month from the new term on."""
        now = self.prices[1 if self.swapped else 2]
        return (now * (100 + self.percents[0]) / 100).quantize(Decimal("0.01"))

    @property
    def due(self) -> date:
        """The last day for notice."""
        return self.ends[0].at.date() - timedelta(days=self.notice)


class Renewals(MatterKind[Renewal]):
    """Contracts whose price rises."""

    def sample(self, rng: Stream, life: Life, claims: Claims, *, live: bool, number: int) -> Renewal:
        """Draws a supplier with two contracts, percentages, and gaps for mails, charges and the two ends."""
        plans = [company for company in life.draft.suppliers if company.plan_amount is not None]
        supplier = claims.choose(rng, "supplier", plans, lambda item: item.key)
        row = ("gmail.messages", "gmail.messages", "gmail.messages")
        first_day = life.now - timedelta(days=_STORY_DAYS)
        mails = claims.chain(rng, row, after=first_day, before=life.now - timedelta(minutes=50))
        charged = ("finance.transactions", "finance.transactions", "finance.transactions")
        charges = claims.chain(rng, charged, after=first_day, before=life.now - timedelta(days=1))
        notice = rng.choice(_NOTICE_DAYS)
        low = rng.randint(18, 140)
        first, second = rng.sample(range(low + 5, low + 90), 2)
        things = rng.sample(wording(_WORDS)["things"], 2)
        percents = rng.sample(range(4, 24), 2)
        colleagues = [person.email for person in life.draft.people if person.group == "colleague"]
        present, place = entry_shape(rng, life, [life.person.email, *rng.sample(colleagues, len(colleagues))])
        return Renewal(
            now=life.now,
            supplier=supplier,
            inbox=life.persona.emails["gmail"],
            me=life.person.email,
            domain=life.persona.domain,
            currency=life.persona.currency,
            codes=codes("V-#####", rng, 2),
            things=(things[0], things[1]),
            prices=(Decimal(low), Decimal(second), Decimal(first)),
            charges=(charges[0], charges[1], charges[2]),
            receipts=tuple(code(supplier.invoice_form, rng) if has_receipt(rng, life) else "" for _ in charges),
            swapped=False,
            percents=(percents[0], percents[1]),
            notice=notice,
            ends=on_two_days(rng, life, claims, after=life.now + _NEAREST),
            present=present,
            place=place,
            mails=(mails[0], mails[1], mails[2]),
            settled=not live,
            seed=rng.randrange(10**9),
            words=tuple(rng.randrange(60) for _ in range(6)),
        )

    def story(self, matter: Renewal) -> tuple[Told, ...]:
        """Lays three mails, three charges and the ends of both contracts."""
        return (*_letters(matter), *_charges(matter), *_entries(matter))

    def plan(self, matter: Renewal, *, acting: bool) -> Plan:
        """A rise that is open is the person's to decide, with a todo where the agent may act; else it is settled."""
        announced, corrected, last = (slot.id for slot in matter.mails)
        key = frozenset({announced, corrected, matter.charge.id, matter.ends[0].id})
        context = frozenset({*(slot.id for slot in matter.charges), matter.ends[1].id}) - key
        if matter.settled:
            return Plan(False, key | {last}, context, "already_settled")
        goals = (_noted(matter),) if acting else ()
        # What the note asks for is no private change besides, of which there may only be some.
        return Plan(
            True,
            key,
            context | {last},
            "needs_you",
            matter.due,
            goals,
            lambda effect: acting and _belongs(effect, matter),
        )

    def research(self, matters: Sequence[Renewal]) -> OracleTurns:
        """Reads the mails of the suppliers, what was charged lately, and the entries of the coming weeks."""
        now = matters[0].now.date()
        yield from mails_of("gmail", [slot.id for m in matters for slot in m.mails], days_back=_LOOK_BACK_DAYS)
        days = [(now - timedelta(days=n)).isoformat() for n in range(_LOOK_BACK_DAYS, -1, -_WINDOW_DAYS)]
        yield [
            ToolCall("finance_list_transactions", {"start_date": first, "end_date": last})
            for first, last in pairwise(days)
        ]
        ahead = [(now + timedelta(days=_WINDOW_DAYS * n)).isoformat() for n in range(_AHEAD_WINDOWS)]
        yield [ToolCall("calendar_list_events", {"date": day, "days": _WINDOW_DAYS}) for day in ahead]

    def writes(self, matter: Renewal) -> list[ToolCall]:
        """A todo for the last day on which the contract can be left."""
        words = wording(_WORDS)["todo"]
        names = {"supplier": matter.supplier.name, "code": matter.codes[0], "thing": title(matter.things[0])}
        names["amount"] = money_words(matter.amount, matter.currency)
        todo = {"title": render(words["title"], **names), "description": render(words["description"], **names)}
        return [ToolCall("todo_create_task", {**todo, "due_date": matter.due.isoformat()})]

    def twin(self, matter: Renewal, service: str) -> Renewal:
        """Swaps which charge is whose, what the last mail says, or which end is whose."""
        if service == "finance":
            return replace(matter, swapped=not matter.swapped)
        if service == "gmail":
            return replace(matter, settled=not matter.settled)
        return replace(matter, ends=matter.ends[::-1])

    def unsettled(self, matter: Renewal) -> Renewal:
        """Swaps the supplier's last mail for a neutral one."""
        return replace(matter, settled=False)

    def near_misses(self, matter: Renewal) -> Sequence[Renewal]:
        """Takes the percentage of the first mail, the price of the other contract, or its end."""
        return (
            replace(matter, percents=matter.percents[::-1]),
            replace(matter, swapped=not matter.swapped),
            replace(matter, ends=matter.ends[::-1]),
        )

    def declared(self, matter: Renewal) -> tuple[str, ...]:
        """The last day, which is counted back from the end, the new price, and the days to list from."""
        now = matter.now.date()
        past = (now - timedelta(days=n) for n in range(_LOOK_BACK_DAYS, -1, -_WINDOW_DAYS))
        ahead = (now + timedelta(days=_WINDOW_DAYS * n) for n in range(_AHEAD_WINDOWS))
        amount = money_words(matter.amount, matter.currency)
        return matter.due.isoformat(), amount, *(day.isoformat() for day in (*past, *ahead))


class RenewalPriceRise(ProactiveFamily, name="renewal_price_rise"):
    """Notice a contract that is about to renew at a higher price, and put down until when it can be left."""

    services = ("gmail", "finance", "calendar")
    splits = frozenset({"test"})
    kind = Renewals()


def _pick(kind: str, number: int) -> str:
    options: list[str] = wording(_WORDS)[kind]
    return options[number % len(options)]


def _letters(matter: Renewal) -> list[Told]:
    names = {"code": matter.codes[0], "thing": matter.things[0], "notice": str(matter.notice)}
    subject = title(render(_pick("subjects", matter.words[0]), **names))
    last = "settled" if matter.settled else "neutral"
    bodies = (
        render(_pick("announce", matter.words[1]), **names, percent=str(matter.percents[1])),
        render(_pick("correct", matter.words[2]), **names, percent=str(matter.percents[0])),
        render(_pick(last, matter.words[3]), **names),
    )
    sender, to = matter.supplier.billing, matter.inbox
    if matter.seed % _BY_HAND:
        named = [subject, *(f"Re: {subject}" for _ in matter.mails[1:])]
        mails = zip(matter.mails, named, bodies, strict=True)
        return [mailbox_record("gmail", slot, matter.supplier, to, name, body) for slot, name, body in mails]
    return [
        letter_record("gmail", slot, sender, to, subject, body, seed=matter.seed + n, reply=n > 0)
        for n, (slot, body) in enumerate(zip(matter.mails, bodies, strict=True))
    ]


def _charges(matter: Renewal) -> list[Told]:
    # The earlier charge is of the first contract either way; of the later two the twin exchanges whose they are.
    whose = (0, 0, 1) if matter.swapped else (0, 1, 0)
    told = []
    for slot, price, contract, receipt in zip(matter.charges, matter.prices, whose, matter.receipts, strict=True):
        names = {"code": matter.codes[contract], "thing": matter.things[contract]}
        what = title(render(_pick("charges", matter.words[4]), **names))
        link = {"receipt": receipt, "domain": matter.domain}
        told.append(charge_record(slot, matter.supplier, float(price), matter.currency, what, **link))
    return told


def _entries(matter: Renewal) -> list[Told]:
    told = []
    for slot, contract in zip(matter.ends, matter.codes, strict=True):
        name = render(_pick("entries", matter.words[5]), supplier=matter.supplier.name, code=contract)
        told.append(event_record(slot.id, slot.at, _HALF_HOUR, title(name), matter.present, matter.place))
    return told


def _fits(todo: Mapping[str, Any], matter: Renewal) -> bool:
    """Tells whether a todo is for the last day of notice and names contract and new price."""
    mentions = Mentions(
        money=(money_text(matter.amount, matter.currency),),
        ids=(matter.codes[0],),
        wrong=(matter.codes[1],),
        most={"money": 2},
        currency=matter.currency,
    )
    told = f"{todo.get('title', '')}\n{todo.get('description', '')}"
    return str(todo.get("due_date") or "").strip() == matter.due.isoformat() and mentions.holds(told, matter.now)


def _noted(matter: Renewal) -> Check:
    def holds(episode: Episode) -> bool:
        todos = [effect.shown for effect in episode.written("todo", "created_tasks")]
        return sum(_fits(todo, matter) for todo in todos) == 1

    return Check(f"a todo for the last day of notice names {matter.codes[0]} and the new price", holds)


def _belongs(effect: Effect, matter: Renewal) -> bool:
    return effect.service == "todo" and effect.action == "created_tasks" and _fits(effect.shown, matter)
