"""A ticket that waits although its client has an agreement: escalate it by the rules in force, tell the right people.

Mechanism: rules, roles and words that were superseded, and a chain through them. The customer list says whose agreement
runs, the ticket what kind of trouble it is, the page in force what that kind means, the address book who leads for the
kind now, and the client's last mail under which reference and by what hour; each beside an older or later version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from claw_gym.core.seeding import Stream
from claw_gym.core.tool import ToolCall
from claw_gym.life import Slot
from claw_gym.life.loaded import Claims, Life
from claw_gym.tasks.agreements import (
    Lead,
    Page,
    Row,
    Term,
    client_note,
    draw_leads,
    draw_pages,
    exchanged,
    handed_back,
    in_force,
    lead_note,
    pick,
    running,
    stopped,
)
from claw_gym.tasks.client_tickets import (
    Case,
    Closed,
    clients_of,
    closed_ticket,
    draw_case,
    draw_categories,
    draw_closed,
    draw_others,
    escalated,
    ticket_gap,
    told_case,
    wish_ticket,
)
from claw_gym.tasks.family import Story, TaskFamily, Told
from claw_gym.tasks.solving import payload
from claw_gym.tasks.success import Check, Success, no_collateral
from claw_gym.tasks.task import Episode, OracleTurns
from claw_gym.tasks.texts import day_text, render, wording
from claw_gym.tasks.values import Mentions, recipients
from claw_gym.world.effects import Effect

__all__ = ["EscalateVipTicket"]

_WORDS = "escalate_vip_ticket"
_CLIENTS, _KINDS, _CLOSED = (2, 2, 2, 3, 3), (3, 3, 3, 4, 4), (6, 6, 7, 8, 8)
_ESCALATED = 2  # place among the cases
_PAGES_FROM, _TAKEOVER_FROM, _THANKS_FROM, _WISH_FROM, _HARD_FROM = 2, 2, 3, 4, 4
_WISH_DAYS, _SEARCH_DAYS = 90, 150
_SENT_ALLOWED = 2


class Answer(BaseModel):
    """The typed answer."""

    model_config = ConfigDict(extra="forbid")

    ticket_id: Annotated[str, Field(description="id of the ticket that was escalated")]
    contact_id: Annotated[str, Field(description="id of the contact who takes it over")]
    reference: Annotated[str, Field(description="the client's own reference as it stands now")]
    word_by: Annotated[
        str,
        Field(
            description="day and time for which the client is promised word, local, such as 2026-01-28T15:30",
            pattern=r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d",
        ),
    ]


@dataclass(frozen=True)
class Params:
    """Everything that varies; `cases[vip]` is the ticket to escalate, `others` are other clients and their terms.

    `wish` is another waiting ticket, with the place of its client among the cases; `closed` are older ones.
    """

    now: datetime
    difficulty: int
    me: str
    own: frozenset[str]
    agreement: str
    role: str
    cases: tuple[Case, ...]
    vip: int
    others: tuple[tuple[Mapping[str, Any], tuple[Term, ...]], ...]
    wish: tuple[int, Slot] | None
    closed: tuple[Closed, ...]
    pages: tuple[Page, ...]
    leads: tuple[Lead, ...]
    words: tuple[int, ...]

    @property
    def case(self) -> Case:
        """The one to escalate."""
        return self.cases[self.vip]

    @property
    def page(self) -> Page:
        """The page in force."""
        return in_force(self.pages, self.now.date())

    @property
    def row(self) -> Row:
        """What it says of the ticket's kind."""
        return next(row for row in self.page.rows if row.kind == self.case.kind)

    @property
    def lead(self) -> Lead:
        """Who takes the ticket over."""
        today = self.now.date()
        return next(one for one in self.leads if one.kind == self.case.kind and one.start <= today <= one.end)

    @property
    def tags(self) -> tuple[str, str]:
        """The tags that the ticket gets."""
        return self.row.mark, next(term.number for term in self.case.terms if term.runs(self.now.date()))

    @property
    def promise(self) -> datetime:
        """When the client hears from us."""
        return self.case.named[self.case.last] - timedelta(minutes=self.row.head_start)


