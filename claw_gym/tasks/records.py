"""Records as stories lay them: the wire form of a slot's mail, event, todo or charge."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from claw_gym.core.seeding import stream
from claw_gym.life import Company, Person, Slot
from claw_gym.life.mail_form import Said, footer
from claw_gym.life.text import MONTHS, WEEKDAYS, letter
from claw_gym.tasks.family import Told

__all__ = [
    "charge_record",
    "contact_record",
    "customer_record",
    "event_record",
    "letter_record",
    "mail_record",
    "mailbox_record",
    "note_record",
    "said_by",
    "ticket_record",
    "todo_record",
]


_PARTED = 0.5
_LONGER_NOTE = 12
_FIRST_STOP = re.compile(r"(?<=[a-z]{3}[.?!]) (?=[A-Z])")


def mail_record(
    service: str, slot: Slot, sender: str, to: str, subject: str, body: str, *, label: str = "", box: str = "inbox"
) -> Told:
    """Returns a mail in the inbox (or `box` "sent"), read already, at the slot's id and stamp."""
    return f"{service}.messages", {
        "message_id": slot.id,
        "from": sender,
        "to": to,
        "subject": subject,
        "date": slot.at.isoformat(timespec="seconds"),
        "body": body,
        "labels": [box, *([label] if label else [])],
        "is_read": True,
    }


def mailbox_record(
    service: str, slot: Slot, firm: Company, to: str, subject: str, body: str, *, label: str = ""
) -> Told:
    """Returns a mail that a firm's machine sends, from the mailbox of its invoices, with its footer."""
    sender = replace(firm.billing, name=firm.name, first=firm.name, email=firm.billing_address)
    whole = "\n\n".join(part for part in (body, footer(sender)) if part)
    return mail_record(service, slot, sender.email, to, subject, whole, label=label)


def letter_record(
    service: str,
    slot: Slot,
    sender: Person,
    to: str | Person,
    subject: str,
    body: str,
    *,
    seed: int,
    reply: bool = False,
    answers: Said | None = None,
) -> Told:
    """Returns a mail in the manner of who sends it: greeting, turns of phrase, sign-off, signature block.

    Args:
        service: The mail service.
        slot: Where it stands.
        sender: Who writes.
        to: The address it goes to, or whom the person writes to.
        subject: The subject, to which a reply adds its "Re: ".
        body: What is said, one paragraph a line.
        seed: Draws among the manners; the same seed writes the same.
        reply: Whether it answers something in its thread.
        answers: The mail it answers, which the sender's mail program may quote; None for none at hand.
    """
    rng, style = stream(seed, "letter"), sender.style
    # What has a capital in the middle of a sentence keeps it at the beginning of one.
    proper = frozenset(re.findall(r"(?<=[a-z,] )[A-Z][a-z]*", body)).union(WEEKDAYS, MONTHS)
    greeting = rng.choice(style.reply if reply else style.open)
    if isinstance(to, Person):
        # Only the person's own greetings name who they go to; everybody else writes to one and the same.
        greeting, to = greeting.format_map({"to": to}), to.email
    if rng.random() < _PARTED:
        # As people do, some begin a new paragraph after the first sentence.
        body = _FIRST_STOP.sub("\n", body, count=1)
    text = letter(body, style, sender, greeting, proper, rng, reply=reply, answers=answers)
    box = "sent" if sender.group == "self" else "inbox"
    return mail_record(service, slot, sender.email, to, f"Re: {subject}" if reply else subject, text, box=box)


def said_by(writer: Person, mail: Told) -> Said:
    """Returns a mail as one that may be quoted: mail programs name the writer, not the address."""
    return Said(datetime.fromisoformat(mail[1]["date"]), writer.name, mail[1]["body"])


def ticket_record(
    slot: Slot,
    by: Person,
    title: str,
    text: str,
    *,
    category: str,
    tags: Sequence[str],
    priority: str = "medium",
    closed_at: date | None = None,
    resolution: str = "",
) -> Told:
    """Returns a ticket at the slot's id and stamp: in progress, or closed on a day with a resolution."""
    record: dict[str, Any] = {
        "ticket_id": slot.id,
        "title": title,
        "description": text,
        "reporter": by.name,
        "department": by.department or by.company or "External",
        "priority": priority,
        "status": "in_progress" if closed_at is None else "closed",
        "category": category,
        "tags": list(tags),
        "created_at": slot.at.isoformat(timespec="seconds"),
    }
    if closed_at is not None:
        record |= {"closed_at": closed_at.isoformat(), "resolution": resolution}
    return "helpdesk.tickets", record


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


def note_record(slot: Slot, title: str, participants: Sequence[str], text: str, *, minutes: int = 0) -> Told:
    """Returns a note at the slot's id and stamp; `participants` are names, `minutes` is 0 for a jotting."""
    return "notes.notes", {
        "note_id": slot.id,
        "title": title,
        "created_at": slot.at.isoformat(timespec="seconds"),
        "participants": list(participants),
        "content": text,
        "duration_minutes": minutes,
    }


def contact_record(record: Mapping[str, Any], note: str) -> Told:
    """Returns an entry of the address book with `note` after as much of its old note as there is room for.

    A field that grew would tell the story from the life.
    """
    old = str(record["note"])
    kept = re.split(r"(?<=[.!?]) ", old) if old else []
    while kept and len(" ".join([*kept, note])) > len(old) + _LONGER_NOTE:
        kept.pop()
    return "contacts.contacts", {**record, "note": " ".join([*kept, note])}


def customer_record(record: Mapping[str, Any], *notes: str) -> Told:
    """Returns an entry of the customer list with `notes` in place of as many of its further lines.

    An entry that grew would tell the story from the life, so what is written in pushes out what is about as long.
    """
    first, *log = str(record["notes"]).split("\n")
    log += [""] * (len(notes) - len(log))
    for note in notes:
        lines = [line for line in log if line not in notes]
        log[log.index(min(lines, key=lambda line: abs(len(line) - len(note))))] = note
    return "crm.customers", {**record, "notes": "\n".join([first, *log])}


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
