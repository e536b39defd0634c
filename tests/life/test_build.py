from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest

from claw_gym.core.canonical import digest
from claw_gym.errors import UnknownNameError
from claw_gym.life import ID_FORMS, LifeDraft, build_life, load_persona, personas
from claw_gym.life.loaded import LIVES_PER_PERSONA, lives_of
from claw_gym.services import record_types

SEEDS = tuple(range(8))
MAILBOXES = ("gmail.messages", "workmail.messages")
_PRINT_DIGEST = """
from claw_gym.core.canonical import digest
from claw_gym.life import build_life, load_persona
life = build_life(load_persona("maren_okafor"), 5, "small")
rows = {name: [[slot.id, slot.at.isoformat(), slot.record] for slot in slots] for name, slots in life.tables.items()}
print(digest(rows))
"""


def _digest(life: LifeDraft) -> str:
    rows = {
        name: [[slot.id, slot.at.isoformat(), slot.record] for slot in slots] for name, slots in life.tables.items()
    }
    return digest(rows)


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_one_seed_gives_the_same_bytes_in_every_process(hash_seed: str, small_life: Callable[[int], LifeDraft]) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", _PRINT_DIGEST], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == _digest(small_life(5))


def test_building_twice_gives_equal_lives(small_life: Callable[[int], LifeDraft]) -> None:
    assert build_life(load_persona("maren_okafor"), 3, "small") == small_life(3)


def test_different_seeds_differ_in_people_projects_amounts_and_wording(small_life: Callable[[int], LifeDraft]) -> None:
    lives = [small_life(seed) for seed in SEEDS]
    assert len({_digest(life) for life in lives}) == len(SEEDS)
    assert len({life.clients[0].contact.name for life in lives}) > 1
    assert len({tuple(project.name for project in life.projects) for life in lives}) > 1
    assert len({life.suppliers[0].plan_amount for life in lives}) > 1
    assert len({life.records("workmail.messages")[0]["body"] for life in lives}) > 1


def test_a_small_life_has_about_eleven_thousand_words_over_at_least_ninety_days(life: LifeDraft) -> None:
    assert 8_000 <= life.words() <= 14_000
    assert (life.now.date() - life.start).days >= 90
    first = min(datetime.fromisoformat(record["date"]) for box in MAILBOXES for record in life.records(box))
    assert (life.now - first).days >= 90


def test_now_is_a_working_morning_in_march_or_april_2026(life: LifeDraft) -> None:
    assert (life.now.year, life.now.month) in {(2026, 3), (2026, 4)}
    assert life.now.weekday() < 5
    assert time(8, 30) <= life.now.time() <= time(10, 0)
    assert str(life.now.tzinfo) == life.persona.timezone


def test_every_table_has_records_that_its_service_reads_without_loss(life: LifeDraft) -> None:
    types = record_types()
    assert list(life.tables) == list(ID_FORMS)
    for table in life.tables:
        for record in life.records(table):
            loaded = types[table].load(record)
            assert loaded.id == record[ID_FORMS[table][0]]
            # Every typed field but the optional ones of the type stands in the record itself.
            assert record.keys() & types[table].model_fields.keys(), table


def test_records_of_a_table_have_the_same_fields_apart_from_how_they_ended(life: LifeDraft) -> None:
    ends = {"closed_at", "resolution", "acknowledged_by", "acknowledged_at"}
    for table in life.tables:
        assert len({frozenset(record) - ends for record in life.records(table)}) == 1, table


def test_slots_are_numbered_and_stamped_in_order(life: LifeDraft) -> None:
    for table, slots in life.tables.items():
        field, prefix, first = ID_FORMS[table]
        assert [slot.id for slot in slots] == [f"{prefix}{first + n}" for n in range(len(slots))]
        assert all(earlier.at <= later.at for earlier, later in pairwise(slots)), table
        assert all(slot.record is None or slot.record[field] == slot.id for slot in slots)


def test_gaps_are_spread_over_the_life_and_dense_at_its_end(life: LifeDraft) -> None:
    for table in life.tables:
        assert len(life.gaps(table)) >= 12, table
    for table in MAILBOXES:
        late = [gap for gap in life.gaps(table) if life.now - gap.at < timedelta(days=22)]
        early = [gap for gap in life.gaps(table) if life.now - gap.at > timedelta(days=60)]
        assert len(late) >= 5
        assert early


def test_only_the_calendar_has_slots_after_now(life: LifeDraft) -> None:
    for table, slots in life.tables.items():
        ahead = [slot for slot in slots if slot.at >= life.now]
        assert bool(ahead) == (table == "calendar.events"), table
    assert sum(1 for slot in life.gaps("calendar.events") if slot.at > life.now) >= 8
    assert any(record["due_date"] > life.now.date().isoformat() for record in life.records("todo.tasks"))


def test_stamps_carry_the_offset_of_the_persona_s_zone_on_their_day(life: LifeDraft) -> None:
    for table, field in (("gmail.messages", "date"), ("calendar.events", "start_time"), ("todo.tasks", "created_at")):
        for record in life.records(table):
            stamp = datetime.fromisoformat(record[field])
            assert stamp.utcoffset() == stamp.astimezone(life.now.tzinfo).utcoffset()


def test_an_unknown_scale_or_persona_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'small'"):
        build_life(load_persona("maren_okafor"), 0, "smal")
    with pytest.raises(UnknownNameError, match="Did you mean 'maren_okafor'"):
        load_persona("maren_okafer")


def test_no_persona_stands_in_two_splits_and_there_are_thirty_eight_lives() -> None:
    listed = {split: [persona.name for persona in personas(split)] for split in ("train", "validation", "test")}
    assert [len(names) for names in listed.values()] == [4, 1, 1]
    assert len(personas()) == 6
    assert len(lives_of()) == 38
    assert {split: len(lives_of(split)) for split in listed} == {"train": 32, "validation": 2, "test": 4}
    assert LIVES_PER_PERSONA == {"train": 8, "validation": 2, "test": 4}


@pytest.mark.parametrize("name", [persona.name for persona in personas()])
def test_a_persona_s_keys_lead_to_people_and_suppliers_it_has(name: str) -> None:
    persona = load_persona(name)
    people = {member.key for member in persona.people}
    suppliers = {supplier.key for supplier in persona.suppliers}
    assert {*persona.leads, *persona.duty.with_, persona.reports_to} <= people
    assert {job.owner for job in persona.jobs} <= people
    assert {item.supplier for item in persona.stock} <= suppliers
    assert {key for routine in persona.routines for key in routine.with_} <= people
    assert len(persona.leads) >= persona.client_count <= len(persona.clients)
    assert 3 <= persona.card.count(". ") + 1 <= 8


def test_importing_the_layer_imports_neither_faker_nor_jinja() -> None:
    check = "import sys, claw_gym.life; sys.exit(bool({'faker', 'jinja2'} & set(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", check], env=environment, check=False).returncode == 0
