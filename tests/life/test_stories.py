"""Every story that a persona's life may tell, its own and those that all share, played alone and looked at."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from unittest.mock import patch

import pytest

from claw_gym.core.seeding import Stream, stream
from claw_gym.life import load_persona, staging
from claw_gym.life.build import _stage
from claw_gym.life.cast import assemble
from claw_gym.life.diary import Calendar, Diary, choose_now
from claw_gym.life.library import stories
from claw_gym.life.pages import Page, Pages
from claw_gym.life.story import opening, play
from claw_gym.life.text import expand
from tests.life.conftest import NAMES, texts_of_record

_DAYS_BACK = 120
_SPREAD = 0.3
_MAILBOXES = ("gmail.messages", "workmail.messages")
_UNFILLED = re.compile(r"[{}]|\[\[|\]\]|[a-z,] None\b|\bTODO\b(?!-)|\|(?=\w)")


@dataclass(frozen=True)
class Told:
    """What came of one story; `broken` says why nothing did."""

    story: Mapping[str, Any]
    tables: Mapping[str, list[Page]]
    cut: bool = False
    broken: str = ""


def _whole(text: str, rng: Stream, values: Mapping[str, Any]) -> str:
    """Fills in the wordings that are not drawn as well, so that one play proves them all."""
    text.replace("[[", " ").replace("]]", " ").format_map(values)
    return expand(text, rng, values)


def _told(name: str) -> Iterator[Told]:
    persona = load_persona(name)
    calendar = Calendar(persona, choose_now(persona, stream(0, name)), _DAYS_BACK)
    cast = assemble(persona, 0)
    for number, story in enumerate(stories(name)):
        # A diary of its own: alone, a story has no reason to find no room.
        pages = Pages(persona, calendar.now)
        stage = _stage(persona, cast, calendar, Diary(calendar, persona.routines), pages)
        day = opening(story, calendar, _SPREAD)
        if day is None:
            yield Told(story, {}, broken="it fits on no day")
            continue
        try:
            play(story, stage, day, number, stream(0, name, number))
        except Exception as error:  # noqa: BLE001  whatever it is, the others are to be played too
            yield Told(story, {}, broken=f"{type(error).__name__}: {error}")
            continue
        yield Told(story, pages.tables, pages.cut)


@lru_cache
def told(name: str) -> list[Told]:
    with patch.object(staging, "expand", _whole):
        return list(_told(name))


def _mails(one: Told) -> Iterator[dict[str, Any]]:
    return (record for box in _MAILBOXES for _, record, _ in one.tables.get(box, ()))


@pytest.mark.parametrize("name", NAMES)
def test_every_story_can_be_played_and_leaves_its_traces(name: str) -> None:
    assert [f"{one.story['id']}: {one.broken}" for one in told(name) if one.broken] == []
    assert [one.story["id"] for one in told(name) if one.cut or not any(one.tables.values())] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_story_leaves_a_value_unfilled(name: str) -> None:
    pages = [(one.story["id"], page) for one in told(name) for rows in one.tables.values() for page in rows]
    texts = [(story, text) for story, (_, record, _) in pages for text in texts_of_record(record)]
    assert [(story, text) for story, text in texts if _UNFILLED.search(text)] == []
    assert len(texts) > len(told(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_reply_answers_an_earlier_mail_of_its_story_between_the_same_people(name: str) -> None:
    team, wrong = load_persona(name).team["email"], []
    for one in told(name):
        said: dict[str, list[set[str]]] = defaultdict(list)
        for mail in _mails(one):
            parties, subject = {mail["from"], mail["to"]}, mail["subject"].removeprefix("Re: ")
            # Whoever was written to through the list may answer by name.
            answers = any(earlier == parties or team in earlier for earlier in said[subject])
            if subject != mail["subject"] and not answers:
                wrong.append(f"{one.story['id']}: {mail['subject']} from {mail['from']} to {mail['to']}")
            said[subject].append(parties)
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_nobody_writes_to_themselves(name: str) -> None:
    assert [mail["subject"] for one in told(name) for mail in _mails(one) if mail["from"] == mail["to"]] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_two_stories_have_one_name(name: str) -> None:
    assert [story for story, count in Counter(one["id"] for one in stories(name)).items() if count > 1] == []
