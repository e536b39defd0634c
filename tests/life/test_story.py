"""What a life tells must hang together: threads, money, appointments, people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise
from typing import Any

from claw_gym.life import LifeDraft

MAILBOXES = ("gmail.messages", "workmail.messages")
_NOT_ATTENDED = ("Cancelled: ", "Declined: ")


def _occurrences(life: LifeDraft, days_ahead: int = 30) -> Iterator[tuple[datetime, datetime, str]]:
    """Yields every entry the person attends, weekly ones expanded by local time, as (start, end, title)."""
    for event in life.records("calendar.events"):
        start, end = (datetime.fromisoformat(event[key]).replace(tzinfo=None) for key in ("start_time", "end_time"))
        if event["title"].startswith(_NOT_ATTENDED) or _is_a_colleague_s_shift(life, event):
            continue
        weeks = (life.now.date() + timedelta(days=days_ahead) - start.date()).days // 7 if event["recurring"] else 0
        for week in range(weeks + 1):
            yield start + timedelta(weeks=week), end + timedelta(weeks=week), event["title"]


def _is_a_colleague_s_shift(life: LifeDraft, event: Mapping[str, Any]) -> bool:
    """Tells whether an entry is of the rota and not the person's own: these overlap whatever they like."""
    own = set(life.persona.emails.values())
    return bool(event["title"].startswith(f"{life.persona.duty.title}: ") and not own & set(event["attendees"]))


def _equal_charges(life: LifeDraft, within_days: int) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for one, other in combinations(life.records("finance.transactions"), 2):
        apart = abs((date.fromisoformat(one["date"]) - date.fromisoformat(other["date"])).days)
        if one["merchant"] == other["merchant"] and one["amount"] == other["amount"] > 0 and apart <= within_days:
            yield one, other


def test_every_reply_answers_an_earlier_mail_between_the_same_people(life: LifeDraft) -> None:
    for box in MAILBOXES:
        told: set[tuple[str, frozenset[str]]] = set()
        for mail in life.records(box):
            parties = frozenset((mail["from"], mail["to"]))
            team = frozenset((life.persona.team["email"],))
            if mail["subject"].startswith("Re: "):
                subject = mail["subject"][4:]
                answered = (subject, parties) in told
                to_the_team = any(subject == known and people & team for known, people in told)
                assert answered or to_the_team, mail
            told.add((mail["subject"].removeprefix("Re: "), parties))


def test_every_amount_in_a_receipt_is_a_charge_of_that_supplier_on_that_day(life: LifeDraft) -> None:
    by_domain = {supplier.domain: supplier for supplier in life.suppliers}
    receipts = [
        slot.record
        for slot in life.tables["gmail.messages"]
        if slot.record and not slot.story and "receipts" in slot.record["labels"]
    ]
    assert len(receipts) >= 10
    for mail in receipts:
        supplier = by_domain[mail["from"].split("@")[1]]
        near = [
            charge
            for charge in life.records("finance.transactions")
            if charge["merchant"] == supplier.merchant
            and abs((date.fromisoformat(charge["date"]) - date.fromisoformat(mail["date"][:10])).days) <= 1
        ]
        for amount in re.findall(r"[€£$]([\d,]+\.\d\d)", mail["body"]):
            assert float(amount.replace(",", "")) in [charge["amount"] for charge in near], mail


def test_monthly_charges_stay_equal_and_come_once_a_month(life: LifeDraft) -> None:
    for supplier in life.suppliers:
        charges = [
            charge
            for charge in life.records("finance.transactions")
            if supplier.plan_what and charge["description"].startswith(supplier.plan_what)
        ]
        assert not supplier.plan_what or len(charges) >= 3
        assert {charge["amount"] for charge in charges} <= {supplier.plan_amount}
        assert len({charge["date"][:7] for charge in charges}) == len(charges)


