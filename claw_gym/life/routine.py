"""What goes on whatever happens: weekly meetings, charges and their receipts, the address book, the customer list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from claw_gym.core.seeding import Stream, stream
from claw_gym.life.cast import Cast
from claw_gym.life.diary import Calendar, first_occurrence
from claw_gym.life.draft import Company, Person
from claw_gym.life.library import template
from claw_gym.life.mail_form import footer
from claw_gym.life.pages import Pages
from claw_gym.life.persona import Persona, Supplier
from claw_gym.life.text import Moment, Money, code, expand, paragraphs

__all__ = ["address_book", "charges", "customers", "weekly_events"]

# How often an entry of the customer list has so many further lines.
_LOG_SHARES = (0, 1, 3, 3, 2)
# Not every receipt that comes by mail is put beside its charge.
_FILED = 0.55
_BANK_HOURS = "05:10-21:40"


def weekly_events(persona: Persona, cast: Cast, calendar: Calendar, pages: Pages) -> None:
    """Adds each weekly routine once, at its first occurrence, with its recurrence rule."""
    by_key = {person.key: person for person in cast.people}
    for routine in persona.routines:
        attendees = [cast.me.email, *(by_key[key].email for key in routine.with_)]
        rule = f"RRULE:FREQ=WEEKLY;BYDAY={routine.day}"
        pages.event(first_occurrence(routine, calendar), routine.minutes, routine.title, attendees, routine.place, rule)


def _monthly_dates(day: int, calendar: Calendar, closed: tuple[str, ...]) -> list[date]:
    """Returns the dates of a monthly charge; what falls on a weekend or bank holiday is booked on the next day."""
    dates = []
    year, month = calendar.first.year, calendar.first.month
    while date(year, month, 1) <= calendar.now.date():
        due = date(year, month, day)
        while due.weekday() > 4 or due.isoformat() in closed:
            due += timedelta(days=1)
        if calendar.first <= due < calendar.now.date():
            dates.append(due)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return dates


def charges(persona: Persona, cast: Cast, calendar: Calendar, pages: Pages, scale: dict[str, Any], rng: Stream) -> None:
    """Adds monthly charges at equal amounts and single orders, and a receipt in the mail for some of them."""
    paid: list[tuple[datetime, Company, Supplier, float, str]] = []
    for company, kind in zip(cast.suppliers, persona.suppliers, strict=True):
        if company.plan_amount is not None and kind.plan is not None:
            for day in _monthly_dates(kind.plan.day, calendar, persona.bank_holidays):
                what = f"{company.plan_what}, {Moment(calendar.at(day, 0)):month}"
                paid.append((calendar.stamp(day, _BANK_HOURS, rng), company, kind, company.plan_amount, what))
    paid += _orders(persona, cast, calendar, scale["purchases"], rng)
    paid.sort(key=lambda charge: charge[0])
    mailed = set(_mailed(paid, scale["receipts"], rng))
    styles = template("receipts")
    for n, (at, company, kind, amount, what) in enumerate(paid):
        number = code(kind.invoice, rng, at.year)
        filed = n in mailed and stream(0, "filed", number).random() < _FILED
        pages.payment(at, company, amount, what, receipt=number if filed else "")
        if n in mailed:
            _receipt(persona, styles[kind.receipt], (at, company, amount, what, number), cast, pages, rng)


def _mailed(paid: Sequence[tuple[datetime, Company, Supplier, float, str]], count: int, rng: Stream) -> list[int]:
    """Returns which charges come with a mail: each supplier once before any of them twice."""
    order = list(range(len(paid)))
    rng.shuffle(order)
    first: dict[str, int] = {}
    for n in order:
        first.setdefault(paid[n][1].key, n)
    chosen = list(first.values())
    return (chosen + [n for n in order if n not in chosen])[:count]


def _orders(
    persona: Persona, cast: Cast, calendar: Calendar, count: int, rng: Stream
) -> list[tuple[datetime, Company, Supplier, float, str]]:
    choices = [
        (company, kind, buy)
        for company, kind in zip(cast.suppliers, persona.suppliers, strict=True)
        for buy in kind.buys
    ]
    rng.shuffle(choices)
    orders: list[tuple[datetime, Company, Supplier, float, str]] = []
    for n in range(count):
        company, kind, (what, low, high) = choices[n % len(choices)]
        # One order in each stretch of the life, so that no week is a shopping spree.
        day = calendar.days[int((n + rng.random()) * calendar.today / count)]
        amount = round(rng.randint(low, high - 1) + rng.choice([0.0, 0.5, 0.95, 0.45, 0.2, 0.75, 0.1]), 2)
        while any(other[3] == amount and other[1] is company for other in orders):
            amount = round(amount + 0.35, 2)
        orders.append((calendar.stamp(day, _BANK_HOURS, rng), company, kind, amount, what))
    return orders


def _receipt(
    persona: Persona,
    style: dict[str, Any],
    charge: tuple[datetime, Company, float, str, str],
    cast: Cast,
    pages: Pages,
    rng: Stream,
) -> None:
    at, company, amount, what, number = charge
    sender = replace(company.billing, name=company.name, first=company.name, email=company.billing_address)
    names = {
        "s": company,
        "me": cast.me,
        "employer": cast.me.company,
        "city": persona.city,
        "card": persona.card_digits,
        "amount": Money(amount, persona.currency),
        "what": what,
        "number": number,
        "day": Moment(at),
        "biller": company.billing,
    }
    subject = expand(rng.choice(style["subjects"]), rng, names)
    text = paragraphs(expand(rng.choice(style["bodies"]), rng, names))
    body = "\n\n".join(part for part in (text, footer(sender)) if part)
    sent = at + timedelta(minutes=rng.randint(2, 95), seconds=rng.randint(0, 59))
    pages.mail("gmail", sent, sender, cast.me, subject, body, rng, label="receipts")


def address_book(persona: Persona, cast: Cast, team: Person, pages: Pages, calendar: Calendar, rng: Stream) -> None:
    """Adds colleagues, friends, clients and account managers in drawn order; who bills is in the customer list."""
    notes = persona.contact_notes
    people = [team, *(person for person in cast.people if not person.key.endswith(".billing"))]
    rng.shuffle(people)
    written = {group: [line for line in lines if line] for group, lines in notes.items()}
    unused = {group: rng.sample(lines, len(lines)) for group, lines in written.items()}
    common = rng.sample(template("contact_lines"), len(template("contact_lines")))
    for n, person in enumerate(people):
        lines = unused.get(person.group, [])
        record = {
            "name": person.name,
            "department": person.department or person.company or "Private",
            "title": person.role,
            "email": person.email,
            "phone": person.phone,
            "location": _seat(persona, person),
            # A list of people that some remark stands beside and not beside others would tell who matters.
            "note": person.note or (lines or common).pop(),
        }
        pages.plain("contacts.contacts", calendar.at(calendar.first, 0) + timedelta(minutes=n), record)


def _seat(persona: Persona, person: Person) -> str:
    """Returns the town somebody sits in; people of one firm sit in the same."""
    if person.group not in ("supplier", "client"):
        return persona.location
    rng = stream(0, "seat", person.email.rpartition("@")[2])
    towns = template("cities")[persona.country]
    return str(rng.choice([persona.location, *towns]))


def customers(persona: Persona, cast: Cast, pages: Pages, calendar: Calendar, rng: Stream) -> list[str]:
    """Adds clients and suppliers in drawn order; returns their keys in that order."""
    fees = {kind.key: kind.fee for kind in persona.clients}
    notes = {kind.key: kind.crm for kind in persona.suppliers}
    projects = {project.client.key: project for project in cast.projects}
    companies = [*cast.clients, *cast.suppliers]
    rng.shuffle(companies)
    lines = rng.sample(persona.client_notes, len(cast.clients))
    for n, company in enumerate(companies):
        client = company.key in projects
        person = company.contact if client else company.billing
        if client:
            note = expand(lines.pop(), rng, {"p": projects[company.key], "c": company})
        else:
            note = f"{notes[company.key]} Billing: {company.billing.name} ({company.billing.role})."
        log = rng.sample(template("customer_log"), rng.choices(range(len(_LOG_SHARES)), _LOG_SHARES)[0])
        note = "\n".join([note, *(line.format(c=company, me=cast.me) for line in log)])
        yearly = (company.plan_amount or 0) * 12 or rng.randint(9, 90) * 100
        record = {
            "name": company.name,
            "contact_person": person.name,
            "email": person.email,
            "phone": person.phone,
            "industry": company.industry,
            "tier": rng.choice(["key account", "standard"]) if client else "supplier",
            "annual_revenue": rng.randint(fees[company.key][0] // 500, fees[company.key][1] // 500) * 500
            if client
            else round(yearly),
            "last_contact_date": calendar.days[rng.randint(calendar.today // 3, calendar.today - 1)].isoformat(),
            "status": "active",
            "notes": note,
        }
        pages.plain("crm.customers", calendar.at(calendar.first, 0) + timedelta(minutes=n), record)
    return [company.key for company in companies]
