"""Values in free text are found however they are written, and only those."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw_gym.tasks.texts import day_text, money_words
from claw_gym.tasks.values import (
    Mentions,
    addresses_in,
    days_in,
    moments_in,
    money_in,
    money_text,
    recipients,
    times_in,
)

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("please return €1,240.50", {"1240.50 EUR"}),
        ("1.240,50 EUR and 12 EUR", {"1240.50 EUR", "12.00 EUR"}),
        ("EUR 1240.5", {"1240.50 EUR"}),
        ("€ 2 344,10 in all", {"2344.10 EUR"}),
        ("$5 or £6.00", {"5.00 USD", "6.00 GBP"}),
        ("19 euros", {"19.00 EUR"}),
        ("order 4471, no amount", set()),
    ],
)
def test_money_is_found_in_every_usual_form(text: str, found: set[str]) -> None:
    assert money_in(text) == found


@given(st.decimals(min_value="0.01", max_value="999999.99", places=2))
def test_money_as_people_write_it_reads_back_as_itself(amount: Decimal) -> None:
    assert money_in(f"It was {money_words(amount, 'EUR')} in all.") == {money_text(amount, "EUR")}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("on 12 March 2026", {date(2026, 3, 12)}),
        ("on March 12th", {date(2026, 3, 12)}),
        ("2026-03-12T10:00:00", {date(2026, 3, 12)}),
        ("12/03/2026", {date(2026, 3, 12)}),
        ("Tuesday 24 March at 14:00", {date(2026, 3, 24)}),
        ("next Tuesday", {date(2026, 3, 24)}),
        ("5 January", {date(2026, 1, 5)}),
        ("nothing here", set()),
        ("31 February", set()),
    ],
)
def test_days_are_found_in_every_usual_form(text: str, found: set[date]) -> None:
    assert days_in(text, NOW) == found


@given(st.dates(date(2025, 12, 1), date(2026, 8, 1)), st.booleans())
def test_a_day_as_people_write_it_reads_back_as_itself(day: date, weekday: bool) -> None:
    assert days_in(f"See you on {day_text(day, weekday=weekday)}.", NOW) == {day}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("at 14:00", {time(14)}),
        ("at 2 pm, or 2:30pm", {time(14), time(14, 30)}),
        ("9.15 will do", {time(9, 15)}),
        ("12 am and 12 pm", {time(0), time(12)}),
        ("on 2026-03-12 nobody", set()),
        ("€1,240.50", set()),
    ],
)
def test_times_are_found_and_amounts_are_no_times(text: str, found: set[time]) -> None:
    assert times_in(text) == found


def test_addresses_and_recipients_are_compared_without_case() -> None:
    assert addresses_in("Write to Ana.B@Example.org.") == {"ana.b@example.org"}
    assert recipients("Ana <Ana@example.org>; bo@example.org") == {"ana@example.org", "bo@example.org"}


def test_mentions_needs_every_value_and_refuses_wrong_ones() -> None:
    mentions = Mentions(money=("12.00 EUR",), days=(date(2026, 3, 12),), ids=("F26-11",), wrong=("F26-12",))
    assert mentions.holds("F26-11: €12 on 12 March", NOW)
    assert not mentions.holds("F26-11: €12", NOW)
    assert not mentions.holds("F26-110: €12 on 12 March", NOW)
    assert not mentions.holds("F26-11 or F26-12: €12 on 12 March", NOW)


def test_listing_every_value_does_not_pass_for_knowing_one() -> None:
    mentions = Mentions(money=("12.00 EUR",), most={"money": 1})
    assert mentions.holds("€12, not €13", NOW)
    assert not mentions.holds("€11, €12, €13", NOW)


def test_a_moment_needs_its_day_and_its_time() -> None:
    mentions = Mentions(moments=(datetime(2026, 3, 24, 14, 0, tzinfo=UTC),))
    assert mentions.holds("Tuesday 24 March at 14:00", NOW)
    assert not mentions.holds("Tuesday 24 March", NOW)
    assert not mentions.holds("at 2 pm", NOW)


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("B-1719 €324.35", ["324.35"]),
        ("B-1719 € 324.35", ["324.35"]),
        ("SO55877 EUR 350.00", ["350.00"]),
        ("80123456 EUR 350.00", ["350.00"]),
        ("F26-11 350.00 EUR", ["350.00"]),
        ("26.11 EUR 350.00", ["350.00"]),
        ("2026-02-11 EUR 350.00", ["350.00"]),
        ("12 March 2026 €350", ["350.00"]),
        ("12 March 2026 350.00 EUR", ["350.00"]),
        ("March 12 350.00 EUR", ["350.00"]),
        ("350.00 EUR 12 March", ["350.00"]),
        ("350 EUR 2 times", ["350.00"]),
        ("SO55877 386,50 euro", ["386.50"]),
        ("invoice 11 350.00 EUR", ["350.00"]),
        ("5 11 350.00 EUR", ["350.00"]),
        ("B-1719 2 344,10 EUR", ["2344.10"]),
        ("€ 2 344,10", ["2344.10"]),
        ("2 344,10 EUR", ["2344.10"]),
        ("in all 2 344.10 EUR", ["2344.10"]),
        ("EUR 2.344,10", ["2344.10"]),
        ("€2.344,10", ["2344.10"]),
        ("2.344,10 EUR", ["2344.10"]),
        ("2'344.10 EUR", ["2344.10"]),
        ("€350,-", ["350.00"]),
        ("€ 350.-", ["350.00"]),
        ("350,- EUR", ["350.00"]),
        ("EUR350", ["350.00"]),
        ("350EUR", ["350.00"]),
        ("350 euro", ["350.00"]),
        ("-€12 and €-13.00 and -14 EUR", ["12.00", "13.00", "14.00"]),
        ("12.00 EUR 5.00 EUR", ["12.00", "5.00"]),
        ("EUR 12 EUR 5", ["12.00", "5.00"]),
        ("€ 12 may be returned", ["12.00"]),
        ("€350.00 at 14:00", ["350.00"]),
        ("order F26-11 EUR", []),
        ("EUR 2026-03-12", []),
    ],
)
def test_the_number_that_belongs_to_a_currency_is_the_amount(text: str, amounts: list[str]) -> None:
    assert money_in(text) == {f"{amount} EUR" for amount in amounts}


def _forms(amount: Decimal) -> list[str]:
    english = f"{amount:,.2f}"
    continental = english.translate(str.maketrans(",.", ".,"))
    return [
        f"€{english}",
        f"EUR {continental}",
        f"{english} EUR",
        f"{continental} euro",
        f"{english.replace(',', ' ')} EUR",
        f"€ {continental.replace('.', ' ')}",
    ]


@given(st.decimals(min_value="0.01", max_value="9999999.99", places=2), st.sampled_from(range(6)))
def test_an_amount_after_an_id_and_a_day_reads_back_as_itself(amount: Decimal, form: int) -> None:
    for before in ("", "B-1719 ", "On 12 March 2026 ", "SO55877: "):
        assert money_in(before + _forms(amount)[form] + " please") == {money_text(amount, "EUR")}


@given(
    st.from_regex(r"([A-Z]{1,3}-?[0-9]{2,8}|[0-9]{2}-2[0-9]{3}|[0-9]{5,8}|[A-Z][0-9]{2}-[0-9]{2,4})", fullmatch=True)
)
def test_ids_and_numbers_are_neither_money_nor_times(number: str) -> None:
    text = f"About {number}, and {number}: see {number}."
    assert money_in(text) == set()
    assert times_in(text) == set()
    assert money_in(f"{number} €324.35") == money_in(f"{number} EUR 324.35") == {"324.35 EUR"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("11:45-12:15", ["11:45", "12:15"]),
        ("13:00\u201313:30", ["13:00", "13:30"]),
        ("13.00-13.30", ["13:00", "13:30"]),
        ("2026-03-24 09:00-09:30", ["09:00", "09:30"]),
        ("2.30 p.m.", ["14:30"]),
        ("2:30 PM", ["14:30"]),
        ("2 p.m.", ["14:00"]),
        ("2-3 pm", ["14:00", "15:00"]),
        ("11-1 pm", ["11:00", "13:00"]),
        ("14h, 14h30", ["14:00", "14:30"]),
        ("14u30 en 14u", ["14:00", "14:30"]),
        ("14 uur", ["14:00"]),
        ("at noon or midnight", ["12:00", "00:00"]),
        ("€1,240.50 and 12.50 EUR and EUR 12.50", []),
        ("2026-03-12, 12.03.2026, 18.2., on 18.02", []),
        ("MSG-5001 F26-11 26.11 v2.10 version 2.10 1.2.3", []),
        ("45 min, 2h, 1h30, 12.50%", []),
    ],
)
def test_ranges_and_other_forms_are_times_and_look_alikes_are_not(text: str, found: list[str]) -> None:
    assert times_in(text) == {time.fromisoformat(item) for item in found}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("18/02", [date(2026, 2, 18)]),
        ("18-02", [date(2026, 2, 18)]),
        ("18.2.", [date(2026, 2, 18)]),
        ("on 18.02", [date(2026, 2, 18)]),
        ("op 18.02 graag", [date(2026, 2, 18)]),
        ("Wednesday 18.02 it was", [date(2026, 2, 18)]),
        ("18.02 it was, at 9.10.", []),
        ("EUR 18.02.", []),
        ("10-12 people, 24/7", []),
        ("18-Feb-2026", [date(2026, 2, 18)]),
        ("18 Feb", [date(2026, 2, 18)]),
        ("18 februari 2026", [date(2026, 2, 18)]),
        ("3 okt, 4 mei, 5 augustus", [date(2025, 10, 3), date(2026, 5, 4), date(2026, 8, 5)]),
        ("02/18/2026", [date(2026, 2, 18)]),
        ("12/03/2026", [date(2026, 3, 12)]),
        ("dinsdag", [date(2026, 3, 24)]),
        ("dinsdag 24 maart", [date(2026, 3, 24)]),
        ("zondag", [date(2026, 3, 22)]),
        ("tomorrow", [date(2026, 3, 19)]),
        ("morgen om 14u", [date(2026, 3, 19)]),
        ("overmorgen", [date(2026, 3, 20)]),
        ("Goede morgen", []),
        ("2026-03-24T23:30:00Z", [date(2026, 3, 24)]),
        ("MSG-5001, F26-11 March", []),
    ],
)
def test_days_are_found_without_a_year_and_in_dutch(text: str, found: list[date]) -> None:
    assert days_in(text, NOW) == set(found)


_DAY_FORMS = [
    "{d.year}-{d.month:02d}-{d.day:02d}",
    "{d.day:02d}/{d.month:02d}/{d.year}",
    "{d.day}-{d.month}-{d.year}",
    "{d.day:02d}.{d.month:02d}.{d.year}",
    "{d:%d-%b-%Y}",
    "{d.day} {d:%b}",
    "{d:%B} {d.day}, {d.year}",
    "{d.day}/{d.month}",
    "{d.day:02d}-{d.month:02d}",
    "{d.day}.{d.month}.",
    "{d.day:02d}.{d.month:02d}",
]


@given(st.dates(date(2025, 12, 1), date(2026, 8, 1)), st.sampled_from(_DAY_FORMS))
def test_a_day_in_every_form_reads_back_as_itself(day: date, form: str) -> None:
    if form == "{d.day}/{d.month}" and (day.day, day.month) == (24, 7):
        return
    assert days_in("See you on " + form.format(d=day), NOW) == {day}
    assert times_in("See you on " + form.format(d=day)) == set()


HOME = datetime(2026, 3, 18, 9, 0, tzinfo=ZoneInfo("Europe/Amsterdam"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-03-24T14:00:00+01:00", ["2026-03-24T14:00"]),
        ("2026-03-24T13:00:00Z", ["2026-03-24T14:00"]),
        ("2026-03-24T23:30Z", ["2026-03-25T00:30"]),
        ("2026-03-24T09:00:00-04:00", ["2026-03-24T14:00"]),
        ("2026-03-24 14:00", ["2026-03-24T14:00"]),
        ("Tue 24 March, 13:00-13:30", ["2026-03-24T13:00", "2026-03-24T13:30"]),
        ("at 14:00 on Tuesday 24 March", ["2026-03-24T14:00"]),
        ("14:00 on Tuesday", ["2026-03-24T14:00"]),
        ("24 March (Tuesday) at 2 pm", ["2026-03-24T14:00"]),
        ("2 pm tomorrow", ["2026-03-19T14:00"]),
        ("24 March at 14:00, 25 March at 15:00", ["2026-03-24T14:00", "2026-03-25T15:00"]),
        ("24 March at 14:00 or at 15:00 on 25 March", ["2026-03-24T14:00", "2026-03-25T15:00"]),
        ("24 March from 10:00 to 14:00", ["2026-03-24T10:00", "2026-03-24T14:00"]),
        ("24 March, 10:00 or 14:00", ["2026-03-24T10:00", "2026-03-24T14:00"]),
        ("24 March is gone; so are all of us who stay at home until 14:00", []),
    ],
)
def test_a_day_and_a_time_that_stand_together_are_a_moment(text: str, found: list[str]) -> None:
    assert moments_in(text, HOME) == {datetime.fromisoformat(item).replace(tzinfo=HOME.tzinfo) for item in found}


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 7, 31)),  # noqa: DTZ001  the strategy wants naive bounds
    st.sampled_from(
        [
            "{d:%A} {d.day} {d:%B} at {d:%H:%M}",
            "{d:%H:%M} on {d.day} {d:%B}",
            "{d:%Y-%m-%dT%H:%M}",
            "{d:%d/%m/%Y}, {d:%I:%M %p}",
            "on {d:%d.%m.%Y} {d:%Hu%M}",
        ]
    ),
)
def test_a_moment_reads_back_as_itself(moment: datetime, form: str) -> None:
    moment = moment.replace(second=0, microsecond=0)
    if "u" in form and moment.hour < 10:
        form = form.replace("%Hu%M", "%H:%M")
    assert moments_in("Moved to " + form.format(d=moment) + ".", NOW) == {moment.replace(tzinfo=UTC)}


def test_a_moment_is_wanted_or_refused_as_a_pair() -> None:
    right = datetime(2026, 3, 24, 14, 0, tzinfo=UTC)
    mentions = Mentions(moments=(right,), wrong_moments=(right + timedelta(days=1),), most={"times": 1})
    assert mentions.holds("Tuesday 24 March, 14:00-14:30", NOW)
    assert mentions.holds("24 March at 14:00; not on 25 March", NOW)
    assert not mentions.holds("24 March at 10:00, 25 March at 14:00", NOW)
    assert not mentions.holds("24 March at 14:00 or 25 March at 14:00", NOW)
    assert not mentions.holds("24 March at 14:00, 15:00 or 16:00", NOW)


@pytest.mark.parametrize(
    ("to", "found"),
    [
        ("Ana <ana@x.org>", {"ana@x.org"}),
        (" Refunds@x.org ", {"refunds@x.org"}),
        ("mailto:ana@x.org", {"ana@x.org"}),
        ("a@x.org,b@x.org;c@x.org\nd@x.org", {"a@x.org", "b@x.org", "c@x.org", "d@x.org"}),
        ("a@x.org b@x.org", {"a@x.org", "b@x.org"}),
        ("ana@x.org <bo@y.org>", {"bo@y.org"}),
        ('"Bos, Ana" <ana@x.org>', {"ana@x.org"}),
        ("Ana", {"ana"}),
    ],
)
def test_recipients_are_the_addresses_a_mail_goes_to(to: str, found: set[str]) -> None:
    assert recipients(to) == found


@pytest.mark.parametrize(
    ("text", "home", "found"),
    [
        ("$12.50 in all", "CAD", {"12.50 CAD"}),
        ("$12.50 in all", "AUD", {"12.50 AUD"}),
        ("$12.50 in all", "USD", {"12.50 USD"}),
        ("$12.50 in all", "EUR", {"12.50 USD"}),
        ("US$12.50 and C$3", "CAD", {"12.50 USD", "3.00 CAD"}),
        ("A$1,240.50 or 40 dollars", "AUD", {"1240.50 AUD", "40.00 AUD"}),
        ("CAD 99.95, 99.95 CAD", "CAD", {"99.95 CAD"}),
        ("£5 and 6.20 pounds", "GBP", {"5.00 GBP", "6.20 GBP"}),
    ],
)
def test_a_bare_dollar_is_the_one_at_home(text: str, home: str, found: set[str]) -> None:
    assert money_in(text, home) == found