def test_no_charge_was_made_twice_without_being_refunded_or_explained(life: LifeDraft) -> None:
    mails = [mail["body"] for box in MAILBOXES for mail in life.records(box)]
    charges = life.records("finance.transactions")
    for one, other in _equal_charges(life, within_days=14):
        refunded = any(
            charge["merchant"] == one["merchant"]
            and charge["amount"] == -one["amount"]
            and charge["date"] > one["date"]
            for charge in charges
        )
        numbers = [re.findall(r"\d{7}", charge["description"]) for charge in (one, other)]
        explained = numbers[0] != numbers[1] and all(any(number[0] in body for body in mails) for number in numbers)
        assert refunded or explained, (one, other)


def test_nothing_the_person_attends_overlaps_before_or_after_now(life: LifeDraft) -> None:
    entries = sorted(_occurrences(life))
    for one, other in pairwise(entries):
        assert one[1] <= other[0], (one, other)


def test_what_was_dropped_from_the_calendar_is_past(life: LifeDraft) -> None:
    for event in life.records("calendar.events"):
        if event["title"].startswith(_NOT_ATTENDED):
            assert datetime.fromisoformat(event["start_time"]) < life.now, event


def test_free_calendar_gaps_ahead_leave_room_for_a_story(life: LifeDraft) -> None:
    for gap in life.gaps("calendar.events"):
        start = gap.at.replace(tzinfo=None)
        if gap.at > life.now:
            for begin, end, title in _occurrences(life):
                assert not begin < start + timedelta(hours=1) or end <= start, (gap, title)


def test_every_colleague_who_writes_is_in_the_address_book(life: LifeDraft) -> None:
    known = {contact["email"] for contact in life.records("contacts.contacts")}
    for mail in life.records("workmail.messages"):
        for address in (mail["from"], mail["to"]):
            if address.endswith(f"@{life.persona.domain}") and address != life.persona.monitor.email:
                assert address in known, address


def test_every_address_belongs_to_somebody_of_the_life(life: LifeDraft) -> None:
    domains = {company.domain for company in (*life.suppliers, *life.clients)}
    people = {person.email for person in life.people} | set(life.persona.emails.values())
    people |= {life.persona.team["email"], life.persona.monitor.email}
    for box in MAILBOXES:
        for mail in life.records(box):
            for address in (mail["from"], mail["to"]):
                known = address in people or address.split("@")[1] in domains
                # Shops and offices that write once or twice are under the top-level domain that nobody can own.
                assert known or address.endswith(".example"), address


def test_the_customer_list_names_who_bills_at_every_supplier(life: LifeDraft) -> None:
    customers = {record["customer_id"]: record for record in life.records("crm.customers")}
    assert len(customers) == len(life.suppliers) + len(life.clients)
    for supplier in life.suppliers:
        record = customers[supplier.customer_id]
        assert (record["name"], record["email"]) == (supplier.name, supplier.billing.email)
        assert supplier.billing.name in record["notes"]


def test_nobody_who_bills_is_in_the_address_book(life: LifeDraft) -> None:
    known = {contact["email"] for contact in life.records("contacts.contacts")}
    assert not known & {supplier.billing.email for supplier in life.suppliers}


def test_no_two_people_share_a_name_or_an_address(life: LifeDraft) -> None:
    assert len({person.email for person in life.people}) == len(life.people)
    assert len({person.name for person in life.people}) == len(life.people)


def test_mailboxes_hold_inbox_sent_and_draft_mail(life: LifeDraft) -> None:
    for box, own in (("gmail.messages", "gmail"), ("workmail.messages", "workmail")):
        mails = life.records(box)
        assert {mail["labels"][0] for mail in mails} == {"inbox", "sent", "draft"}, box
        for mail in mails:
            assert (mail["from"] == life.persona.emails[own]) == (mail["labels"][0] != "inbox")


def test_who_works_part_of_the_week_writes_on_those_days_only(life: LifeDraft) -> None:
    days = {person.email: person.weekdays for person in life.people if person.group == "colleague"}
    for mail in life.records("workmail.messages"):
        wanted = days.get(mail["from"], range(7))
        assert datetime.fromisoformat(mail["date"]).weekday() in wanted, mail
