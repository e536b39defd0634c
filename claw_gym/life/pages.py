"""The records of a life while it is being written: one method per kind, in wire form, ids still to come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from claw_gym.core.seeding import Stream
from claw_gym.life.draft import ID_FORMS, Company, Person, count_words
from claw_gym.life.persona import Persona

__all__ = ["READ_AFTER", "READ_CHANCE", "Page", "Pages"]

READ_AFTER = timedelta(days=2)
"""Mail older than this has been read;"""
READ_CHANCE = 0.5
"""of what is newer, this share."""


Page = tuple[datetime, dict[str, Any], str]
"""A record with its stamp and the storyline it belongs to, "" for none."""


@dataclass(frozen=True)
class Mark:
    """How much had been written: words, and pages per table."""

    words: int
    lengths: Mapping[str, int]


class Pages:
    """Collects pages per table; records of things that have happened never lie after now.

    Attributes:
        now: Where the clock of the life stands.
        telling: The storyline that what is written now belongs to.
        cut: Whether something has been left out since the last mark because it would lie after now.
        words: How many words have been written.
        tables: Table -> its pages, in the order of writing.
    """

    def __init__(self, persona: Persona, now: datetime) -> None:
        """Starts empty."""
        self._persona = persona
        self.now = now
        self.telling = ""
        self.cut = False
        self.words = 0
        self.tables: dict[str, list[Page]] = {table: [] for table in ID_FORMS}

    def mark(self) -> Mark:
        """Returns a mark of what has been written so far."""
        self.cut = False
        return Mark(self.words, {table: len(pages) for table, pages in self.tables.items()})

    def back_to(self, mark: Mark) -> None:
        """Takes back what was written after a mark."""
        self.words = mark.words
        for table, length in mark.lengths.items():
            del self.tables[table][length:]

    def _over(self, at: datetime) -> bool:
        self.cut |= at >= self.now
        return at < self.now

    def _put(self, table: str, at: datetime, record: dict[str, Any]) -> None:
        self.tables[table].append((at, record, self.telling))
        self.words += count_words(record)

    def mail(
        self,
        service: str,
        at: datetime,
        sender: Person,
        to: Person,
        subject: str,
        body: str,
        rng: Stream,
        *,
        label: str = "",
        draft: bool = False,
        read: bool | None = None,
    ) -> None:
        """Adds a mail; whether an inbox mail of the last days has been read is drawn unless `read` says."""
        if not self._over(at):
            return
        own = sender.group == "self"
        box = "draft" if draft else "sent" if own else "inbox"
        seen = own or at < self.now - READ_AFTER or rng.random() < READ_CHANCE
        self._put(
            f"{service}.messages",
            at,
            {
                "from": self._address(service, sender),
                "to": self._address(service, to),
                "subject": subject,
                "date": at.isoformat(),
                "body": body,
                "labels": [box, label] if label else [box],
                "is_read": seen if read is None else read,
            },
        )

    def _address(self, service: str, person: Person) -> str:
        return self._persona.emails[service] if person.group == "self" else person.email

    def event(
        self, start: datetime, minutes: int, title: str, attendees: Iterable[str], place: str, recurring: str = ""
    ) -> None:
        """Adds a calendar entry, past or ahead."""
        # Clock arithmetic on the aware local time is right here: nothing runs through the night of a clock change.
        end = start + timedelta(minutes=minutes)
        record = {
            "title": title,
            "start_time": start.isoformat(),
            "end_time": end.isoformat(),
            "attendees": list(dict.fromkeys(attendees)),
            "location": place,
            "recurring": recurring,
        }
        self._put("calendar.events", start, record)

    def todo(
        self, at: datetime, title: str, description: str, due: str, priority: str, tags: Iterable[str], status: str = ""
    ) -> None:
        """Adds a task; without `status` what was due is done and what is ahead is pending."""
        if not self._over(at):
            return
        status = status or ("completed" if due < self.now.date().isoformat() else "pending")
        record = {
            "title": title,
            "description": description,
            "status": status,
            "priority": priority,
            "due_date": due,
            "tags": list(tags),
            "created_at": at.isoformat(),
        }
        self._put("todo.tasks", at, record)

    def note(self, at: datetime, title: str, participants: Iterable[str], content: str, minutes: int) -> None:
        """Adds a note; `participants` are names, `minutes` is 0 for a jotting."""
        if self._over(at):
            record = {
                "title": title,
                "created_at": at.isoformat(),
                "participants": list(participants),
                "content": content,
                "duration_minutes": minutes,
            }
            self._put("notes.notes", at, record)

    def payment(
        self, at: datetime, company: Company, amount: float, description: str, category: str = "", receipt: str = ""
    ) -> None:
        """Adds a charge by `company`, a refund when `amount` is negative."""
        if not self._over(at):
            return
        record = {
            "date": at.date().isoformat(),
            "amount": round(amount, 2),
            "currency": self._persona.currency,
            "merchant": company.merchant,
            "category": category or company.category,
            "description": description,
            "receipt_url": f"https://files.{self._persona.domain}/receipts/{at:%Y/%m}/{receipt.lower()}.pdf"
            if receipt
            else "",
        }
        self._put("finance.transactions", at, record)

    def ticket(
        self,
        at: datetime,
        by: Person,
        title: str,
        text: str,
        *,
        category: str,
        priority: str,
        tags: Iterable[str],
        status: str,
        closed: date,
        resolution: str,
    ) -> None:
        """Adds a ticket; without `status` it is closed once `closed` is past, and in progress before."""
        if not self._over(at):
            return
        done = status == "closed" or (not status and closed < self.now.date())
        record: dict[str, Any] = {
            "title": title,
            "description": text,
            "reporter": by.name,
            "department": by.department or by.company or "External",
            "priority": priority,
            "status": status or ("closed" if done else "in_progress"),
            "category": category,
            "tags": list(tags),
            "created_at": at.isoformat(),
        }
        if done:
            record |= {"closed_at": closed.isoformat(), "resolution": resolution}
        self._put("helpdesk.tickets", at, record)

    def article(self, at: datetime, by: Person, title: str, category: str, tags: Iterable[str], text: str) -> None:
        """Adds an article of the knowledge base; `at` is when it was last changed."""
        record = {
            "title": title,
            "category": category,
            "tags": list(tags),
            "content": text,
            "author": by.name,
            "last_updated": at.date().isoformat(),
        }
        self._put("kb.articles", at, record)

    def feed_article(self, at: datetime, title: str, source: str, category: str, text: str) -> None:
        """Adds a news article; its summary is its first sentence."""
        if not self._over(at):
            return
        first = text.partition("\n")[0].partition(". ")[0].rstrip(".") + "."
        record = {"title": title, "source": source, "category": category, "published_at": at.isoformat()}
        self._put("rss.articles", at, {**record, "summary": first, "content": text})

    def plain(self, table: str, at: datetime, record: Mapping[str, Any]) -> None:
        """Adds a record of a table that has no stamp of its own."""
        self._put(table, at, dict(record))
