"""Scratch: proofs a persona's stories. Plays every one of them, then a full life, and prints what is wrong."""

from __future__ import annotations

import collections
import sys
import time
from typing import Any

from claw_gym.core.seeding import stream
from claw_gym.life.build import _stage, build_life
from claw_gym.life.cast import assemble
from claw_gym.life.diary import Calendar, Diary, choose_now
from claw_gym.life.library import stories
from claw_gym.life.pages import Pages
from claw_gym.life.persona import load_persona
from claw_gym.life.prose import names_in, prose, sentences, skeleton, slips, variety
from claw_gym.life.story import opening, play


def main(name: str) -> None:
    persona = load_persona(name)
    bad = 0
    tales = stories(name)
    kinds: Any = collections.Counter((s["id"].startswith("everyone"), s["kind"]) for s in tales)
    print("stories (shared?, kind):", dict(kinds))
    for n, story in enumerate(tales):
        for again in range(3):
            try:
                rng = stream(again, name)
                calendar = Calendar(persona, choose_now(persona, rng), 120)
                diary = Diary(calendar, persona.routines)
                stage = _stage(persona, assemble(persona, 0), calendar, diary, Pages(persona, calendar.now))
                day = opening(story, calendar, [], 0.3 + again / 5)
                if day is None:
                    if "date" not in story:
                        print("never fits:", story["id"])
                    break
                play(story, stage, day, n + again, stream(again, "x", n))
            except Exception as error:  # noqa: BLE001
                bad += 1
                print(f"BROKEN {story['id']}: {type(error).__name__}: {error}")
                break
    if bad:
        print(bad, "broken stories; mend them first")
        return
    for scale in ("small", "full"):
        t = time.time()
        draft = build_life(persona, 0, scale)
        print(scale, "built in", round(time.time() - t, 2), "s; words", draft.words())
    print({table: len(draft.records(table)) for table in draft.tables})
    print(variety(draft))
    every = [s for _, _, text in prose(draft) for s in sentences(text)]
    print("commonest sentences:")
    for sentence, count in collections.Counter(every).most_common(25):
        print("  ", count, sentence[:130])
    names = names_in(draft)
    print("commonest skeletons:")
    for sentence, count in collections.Counter(skeleton(s, names) for s in every).most_common(15):
        print("  ", count, sentence[:130])
    once: Any = collections.Counter(every)
    by_story: Any = collections.defaultdict(lambda: [0, 0])
    for table, slots in draft.tables.items():
        for slot in slots:
            if slot.record is not None and slot.story:
                for field in ("body", "content", "description"):
                    for s in sentences(str(slot.record.get(field, ""))):
                        pair = by_story[slot.story.partition("@")[0]]
                        pair[0] += 1
                        pair[1] += once[s] > 1
    worst = sorted(by_story.items(), key=lambda item: -item[1][1])[:25]
    print("stories that repeat themselves most (repeated sentences of all):", [(k, v[1], v[0]) for k, v in worst])
    found = slips(draft)
    print(len(found), "slips")
    for slip in found[:40]:
        print("  ", slip.table, slip.record_id, slip.what, repr(slip.excerpt))


if __name__ == "__main__":
    main(sys.argv[1])
