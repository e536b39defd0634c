"""What a life is once built: slots of records and gaps, and the people, companies and projects in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from claw_gym.life.persona import Persona, Style

__all__ = ["ID_FORMS", "Company", "LifeDraft", "Person", "Project", "Slot"]

ID_FORMS: Mapping[str, tuple[str, str, int]] = {
    "gmail.messages": ("message_id", "MSG-", 5001),
    "workmail.messages": ("message_id", "WMSG-", 5001),
    "calendar.events": ("event_id", "EVT-", 301),
    "todo.tasks": ("task_id", "TODO-", 501),
    "contacts.contacts": ("contact_id", "CON-", 201),
    "finance.transactions": ("transaction_id", "TXN-", 6001),
    "notes.notes": ("note_id", "NOTE-", 101),
    "crm.customers": ("customer_id", "CUS-", 101),
    "helpdesk.tickets": ("ticket_id", "TK-", 801),
    "scheduler.jobs": ("job_id", "JOB-", 701),
    "inventory.products": ("product_id", "SKU-", 2080),
    "kb.articles": ("article_id", "KB-", 401),
    "rss.articles": ("article_id", "RSS-", 901),
    "config.integrations": ("integration_id", "INT-", 101),
}
"""Table -> (id field, prefix of its ids, first number), as the published fixtures have them."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a mail address; `key` is stable between life seeds, `weekdays` (0 is Monday) is when they write."""

    key: str
    name: str
    first: str
    email: str
    role: str
    company: str
    phone: str
    group: Literal["self", "colleague", "client", "supplier", "private"]
    style: Style
    department: str = ""
    note: str = ""
    warm: bool = False
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Company:
    """A client or supplier. `merchant` is how card statements spell it; `billing` answers questions about money.

    `billing_address` is the mailbox its invoices come from; `plan_amount` and `plan_what` describe a monthly
    charge, None and "" where there is none; `invoice_form` holds a `#` for each digit and `{yy}` for the year, as
    `text.code` fills them in.
    """

    key: str
    name: str
    merchant: str
    domain: str
    industry: str
    category: str
    contact: Person
    billing: Person
    billing_address: str
    country: str = ""
    customer_id: str = ""
    plan_amount: float | None = None
    plan_what: str = ""
    invoice_form: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """A piece of work for a client; `lead` is the colleague who runs it."""

    name: str
    product: str
    part: str
    part2: str
    material: str
    test: str
    client: Company
    lead: Person


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in a table's sequence.

    `record` is in wire form with its id; None marks a reserved gap that a story may take with this id and stamp.
    `story` names the storyline the record belongs to, "" for what stands alone; agents never see it.
    """

    id: str
    at: datetime
    record: Mapping[str, Any] | None
    story: str = ""


@dataclass(frozen=True)
class LifeDraft:
    """A built life: plain data, equal for equal arguments in every process."""

    persona: Persona
    life_seed: int
    scale: str
    start: date
    now: datetime
    tables: Mapping[str, tuple[Slot, ...]]
    people: tuple[Person, ...]
    suppliers: tuple[Company, ...]
    clients: tuple[Company, ...]
    projects: tuple[Project, ...]

    def records(self, table: str) -> tuple[Mapping[str, Any], ...]:
        """Returns the records of `table` in slot order, gaps left out."""
        return tuple(slot.record for slot in self.tables[table] if slot.record is not None)

    def gaps(self, table: str) -> tuple[Slot, ...]:
        """Returns the reserved gaps of `table` in slot order."""
        return tuple(slot for slot in self.tables[table] if slot.record is None)

    def words(self) -> int:
        """Counts the words in all text values of all records."""
        return sum(count_words(record) for table in self.tables for record in self.records(table))


def count_words(value: Any) -> int:
    """Counts the words in all text values of plain data."""
    if isinstance(value, str):
        return len(value.split())
    if isinstance(value, Mapping):
        return sum(count_words(item) for item in value.values())
    if isinstance(value, list | tuple):
        return sum(count_words(item) for item in value)
    return 0