class EscalateVipTicket(TaskFamily[Params], name="escalate_vip_ticket"):
    """Find the ticket under a running agreement, escalate it by the page in force, tell its lead and the client."""

    services = ("helpdesk", "crm", "kb", "contacts", "workmail")
    answer = Answer

    def sample(self, rng: Stream, life: Life, difficulty: int) -> Params:
        """Draws clients, agreements, pages and leads; harder tasks have more of each, and more that nearly fits."""
        claims, words, hard = Claims(life), wording(_WORDS), difficulty >= _HARD_FROM
        today, count = life.now.date(), _CLIENTS[difficulty - 1]
        clients, busy = clients_of(rng, life)
        agreement = rng.choice(sorted(words["agreements"]))
        form = f"{words['agreements'][agreement]}-####"
        kinds = rng.sample(sorted(words["kinds"]), _KINDS[difficulty - 1])
        categories = draw_categories(rng, life, kinds)
        pages = draw_pages(rng, life, claims, kinds, 3 if difficulty >= _PAGES_FROM else 2)
        cases = {}
        # Who has most mails, or a wish, or the newest of anything, is not told by that.
        chatty, wishing, done = (rng.randrange(2) for _ in range(3))
        for n in rng.sample(range(count), count):
            runs = n == 0 or (hard and n == _ESCALATED)
            terms = running(rng, today, form) if runs else stopped(rng, today, form, cut=hard and n == 1)
            # Whoever may turn out to be the one has corrected what they wrote, and so have some others.
            mails = rng.randint(1, 2) if n > 1 else 3 if n == chatty and difficulty >= _THANKS_FROM else 2
            late = difficulty >= _TAKEOVER_FROM
            cases[n] = draw_case(rng, life, claims, clients[n], categories, terms, mails=mails, takeover=late)
        if hard:
            cases[_ESCALATED] = escalated(cases[_ESCALATED], pages[1], today)
        wish = ticket_gap(claims, life.now - timedelta(days=rng.randint(0, _WISH_DAYS)))
        closed = draw_closed(rng, life, claims, clients, categories, cases[done], _CLOSED[difficulty - 1])
        return Params(
            now=life.now,
            difficulty=difficulty,
            me=life.person.name,
            own=frozenset(address.lower() for address in life.persona.emails.values()),
            agreement=agreement,
            role=rng.choice(words["roles"]),
            cases=tuple(cases[n] for n in range(count)),
            vip=0,
            others=draw_others(rng, life, clients[count::2], busy, form),
            wish=(wishing, wish) if difficulty >= _WISH_FROM else None,
            closed=closed,
            pages=pages,
            leads=draw_leads(rng, life, kinds, list(dict.fromkeys([cases[0].kind, kinds[0]])) if hard else []),
            words=tuple(rng.randrange(60) for _ in range(4)),
        )

    def story(self, params: Params) -> Story:
        """Lays tickets, mails, pages, and notes on every client and on who leads or led."""
        told = [record for case in params.cases for record in told_case(case)]
        told += [page.told(params.agreement, params.role) for page in params.pages]
        entries = [(case.record, case.terms) for case in params.cases]
        for n, (record, terms) in enumerate((*entries, *params.others)):
            told.append(client_note(record, terms, params.agreement, params.words[0] + n))
        told += [
            lead_note(lead, params.role, params.words[1] + n, params.now.date()) for n, lead in enumerate(params.leads)
        ]
        told += [closed_ticket(one) for one in params.closed]
        if params.wish:
            told.append(wish_ticket(params.cases[params.wish[0]], params.wish[1]))
        key = {params.case.ticket.id, params.case.mails[params.case.last].id, params.page.slot.id, params.lead.id}
        key.add(str(params.case.record["customer_id"]))
        evidence = [record for record in told if _id(record) in key]
        return Story(tuple(evidence), tuple(record for record in told if record not in evidence))

    def instruction(self, params: Params) -> str:
        """Says more or less of what is the matter, by difficulty, and always all that has to be done."""
        words, names = wording(_WORDS), {"agreement": params.agreement, "role": params.role}
        opening = render(pick(words["request"][params.difficulty], params.words[2]), **names)
        return f"{opening} {render(pick(words['steps'], params.words[3]), **names)}"

    def success(self, params: Params) -> Success:
        """The ticket is escalated, its lead and the client are told, and the answer is right."""
        return Success(_goals(params), (no_collateral(lambda effect: _belongs(effect, params)),))

    def declared(self, params: Params) -> tuple[str, ...]:
        """The promised hour, which is computed, and the state by which tickets are listed."""
        return f"{params.promise:%Y-%m-%dT%H:%M}", "in_progress"

    def oracle(self, params: Params) -> OracleTurns:
        """Reads tickets, clients, pages, leads and mails; then changes the ticket, tells both and answers."""
        yield from self._research(params)
        yield [self._update(params), self._message(params, "body"), self._mail(params, "body")]
        yield self._finish(params)

    def _research(self, params: Params) -> OracleTurns:
        story = self.story(params)
        ids = {_id(record) for record in (*story.evidence, *story.others)}
        listed = yield ToolCall("helpdesk_list_tickets", {"status": "in_progress"})
        rows = [row for row in payload(listed[0])["tickets"] if row["ticket_id"] in ids]
        yield [ToolCall("helpdesk_get_ticket", {"ticket_id": row["ticket_id"]}) for row in rows]
        customers = yield ToolCall("crm_list_customers", {})
        firms = {row["department"] for row in rows}
        found = [row["customer_id"] for row in payload(customers[0])["customers"] if row["name"] in firms]
        entries = yield [ToolCall("crm_get_customer", {"customer_id": one}) for one in found]
        pages = yield ToolCall("kb_search", {"query": f"{params.agreement} tickets", "max_results": 10})
        articles = [row["article_id"] for row in payload(pages[0])["articles"] if row["article_id"] in ids]
        yield [ToolCall("kb_get_article", {"article_id": one}) for one in articles]
        yield ToolCall("contacts_search", {"query": ""})
        for entry in entries:
            domain = payload(entry)["email"].rpartition("@")[2]
            query = {"query": domain, "days_back": _SEARCH_DAYS, "max_results": 50}
            mails = yield ToolCall("workmail_list_messages", query)
            told = [row["message_id"] for row in payload(mails[0])["messages"] if row["message_id"] in ids]
            yield [ToolCall("workmail_get_message", {"message_id": one}) for one in told]

    def _update(self, params: Params) -> ToolCall:
        change = {"priority": params.row.priority, "tags": list(params.tags)}
        return ToolCall("helpdesk_update_ticket", {"ticket_id": params.case.ticket.id, **change})

    def _message(self, params: Params, form: str) -> ToolCall:
        text = render(wording(_WORDS)["message"][form], **_names(params))
        return ToolCall("contacts_send_message", {"contact_id": params.lead.id, "message": text})

    def _mail(self, params: Params, form: str) -> ToolCall:
        words, names = wording(_WORDS)["mail"], _names(params)
        text = {"subject": render(words["subject"], **names), "body": render(words[form], **names)}
        return ToolCall("workmail_send_message", {"to": params.case.writers[-1].email, **text})

    def _finish(self, params: Params) -> ToolCall:
        answer = {
            "ticket_id": params.case.ticket.id,
            "contact_id": params.lead.id,
            "reference": params.case.refs[params.case.last],
            "word_by": f"{params.promise:%Y-%m-%dT%H:%M}",
        }
        return ToolCall("finish", {"message": "The ticket is escalated, and both are told.", "answer": answer})

    def twin(self, params: Params, service: str) -> Params:
        """Another kind of trouble, another client's agreement, another page, another lead or another last word."""
        case = params.case
        if service == "helpdesk":
            other = next(row.kind for row in params.page.rows if row.kind != case.kind)
            return _with(params, replace(case, kind=other))
        if service == "workmail":
            return _with(params, replace(case, refs=case.refs[::-1], named=case.named[::-1]))
        if service == "kb":
            return replace(params, pages=exchanged(params.pages, params.page, params.pages[0]))
        if service == "contacts":
            return replace(params, leads=handed_back(params.leads, params.lead))
        first, second, *rest = params.cases
        swap = (replace(first, terms=second.terms), replace(second, terms=first.terms))
        return replace(params, cases=(*swap, *rest), vip=1)

    def distractor_params(self, params: Params) -> Sequence[Params]:
        """Takes any one thing for its older or later version, or another client for the one."""
        pages = [exchanged(params.pages, params.page, page) for page in params.pages if page != params.page]
        services = [service for service in self.services if service != "kb"]
        return [self.twin(params, one) for one in services] + [replace(params, pages=one) for one in pages]

    def solutions(self, params: Params) -> Sequence[Callable[[], OracleTurns]]:
        """The client first and in other words; two mails and two updates; drafts and todos on the way."""

        def reworded() -> OracleTurns:
            yield from self._research(params)
            yield self._mail(params, "reworded")
            yield self._message(params, "reworded")
            yield self._update(params)
            yield self._finish(params)

        def by_halves() -> OracleTurns:
            yield from self._research(params)
            for part in ({"tags": list(params.tags)}, {"priority": params.row.priority}):
                yield ToolCall("helpdesk_update_ticket", {"ticket_id": params.case.ticket.id, **part})
            yield [self._mail(params, "first_half"), self._message(params, "body"), self._mail(params, "body")]
            yield self._finish(params)

        def drafted() -> OracleTurns:
            yield from self._research(params)
            mail = self._mail(params, "body")
            yield ToolCall("workmail_save_draft", mail.arguments)
            yield ToolCall("todo_create_task", {"title": "See that the client hears from us"})
            yield [self._update(params), mail, self._message(params, "reworded")]
            yield self._finish(params)

        return reworded, by_halves, drafted


