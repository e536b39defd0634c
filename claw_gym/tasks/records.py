"""Records as stories lay them: the wire form of a slot's mail, event, todo or charge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from claw_gym.life import Company, Slot
from claw_gym.tasks.family import Told

__all__ = ["charge_record", "event_record", "mail_record", "todo_record"]


def mail_record(service: str, slot: Slot, sender: str, to: str, subject: str, body: str, *, label: str = "") -> Told:
    """Returns a mail in the inbox, read already, at the slot's id and stamp."""
    return f"{service}.messages", {
        "message_id": slot.id,
        "from": sender,
        "to": to,
        "subject": subject,
        "date": slot.at.isoformat(timespec="seconds"),
        "body": body,
        "labels": ["inbox", *([label] if label else [])],
        "is_read": True,
    }


def event_record(
    event_id: str, start: datetime, length: timedelta, title: str, attendees: Sequence[str], place: str
) -> Told:
    """Returns a single calendar entry."""
    return "calendar.events", {
        "event_id": event_id,
        "title": title,
        "start_time": start.isoformat(timespec="seconds"),
        "end_time": (start + length).isoformat(timespec="seconds"),
        "attendees": list(attendees),
        "location": place,
        "recurring": "",
    }


def todo_record(slot: Slot, title: str, description: str, *, status: str, due: str, tag: str, priority: str) -> Told:
    """Returns a todo at the slot's id and stamp."""
    return "todo.tasks", {
        "task_id": slot.id,
        "title": title,
        "description": description,
        "status": status,
        "priority": priority,
        "due_date": due,
        "tags": [tag],
        "created_at": slot.at.isoformat(timespec="seconds"),
    }


def charge_record(
    slot: Slot,
    supplier: Company,
    amount: float,
    currency: str,
    description: str,
    *,
    receipt: str = "",
    domain: str = "",
) -> Told:
    """Returns a charge of a supplier at the slot's id and day; a refund is negative.

    Args:
        slot: Where it stands.
        supplier: Who charged.
        amount: How much, in
        currency: this ISO currency.
        description: What for.
        receipt: The receipt's number, for the address where it is kept; "" for none.
        domain: A mail address of the firm, whose domain keeps the receipts.
    """
    host = domain.rpartition("@")[2]
    url = f"https://files.{host}/receipts/{slot.at:%Y/%m}/{receipt.lower()}.pdf" if receipt else ""
    return "finance.transactions", {
        "transaction_id": slot.id,
        "date": slot.at.date().isoformat(),
        "amount": amount,
        "currency": currency,
        "merchant": supplier.merchant,
        "category": supplier.category,
        "description": description,
        "receipt_url": url,
    }
