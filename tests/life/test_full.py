"""Lives at full scale: how much there is, how it reads, and that its storylines hang together across services."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import pytest

from claw_gym.life import LifeDraft
from claw_gym.life.draft import Person
from claw_gym.life.loaded import lives_of
from claw_gym.life.prose import slips
from claw_gym.life.statistics import life_statistics
from claw_gym.life.text import MONTHS, WEEKDAYS
from claw_gym.tasks.values import money_in
from tests.life.conftest import built, texts_of

_DAY = re.compile(rf"\b({'|'.join(WEEKDAYS)}) (\d{{1,2}}) ({'|'.join(MONTHS)})\b")
_LEAST_WORDS = 191_700


def _storylines(life: LifeDraft) -> Iterator[list[tuple[str, Mapping[str, Any]]]]:
    """Yields the records of each storyline as (table, record), in order of time."""
    found = defaultdict(list)
    for table, slots in life.tables.items():
        for slot in slots:
            if slot.record is not None and slot.story:
                found[slot.story].append((slot.at, table, slot.record))
    for records in found.values():
        yield [(table, record) for _, table, record in sorted(records, key=lambda item: item[0])]


def _mails(records: list[tuple[str, Mapping[str, Any]]]) -> list[Mapping[str, Any]]:
    return [record for table, record in records if table.endswith(".messages")]


def _check_size_and_text(life: LifeDraft) -> None:
    found = life_statistics(life)
    assert found.words >= _LEAST_WORDS
    assert len(found.services) >= 10
    assert found.days >= 90
    assert found.text.unique >= 0.6
    assert found.text.skeletons >= 2000
    assert found.text.top_share <= 0.3
    assert found.noise > 0
    assert found.conflicts > 0
    assert found.crossing >= 100


def test_a_full_life_has_the_size_and_the_variety_that_are_promised(full_life: LifeDraft) -> None:
    _check_size_and_text(full_life)


def test_a_machine_finds_no_slip_in_the_prose(full_life: LifeDraft) -> None:
    assert slips(full_life) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    # The first life of each persona is looked at by the quick tests.
    "name_and_seed",
    [item for item in lives_of() if item[1]],
    ids=lambda item: f"{item[0]}-{item[1]}",
)
def test_each_of_the_lives_is_as_large_varied_and_clean(name_and_seed: tuple[str, int]) -> None:
    life = built(*name_and_seed, "full")
    _check_size_and_text(life)
    assert slips(life) == []
    built.cache_clear()


def test_no_part_of_the_words_is_padding_of_one_service(full_life: LifeDraft) -> None:
    found = life_statistics(full_life)
    assert max(item.words for item in found.services) / found.words <= 0.5
    assert next(item.words for item in found.services if item.service == "scheduler") / found.words <= 0.1


def test_a_weekday_beside_a_date_is_the_weekday_of_that_date(full_life: LifeDraft) -> None:
    checked = 0
    for text in texts_of(full_life):
        for weekday, day, month in _DAY.findall(text):
            days = [date(year, MONTHS.index(month) + 1, int(day)) for year in (2025, 2026)]
            nearest = min(days, key=lambda item: abs((item - full_life.now.date()).days))
            assert WEEKDAYS[nearest.weekday()] == weekday, text
            checked += 1
    assert checked > 300


def test_a_reply_answers_a_mail_of_its_own_storyline(full_life: LifeDraft) -> None:
    replies = 0
    for records in _storylines(full_life):
        said: set[str] = set()
        for mail in _mails(records):
            subject = mail["subject"].casefold()
            if subject.startswith("re: "):
                replies += 1
                assert subject.removeprefix("re: ") in said, mail
            said.add(subject.removeprefix("re: "))
    assert replies > 500


def test_who_is_greeted_is_who_gets_the_mail(full_life: LifeDraft) -> None:
    people = {person.email: person for person in full_life.people}
    firsts = {person.first for person in full_life.people}
    greeted = 0
    for records in _storylines(full_life):
        for mail in _mails(records):
            line = mail["body"].partition("\n")[0]
            to = people.get(mail["to"])
            named = {word for word in re.findall(r"\w+", line) if word in firsts}
            if to is not None and named and len(line) < 40 and line.endswith(","):
                assert named & {to.first, *to.name.split()}, (line, to.name)
                greeted += 1
    assert greeted > 300


def test_what_is_paid_in_a_storyline_is_what_its_mails_speak_of(full_life: LifeDraft) -> None:
    """Either the sum itself, or the price of a piece of which so many were bought."""
    currency, agreed = full_life.persona.currency, 0
    for records in _storylines(full_life):
        paid = [abs(record["amount"]) for table, record in records if table == "finance.transactions"]
        texts = [f"{mail['subject']} {mail['body']}" for mail in _mails(records)]
        said = {float(value.split()[0]) for text in texts for value in money_in(text, currency)}
        if paid and said:
            # Of a price per piece the sum is a whole multiple.
            multiples = [amount / value for amount in paid for value in said if value]
            assert any(abs(ratio - round(ratio)) < 1e-6 and round(ratio) >= 1 for ratio in multiples), records
            agreed += 1
    assert agreed >= 20


def test_an_event_of_a_storyline_is_on_a_day_that_its_mails_name(full_life: LifeDraft) -> None:
    named = total = 0
    for records in _storylines(full_life):
        events = [record for table, record in records if table == "calendar.events"]
        text = "\n".join(f"{mail['subject']} {mail['body']}" for mail in _mails(records))
        if not events or not re.search(rf"\b\d{{1,2}} (?:{'|'.join(MONTHS)})\b", text):
            continue
        total += 1
        days = {datetime.fromisoformat(event["start_time"]).date() for event in events}
        named += any(f"{day.day} {MONTHS[day.month - 1]}" in text or WEEKDAYS[day.weekday()] in text for day in days)
    assert total >= 20
    assert named / total >= 0.9


def test_people_write_differently_from_each_other(full_life: LifeDraft) -> None:
    """By sign-offs and turns of phrase alone a mail is given to its writer far more often than by chance."""
    mails = [
        (mail["from"], _manner(mail["body"], full_life.people))
        for mail in full_life.records("workmail.messages")
        if mail["labels"] == ["inbox"] and mail["from"].endswith(f"@{full_life.persona.domain}")
    ]
    half = len(mails) // 2
    habits: dict[str, Counter[str]] = defaultdict(Counter)
    for sender, manner in mails[:half]:
        habits[sender].update(manner)
    right = 0
    for sender, manner in mails[half:]:
        scores = {who: sum(seen[word] / max(1, seen.total()) for word in manner) for who, seen in habits.items()}
        right += max(scores, key=lambda who: scores[who]) == sender
    assert right / (len(mails) - half) >= 3 / len(habits)


def _manner(body: str, people: tuple[Person, ...]) -> list[str]:
    """Returns how something is said and not what: greeting and sign-off with names masked, small words, marks."""
    for person in people:
        body = body.replace(person.name, "@").replace(person.first, "@")
    lines = [line for line in body.splitlines() if line]
    words = re.findall(
        r"\b(?:i|I|isn't|don't|can't|I'll|we'll|perhaps|maybe|really|rather|since|as|until|till)\b", body
    )
    return [f"<{lines[0][:12]}", f">{lines[-1][:12]}", *words, *(["!"] if "!" in body else [])]
