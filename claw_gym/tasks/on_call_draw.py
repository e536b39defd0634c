"""Draws weeks on duty: which evenings are whose, what came in on them, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from claw_gym.core.seeding import Stream
from claw_gym.errors import UsageError
from claw_gym.life import Person, Slot
from claw_gym.life.loaded import Life
from claw_gym.life.text import expand
from claw_gym.tasks.on_call import (
    WORDS,
    Alert,
    Care,
    Note,
    Outage,
    Place,
    Turn,
    Weeks,
    colleagues_on,
    failing_run,
    holder,
    is_free,
    neglected_turns,
    places_for_alerts,
    rota,
)
from claw_gym.tasks.shapes import entry_shape
from claw_gym.tasks.texts import render, wording

__all__ = ["NOTED_BEFORE", "draw_weeks"]

_ATTEMPTS = 160
_DAYS = (16, 20)
_WINDOWS = 4
# A listing of tickets is cut: the closed ones since the first day must stand in it, and those that the story adds.
_MOST_TICKETS = 67
NOTED_BEFORE = timedelta(days=14)
"""How long before the window a note on it may stand."""

_JOB_MARGIN = timedelta(minutes=50)
_LATE_RUN = (15, 100)
_PRIORITIES = ("low", "medium", "medium", "high")
# What becomes of alerts that nobody acknowledged in time: most are looked at in the end, as life's are.
_NEGLECTED = (*("late",) * 10, "alone", "open")
# As many jobs as in the life have been switched off.
_OFF_CHANCE = 0.12
# An alert of this kind might be taken for one that names a scheduled job.
_LIKE_A_JOB = re.compile(
    r"\b(?:jobs?|sync\w*|exports?|backups?|queues?|uploads?|feeds?|reports?|reporting|logs?|nightly)\b", re.IGNORECASE
)


def draw_weeks(rng: Stream, life: Life, difficulty: int) -> Weeks:
    """Draws weeks on duty; harder ones have more notes that overrule each other, and more alerts that do not count.

    Raises:
        UsageError: The life has no room for the story.
    """
    # A life that has no room for all of it gets one less.
    for level in range(difficulty, 0, -1):
        for _ in range(_WINDOWS):
            weeks = _try_weeks(rng, life, level)
            if weeks is not None:
                return weeks
    raise UsageError("The life has no room for weeks on duty.")


def _try_weeks(rng: Stream, life: Life, level: int) -> Weeks | None:
    since = _first_day(rng, life)
    turns = tuple(rota(life, since - timedelta(days=7)))
    free = frozenset(n for n, turn in enumerate(turns) if is_free(life, turn))
    for attempt in range(_ATTEMPTS):
        # Rather a dinner on an evening of duty than no story.
        at_will = free if attempt < _ATTEMPTS // 2 else frozenset(range(len(turns)))
        weeks = _Draw(rng, life, since, level, turns, at_will).weeks()
        if weeks is not None:
            return weeks
    return None


def _first_day(rng: Stream, life: Life) -> date:
    """Returns the first day that counts."""
    day: date = life.now.date() - timedelta(days=rng.randint(*_DAYS))
    closed = [row for row in life.records("helpdesk.tickets") if row["status"] == "closed"]
    stamps = [datetime.fromisoformat(row["created_at"]).date() for row in closed]
    while sum(stamp >= day for stamp in stamps) > _MOST_TICKETS:
        day += timedelta(days=1)
    return day


class _Evenings:
    """Whose evenings they are, by the rota and by the notes."""

    def __init__(
        self, rng: Stream, life: Life, since: date, difficulty: int, turns: Sequence[Turn], free: frozenset[int]
    ) -> None:
        self.rng, self.life, self.since, self.difficulty = rng, life, since, difficulty
        self.me = life.person
        self.turns = list(turns)
        self._free = free
        self.places = list(places_for_alerts(rng, life, self.turns))
        self._neglected_turns = neglected_turns(life, self.turns)
        self.notes: list[Note] = []
        self._used: set[str] = set()
        self._slots = [
            slot
            for slot in life.draft.gaps("calendar.events")
            if datetime.combine(since, datetime.min.time(), life.now.tzinfo) - NOTED_BEFORE < slot.at < life.now
        ]

    def _room(self, turn: int) -> list[Place]:
        return [p for p in self.places if p.turn == turn and not p.after_end and p.slot_id not in self._used]

    def _give(self, turn: int, person: Person) -> None:
        self.turns[turn] = replace(self.turns[turn], person=person)

    def _by_rota(self, turn: int) -> bool:
        """Tells whether an evening is the person's own in the life."""
        return self.turns[turn].by_life.key == self.me.key

    def _to_give(self, room: Sequence[int]) -> int:
        """Returns an evening that the person gives away: an own one, else one that nobody may get; -1 for none."""
        free = [n for n in room if n in self._free]
        self.rng.shuffle(free)
        free.sort(key=lambda n: not self._by_rota(n))
        # Now and then another one: the own one may lie before everything that could be agreed on.
        return self.rng.choice([free[0], *free]) if free else -1

    def _to_keep(self, rest: Sequence[int], mine: Sequence[int]) -> int:
        """Returns an evening of which somebody nearly relieves the person in harder tasks; -1 in others."""
        free = sorted((n for n in rest if n in self._free), key=lambda n: not self._by_rota(n))
        return (*free, *mine)[0] if self.difficulty >= 3 else -1

    def _pair(self, rest: Sequence[int]) -> tuple[int, int] | None:
        """Returns an evening to take over and another of the same colleague, of one who has two where there is one."""
        theirs = [n for n in rest if not self._by_rota(n)]
        pairs = [(taken, left) for taken in theirs if taken in self._free for left in theirs if left != taken]
        owners = [(self.turns[taken].by_life.key, self.turns[left].by_life.key) for taken, left in pairs]
        same = [pair for pair, (one, other) in zip(pairs, owners, strict=True) if one == other]
        return self.rng.choice(same or pairs) if pairs else None

    def _take_mine(self, full: Sequence[int]) -> list[int]:
        """Returns up to three evenings with room for four alerts, the person's own first; none where there are not."""
        free = [n for n in full if n in self._free]
        roomy = sorted(free, key=lambda n: -len(self._room(n)))
        for order in (sorted(roomy, key=lambda n: not self._by_rota(n)), roomy):
            for count in (1, 2, 3):
                places = [place for n in order[:count] for place in self._room(n)]
                early = [place for place in places if place.at < self.turns[place.turn].end - _JOB_MARGIN]
                if len(places) >= 4 + (self.difficulty >= 2) and len(early) >= 2 + (self.difficulty >= 2):
                    return order[:count]
        return []

    def _slots_before(self, turns: Iterable[int], count: int) -> list[Slot]:
        """Takes gaps for notes on some evenings, in order of time; none where there are not enough."""
        limit = min(self.turns[n].start for n in turns)
        free = [slot for slot in self._slots if slot.at < limit]
        if len(free) < count:
            return []
        taken = sorted(self.rng.sample(free, count), key=lambda slot: slot.at)
        self._slots = [slot for slot in self._slots if slot not in taken]
        return taken

    def _note(self, slot: Slot, kind: str, *says: tuple[Person, int]) -> None:
        told = tuple((person, self.turns[n].day) for person, n in says)
        # Who agreed on it: those it names, and whose evening it was.
        everyone = {
            person.email: person for person in (*(one for one, _ in says), *(self.turns[n].person for _, n in says))
        }
        others = [one for one in colleagues_on(self.life) if one.email not in everyone]
        present, place = entry_shape(self.rng, self.life, [*everyone, *(one.email for one in others)])
        self.notes.append(Note(slot, kind, told, self.rng.randrange(60), place, present))

    def _swap(self, given: int, taken: int, left: int, partner: Person) -> bool:
        """Notes that one evening was given for another; from difficulty 4 on, first for the wrong one."""
        corrected = self.difficulty >= 4
        slots = self._slots_before((given, taken, left), 1 + corrected)
        if not slots:
            return False
        self._note(slots[0], "swap", (partner, given), (self.me, left if corrected else taken))
        if corrected:
            self._note(slots[1], "correction", (self.me, taken), (partner, left))
        return True

    def _further_notes(self, inside: Sequence[int], partners: Sequence[Person], kept: int, told: Sequence[int]) -> bool:
        """Notes a swap that was called off, and one between others."""
        if self.difficulty >= 3:
            slots = self._slots_before((kept,), 2)
            if not slots:
                return False
            self._note(slots[0], "cover", (partners[1], kept))
            self._note(slots[1], "off", (self.me, kept))
        rest = [n for n in inside if n not in told and self.turns[n].person.key not in (self.me.key, partners[2].key)]
        self.rng.shuffle(rest)
        slots = self._slots_before(rest[:1], 1) if rest else []
        if slots:
            self._note(slots[0], "cover", (partners[2], rest[0]))
        return bool(slots) or self.difficulty < 2


