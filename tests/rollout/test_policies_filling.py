"""Values are taken from results by their form and put where a schema asks for them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from claw_gym.core.seeding import stream
from claw_gym.core.tool import ToolResult
from claw_gym.rollout.filling import Filler
from claw_gym.rollout.gleaning import Row, Value, form_of, rows_in, values_in, values_of

MAIL = {"message_id": "MSG-1", "from": "ana@x.org", "date": "2026-03-04T10:00:00+01:00", "labels": ["inbox"]}
CHARGE = {"transaction_id": "TXN-7", "date": "2026-03-01", "amount": -12.5, "currency": "EUR", "note": None}
VALUES = list(values_of([MAIL, CHARGE]))


@pytest.mark.parametrize(
    ("item", "form"),
    [
        ("MSG-5001", "id"),
        ("EVT-301@2026-03-09", "id"),
        ("ana@x.org", "address"),
        ("2026-03-04T10:00", "moment"),
        ("2026-03-04", "day"),
        ("12.00 EUR", "money"),
        ("SR/1464677", "code"),
        (12, "number"),
        (True, "flag"),
        ("two words", "text"),
        ("x" * 100, "text"),
    ],
)
def test_a_value_is_told_by_its_form(item: Any, form: str) -> None:
    assert form_of(item) == form


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (json.dumps({"messages": [MAIL, {"message_id": "MSG-2"}], "total": 2}), ["MSG-1", "MSG-2"]),
        (json.dumps(MAIL), ["MSG-1"]),
        (json.dumps({"status": "waited"}), []),
        ("[1]", []),
        ("no JSON", []),
    ],
)
def test_rows_are_the_objects_of_a_result(text: str, keys: list[str]) -> None:
    assert [row.key[1] for row in rows_in(ToolResult("gmail_list_messages", text)) if row.key] == keys
    assert rows_in(ToolResult("gmail_list_messages", text, is_error=True)) == []


def test_a_row_has_a_key_and_a_stamp_or_none() -> None:
    row = Row("gmail_list_messages", "messages", MAIL)
    assert (row.key, row.stamp) == (("message_id", "MSG-1"), "2026-03-04T10:00:00+01:00")
    assert (Row("x", "", {"a": 1}).key, Row("x", "", {"a": 1}).stamp) == (None, "")


def test_an_amount_beside_a_currency_is_money() -> None:
    assert Value("money", "amount", "12.50 EUR") in VALUES
    assert Value("text", "labels", "inbox") in VALUES


def test_values_inside_prose_are_found() -> None:
    text = "Please return 120.00 EUR for order L-4711 by 20 March 2026 to desk@x.org, thank you very much."
    found = {(value.form, value.value) for value in values_in(text, "body", datetime(2026, 3, 4, tzinfo=UTC))}
    assert {("money", "120.00 EUR"), ("code", "L-4711"), ("day", "2026-03-20"), ("address", "desk@x.org")} <= found
    assert not list(values_in("12.00 EUR", "body", datetime(2026, 3, 4, tzinfo=UTC)))


def filled(schema: dict[str, Any], *, about: str = "", seed: int = 0, values: Any = VALUES) -> Any:
    filler = Filler(values, stream(seed, "test"), now="2026-03-04T12:00:00+01:00", about=about)
    return filler.fill({"type": "object", "properties": {"it": schema}, "required": ["it"]})["it"]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "pattern": r"^\d+\.\d{2} [A-Z]{3}$"}, "12.50 EUR"),
        ({"type": "string", "format": "date"}, "2026-03-01"),
        ({"type": "string", "format": "date-time"}, "2026-03-04T10:00:00+01:00"),
        ({"type": "string", "description": "mail address of whoever handles it"}, "ana@x.org"),
        ({"type": "number"}, 12.5),
        ({"type": "number", "maximum": 5}, 5.0),
        ({"type": "integer", "minimum": 3}, 3),
        ({"const": 4}, 4),
        ({"type": "null"}, None),
        ({"type": "string", "pattern": "^[a-z]{3}$", "description": 'a word such as "abc"'}, "abc"),
        ({"type": "string", "pattern": "^[a-z]{30}$"}, "unknown"),
        ({"type": "string", "description": '"low", "medium" or "high"'}, "low"),
    ],
)
def test_a_schema_is_filled_with_what_fits(schema: dict[str, Any], expected: Any) -> None:
    assert filled(schema) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("transaction_id", "TXN-7"),
        ("message_id", "MSG-1"),
        ("to", "ana@x.org"),
        ("refund_address", "ana@x.org"),
        ("due", "2026-03-01"),
        ("start_time", "2026-03-04T10:00:00+01:00"),
    ],
)
def test_a_field_is_filled_by_its_name(name: str, expected: str) -> None:
    schema = {"type": "object", "properties": {name: {"type": "string"}}, "required": [name]}
    assert Filler(VALUES, stream(0, "test")).fill(schema) == {name: expected}


def test_what_was_not_seen_is_made_up() -> None:
    names = ("day", "start", "to", "colour")
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": names}
    found = Filler([], stream(0, "test"), now="2026-03-04T12:00:00+01:00").fill(schema)
    expected = {"day": "2026-03-04", "start": "2026-03-04T12:00:00", "to": "nobody@example.org", "colour": "unknown"}
    assert found == expected


def test_a_list_holds_distinct_values_and_no_made_up_ones_beyond_its_least() -> None:
    ids = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 6}
    found = Filler(VALUES, stream(1, "test")).fill({"type": "object", "properties": {"records": ids}}, every=True)
    assert len(set(found["records"])) == len(found["records"]) <= 2


def test_a_word_of_the_request_chooses_among_given_ones_and_asks_for_optional_fields() -> None:
    assert filled({"enum": ["low", "high"]}, about="raise it to high") == "high"
    schema = {
        "type": "object",
        "properties": {"status": {"type": "string", "description": '"pending" or "completed"'}, "tags": {}},
    }
    assert Filler([], stream(0, "t"), about="mark it as completed").fill(schema) == {"status": "completed"}
    assert Filler([], stream(0, "t"), about="nothing").fill(schema) == {}


def test_definitions_and_choices_of_a_schema_are_followed() -> None:
    schema = {
        "$defs": {"Part": {"type": "object", "properties": {"due": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}},
        "type": "object",
        "properties": {"parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}}, "sure": {"type": "boolean"}},
    }
    found = [Filler(VALUES, stream(seed, "test")).fill(schema, every=True) for seed in range(12)]
    dues = {part["due"] for item in found for part in item["parts"]}
    assert dues == {None, "2026-03-01"}
    assert {item["sure"] for item in found} == {True, False}


def test_prose_says_one_value_of_each_form() -> None:
    schema = {"type": "object", "properties": {"body": {"type": "string"}}, "required": ["body"]}
    body = Filler(VALUES, stream(0, "test"), about="the charge").fill(schema)["body"]
    assert body == "the charge: 12.50 EUR, 2026-03-01, 2026-03-04T10:00:00+01:00, MSG-1."
