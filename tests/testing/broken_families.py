"""Families that are sound but for one thing each; in a module of their own, so that other processes find them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from claw_gym.core.seeding import Stream, stream
from claw_gym.core.tool import ToolCall
from claw_gym.life.loaded import Life
from claw_gym.tasks.double_booking import DoubleBooking
from claw_gym.tasks.family import Story
from claw_gym.tasks.proactive import Proactive
from claw_gym.tasks.settle_duplicate_charge import Params, SettleDuplicateCharge
from claw_gym.tasks.success import Check, Success
from claw_gym.tasks.task import Episode, OracleTurns

_counter = itertools.count()


class Psychic(SettleDuplicateCharge):
    """Rule 1: knows the supplier's entry by its id without having looked for it."""

    def oracle(self, params: Params) -> OracleTurns:
        yield ToolCall("crm_get_customer", {"customer_id": params.desk.crm["customer_id"]})
        yield from super().oracle(params)


class Blind(SettleDuplicateCharge):
    """Rule 1: leaves the supplier's entry unread, which it lists all the same."""

    def _research(self, params: Params) -> OracleTurns:
        research = super()._research(params)
        turn = next(research)
        while not (isinstance(turn, ToolCall) and turn.name == "crm_get_customer"):
            results = yield turn
            turn = research.send(results)


class Stumbling(SettleDuplicateCharge):
    """Rule 1: breaks down in the middle."""

    def oracle(self, params: Params) -> OracleTurns:
        yield from self._research(params)
        raise ValueError("no such place")


class Speechless(SettleDuplicateCharge):
    """Rule 1: does not come to an end."""

    def oracle(self, params: Params) -> OracleTurns:
        yield from self._research(params)


class Gift(SettleDuplicateCharge):
    """Rule 2: is solved from the start."""

    def success(self, params: Params) -> Success:
        return Success((Check("anything", lambda _: True),))


class Contented(DoubleBooking):
    """Rule 2: takes an empty list of matters for an answer."""

    def success(self, params: Proactive) -> Success:
        whole = super().success(params)

        def empty(episode: Episode) -> bool:
            return bool(episode.closing and episode.closing.answer == {"matters": []})

        goals = [Check(goal.name, lambda e, goal=goal: empty(e) or goal.holds(e)) for goal in whole.goals]
        return Success(tuple(goals), whole.guards)


class Careless(SettleDuplicateCharge):
    """Rule 3: does not look at the report."""

    def success(self, params: Params) -> Success:
        whole = super().success(params)
        return Success((whole.goals[0], whole.goals[2]), whole.guards)


class Imprecise(SettleDuplicateCharge):
    """Rule 3: does not look at the amount in the report."""

    def success(self, params: Params) -> Success:
        whole = super().success(params)

        def reported(episode: Episode) -> bool:
            reports = [effect.shown for effect in episode.written("finance", "submitted_reports")]
            return [list(report["transactions"]) for report in reports] == [[params.charge.id]]

        return Success((whole.goals[0], Check("a report of that charge", reported), whole.goals[2]), whole.guards)


class DeafTwin(SettleDuplicateCharge):
    """Rule 4: has a twin that changes nothing that matters."""

    def twin(self, params: Params, service: str) -> Params:
        if service == "crm":
            return replace(params, desk=replace(params.desk, note=(params.desk.note + 1) % 3))
        return super().twin(params, service)


class SpillingTwin(SettleDuplicateCharge):
    """Rule 4: has a twin that differs in another service as well."""

    def twin(self, params: Params, service: str) -> Params:
        found = super().twin(params, service)
        if service != "crm":
            return found
        return replace(found, refunded=replace(found.refunded, amount=found.refunded.amount + Decimal("0.5")))


class Talkative(SettleDuplicateCharge):
    """Rule 4: says in the request what has to be found."""

    def instruction(self, params: Params) -> str:
        return f"{super().instruction(params)} It is {params.charge.id}."


class Unguarded(SettleDuplicateCharge):
    """Rule 5: lets every effect pass."""

    def success(self, params: Params) -> Success:
        return Success(super().success(params).goals)


class Fussy(SettleDuplicateCharge):
    """Rule 5: does not let a draft pass."""

    def success(self, params: Params) -> Success:
        whole = super().success(params)
        quiet = Check("no drafts", lambda episode: not episode.written("gmail", "drafts"))
        return Success(whole.goals, (*whole.guards, quiet))


class YesOrNo(BaseModel):
    twice: bool


class Guessable(SettleDuplicateCharge):
    """Rule 6: asks for a yes or a no, and it is always yes."""

    answer = YesOrNo

    def success(self, params: Params) -> Success:
        whole = super().success(params)

        def answered(episode: Episode) -> bool:
            return bool(episode.closing and episode.closing.answer == {"twice": True})

        return Success((*whole.goals[:2], Check("the answer is right", answered)), whole.guards)

    def _finish(self, params: Params) -> ToolCall:
        return ToolCall("finish", {"message": "Done.", "answer": {"twice": True}})


class Wordy(SettleDuplicateCharge):
    """Rule 6: judges the closing words."""

    def success(self, params: Params) -> Success:
        whole = super().success(params)
        said = Check("it is said", lambda episode: bool(episode.closing and "asked back" in episode.closing.message))
        return Success((*whole.goals, said), whole.guards)


class Forgetful(SettleDuplicateCharge):
    """Rule 7: is another task each time."""

    def sample(self, rng: Stream, life: Life, difficulty: int) -> Params:
        return super().sample(stream(next(_counter), "forgetful"), life, difficulty)


class Hashing(SettleDuplicateCharge):
    """Rule 7: is another task in each process."""

    def sample(self, rng: Stream, life: Life, difficulty: int) -> Params:
        return super().sample(stream(hash("settle"), "hashing"), life, difficulty)


class Stubborn(SettleDuplicateCharge):
    """Rule 7: words every request and every mail alike, whatever the seed."""

    def story(self, params: Params) -> Story:
        whole = super().story(params)
        return replace(
            whole, evidence=tuple((table, {**plain, **_SAME.get(table, {})}) for table, plain in whole.evidence)
        )


_SAME = {"gmail.messages": {"from": "shop@example.org"}}


class Narrow(SettleDuplicateCharge):
    """Rule 8: takes one wording only."""

    def success(self, params: Params) -> Success:
        whole = super().success(params)

        def exact(episode: Any) -> bool:
            mails = episode.written("gmail", "sent_messages")
            return [mail.shown["body"] for mail in mails] == [self._mail(params, "body").arguments["body"]]

        return Success((*whole.goals, Check("the very words", exact)), whole.guards)


class Lonely(SettleDuplicateCharge):
    """Rule 8: knows two further ways only."""

    def solutions(self, params: Params) -> Sequence[Callable[[], OracleTurns]]:
        return super().solutions(params)[:2]


class Repeating(SettleDuplicateCharge):
    """Rule 8: gives its oracle three times."""

    def solutions(self, params: Params) -> Sequence[Callable[[], OracleTurns]]:
        return [lambda: self.oracle(params)] * 3


class Marked(SettleDuplicateCharge):
    """Rule 9: puts a star on all mail of its story."""

    def story(self, params: Params) -> Story:
        whole = super().story(params)

        def starred(told: Any) -> Any:
            return [(table, {**plain, "starred": True} if "labels" in plain else plain) for table, plain in told]

        return replace(whole, evidence=tuple(starred(whole.evidence)), others=tuple(starred(whole.others)))