class _Draw(_Evenings):
    """One attempt: the evenings, and what came in on them."""

    def __init__(
        self, rng: Stream, life: Life, since: date, difficulty: int, turns: Sequence[Turn], free: frozenset[int]
    ) -> None:
        super().__init__(rng, life, since, difficulty, turns, free)
        self.alerts: list[Alert] = []
        self.outages: list[Outage] = []
        lines = [line for line in life.persona.alerts if not _LIKE_A_JOB.search(line)]
        self._lines = rng.sample(lines, len(lines))

    def weeks(self) -> Weeks | None:
        """Returns the weeks, or None where this attempt does not come out."""
        inside = [n for n, turn in enumerate(self.turns) if turn.day >= self.since]
        # An evening on which somebody missed something in the life stays theirs.
        full = [n for n in inside if self._room(n) and n not in self._neglected_turns]
        self.rng.shuffle(full)
        mine = self._take_mine(full)
        given = self._to_give([n for n in inside if self._room(n) and n not in mine])
        pair = self._pair([n for n in full if n not in (*mine, given)])
        if not mine or given < 0 or pair is None:
            return None
        taken, left = pair
        kept = self._to_keep([n for n in full if n not in (*mine, given, taken, left)], mine)
        partner = self.turns[taken].person
        partners = [partner, *self.rng.sample([one for one in colleagues_on(self.life) if one != partner], 2)]
        for n in (*mine, given, *([kept] if kept >= 0 else ())):
            self._give(n, self.me)
        self._give(left, partner)
        days = (self.turns[taken].day, self.turns[left].day)
        if not (
            self._swap(given, taken, left, partners[0])
            and self._further_notes(inside, partners, kept, (given, taken, left, kept))
        ):
            return None
        if not self._lay_alerts(mine, given, (taken, left)) or self._is_misleading((taken, left)):
            return None
        if kept >= 0 and self._room(kept):
            self._plain(kept, self._neglected(self.turns[kept]))
        self._lay_more(inside)
        return self._done(days)

    def _lay_alerts(self, mine: Sequence[int], given: int, swapped: tuple[int, int]) -> bool:
        """Lays two failed jobs, a missed and an acknowledged alert into own evenings, and one each into the others."""
        places = [place for n in mine for place in self._room(n)]
        self.rng.shuffle(places)
        places.sort(key=lambda place: (place.at >= self.turns[place.turn].end - _JOB_MARGIN, place.of_life))
        own = iter(places)
        for mended in (False, True):
            if not self._failed_job(next(own), mended=mended):
                return False
        if self.difficulty >= 2 and not self._failed_job(next(own), off=True):
            return False
        # The order of the first four is what twins go by; a job that was switched off comes after them.
        stopped, self.alerts = self.alerts[2:], self.alerts[:2]
        missed, seen = next(own, None), next(own, None)
        if missed is None or seen is None:
            return False
        self._lay(missed, self._neglected(self.turns[missed.turn], late=self.difficulty >= 3))
        self._lay(seen, self._just_in_time(self.me))
        self.alerts += stopped
        early = [place for place in self._room(given) if place.at < self.turns[given].end - _JOB_MARGIN]
        if not (early and self.rng.random() < 0.5 and self._failed_job(early[0])):
            self._plain(given, self._neglected(self.turns[given]))
        for n in swapped:
            self._plain(n, self._neglected(self.turns[n]))
        return True

    def _lay_more(self, inside: Sequence[int]) -> None:
        """Lays what came in after the end of an own shift; much else of the kind the life has anyway."""
        after = 0
        for place in self.places:
            turn = self.turns[place.turn]
            if place.slot_id in self._used or place.of_life or holder(turn, self.notes).key != self.me.key:
                continue
            if after < 1 + self.difficulty // 3 and (place.after_end or place.turn not in inside):
                after += 1
                self._lay(place, self._neglected(turn))

    def _plain(self, turn: int, care: Care) -> None:
        room = self._room(turn)
        self._lay(self.rng.choice([place for place in room if not place.of_life] or room), care)

    def _lay(self, place: Place, care: Care, text: str = "", outage: int | None = None) -> None:
        persona = self.life.persona
        words = {"city": persona.city, "employer": persona.employer}
        line = text or expand(self._lines[len(self.alerts) % len(self._lines)], self.rng, words)
        self._used.add(place.slot_id)
        self.alerts.append(Alert(place.slot_id, place.at, line, self.rng.choice(_PRIORITIES), care, outage))

    def _neglected(self, turn: Turn, *, late: bool = False) -> Care:
        if late or (kind := self.rng.choice(_NEGLECTED)) == "late":
            waited = self.rng.randint(64, 175)
            return Care(holder(turn, self.notes), waited, waited + self.rng.randint(10, 240))
        alone = self.rng.choice((24, 36, 48)) * 60
        over = turn.end + timedelta(minutes=alone) < self.life.now
        return Care(None, 0, alone if over and kind == "alone" else None)

    def _just_in_time(self, person: Person) -> Care:
        waited = self.rng.randint(36, 57)
        return Care(person, waited, waited + self.rng.randint(10, 300))

    def _failed_job(self, place: Place, *, mended: bool = False, off: bool = False) -> bool:
        """Lays an alert on a job that failed before it, and was mended in time, later, or never because it is off."""
        turn, rng = self.turns[place.turn], self.rng
        taken = {outage.job["job_id"] for outage in self.outages}
        jobs = [job for job in self.life.records("scheduler.jobs") if job["job_id"] not in taken]
        fitting = [(job, at) for job in jobs if (at := failing_run(job, place.at, turn.end)) is not None]
        if not fitting or place.at >= turn.end - _JOB_MARGIN:
            return False
        job, at = rng.choice(fitting)
        kind = next(kind for kind in self.life.persona.jobs if kind.name == job["name"])
        early = place.at + timedelta(minutes=rng.randint(9, int((turn.end - place.at).total_seconds() // 60) - 4))
        usual = max(run["duration_seconds"] for run in job["execution_history"])
        self.outages.append(
            Outage(
                job=job,
                at=at,
                early=early.replace(second=0),
                late=turn.end + timedelta(minutes=rng.randint(*_LATE_RUN)),
                mended=mended,
                usual_s=usual,
                fault=rng.choice(kind.faults),
                fine=rng.choice(kind.ok),
                off=off,
            )
        )
        text = render(rng.choice(wording(WORDS)["job_alerts"]), job=job["name"])
        self._lay(place, self._neglected(turn), text, len(self.outages) - 1)
        return True

    def _is_misleading(self, swapped: tuple[int, int]) -> bool:
        """Tells whether the life has a ticket of the machine on an own evening that is no alert but sounds like one."""
        own = [turn for turn in self.turns if holder(turn, self.notes).key == self.me.key]
        own += [self.turns[n] for n in swapped]
        machine = self.life.persona.monitor.name
        return any(
            turn.start <= datetime.fromisoformat(ticket["created_at"]) <= turn.end
            for ticket in self.life.records("helpdesk.tickets")
            if ticket["reporter"] == machine and ticket["category"] != "alert"
            for turn in own
        )

    def _done(self, days: tuple[date, date]) -> Weeks:
        utc = self.difficulty >= 3
        taken = {outage.job["job_id"] for outage in self.outages}
        rest = [job for job in self.life.records("scheduler.jobs") if job["job_id"] not in taken and job["last_run"]]
        # What the jobs of the story have besides, as many others have.
        count = min(len(rest), len(self.outages) if utc else self.difficulty >= 2)
        clocked = [(job, self.rng.random() < _OFF_CHANCE) for job in self.rng.sample(rest, count)]
        return Weeks(
            me=self.me,
            since=self.since,
            turns=tuple(self.turns),
            notes=tuple(self.notes),
            alerts=tuple(self.alerts),
            outages=tuple(self.outages),
            clocked=tuple(clocked),
            days=days,
            utc=utc,
        )