def _id(record: Told) -> str:
    """Returns the id of a record; it is the first field in every table."""
    return str(next(iter(record[1].values())))


def _with(params: Params, case: Case) -> Params:
    """Returns params with another case to escalate."""
    return replace(params, cases=(*params.cases[: params.vip], case, *params.cases[params.vip + 1 :]))


def _names(params: Params) -> dict[str, str]:
    """Returns what the oracle's mails and messages name."""
    return {
        "ref": params.case.refs[params.case.last],
        "first": params.case.writers[-1].first,
        "me": params.me,
        "agreement": params.agreement,
        "role": params.role,
        "ticket": params.case.ticket.id,
        "promise": f"{day_text(params.promise, weekday=True)} at {params.promise:%H:%M}",
        "promise_iso": f"{params.promise:%Y-%m-%d %H:%M}",
    }


def _belongs(effect: Effect, params: Params) -> bool:
    if effect.service == "workmail" and effect.action == "sent_messages":
        return recipients(effect.shown["to"]) - params.own == {params.case.writers[-1].email.lower()}
    if effect.service == "contacts":
        return bool(effect.shown["contact_id"] == params.lead.id)
    return effect.action == "updated_tickets" and effect.record_id == params.case.ticket.id


def _goals(params: Params) -> tuple[Check, ...]:
    case, promise = params.case, params.promise
    refs = {ref for one in params.cases for ref in one.refs} - {case.refs[case.last]}
    tickets = {one.ticket.id for one in params.cases} - {case.ticket.id}
    hour: dict[str, Any] = {
        "moments": (promise,),
        "wrong_moments": (case.named[1 - case.last] - (case.named[case.last] - promise),),
        "most": {"days": 2, "times": 2},
    }
    to_client = Mentions(ids=(case.refs[case.last],), wrong=tuple(sorted(refs)), **hour)
    to_lead = Mentions(ids=(case.ticket.id,), wrong=tuple(sorted(tickets)), **hour)

    def changed(episode: Episode) -> bool:
        ticket = episode.world.table("helpdesk.tickets").get(case.ticket.id)
        given = ticket.plain if ticket else {}
        right = {"category": case.look[0], "status": "in_progress", "priority": params.row.priority}
        tags = sorted(str(tag).strip().lower() for tag in given.get("tags", ()))
        return {**given, **right} == given and tags == sorted(tag.lower() for tag in params.tags)

    def lead_told(episode: Episode) -> bool:
        sent = [effect.shown for effect in episode.written("contacts", "sent_messages")]
        text = "\n".join(str(one["message"]) for one in sent)
        return 1 <= len(sent) <= _SENT_ALLOWED and to_lead.holds(text, params.now)

    def client_told(episode: Episode) -> bool:
        sent = [effect.shown for effect in episode.written("workmail", "sent_messages")]
        text = "\n".join(f"{mail['subject']}\n{mail['body']}" for mail in sent)
        return 1 <= len(sent) <= _SENT_ALLOWED and to_client.holds(text, params.now)

    def answered(episode: Episode) -> bool:
        given = (episode.closing and episode.closing.answer) or {}
        wanted = {"ticket_id": case.ticket.id, "contact_id": params.lead.id, "reference": case.refs[case.last]}
        same = all(str(given.get(key)).strip().lower() == value.lower() for key, value in wanted.items())
        return same and _is_at(str(given.get("word_by")), promise)

    return (
        Check("the ticket has the priority and the tags of the page in force", changed),
        Check("who leads for its kind now knows ticket and hour", lead_told),
        Check("the client's last writer knows reference and hour", client_told),
        Check("the answer names ticket, contact, reference and hour", answered),
    )


def _is_at(text: str, moment: datetime) -> bool:
    """Tells whether a typed moment, local unless it has an offset, is the same minute."""
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        return False
    given = given.astimezone(moment.tzinfo) if given.tzinfo else given.replace(tzinfo=moment.tzinfo)
    return given.replace(second=0, microsecond=0) == moment
