"""Scheduled jobs that fail because the places they deliver to have moved.

Mechanism: a correction, and a dependency. The scheduler shows which job fails and which place it delivers to; work
mail says what became of that place, in a list that a second list replaces; of two tickets that it names, one says
which account may write there, and until when. Once the agent writes for the first time, another job on the same place
fails too. A last mail may have settled it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from claw_gym.core.canonical import thaw
from claw_gym.core.seeding import Stream
from claw_gym.core.tool import ToolCall
from claw_gym.life import Person, Slot
from claw_gym.life.loaded import Claims, Life
from claw_gym.life.text import codes
from claw_gym.life.workplace import drop_place, job_action
from claw_gym.tasks.coming_days import working_day_after
from claw_gym.tasks.family import Told
from claw_gym.tasks.matters import MatterKind, Plan
from claw_gym.tasks.proactive import ProactiveFamily
from claw_gym.tasks.records import letter_record, said_by, ticket_record
from claw_gym.tasks.solving import mails_of, payload
from claw_gym.tasks.success import Check
from claw_gym.tasks.task import Episode, OracleTurns
from claw_gym.tasks.texts import day_text, render, wording
from claw_gym.world.effects import Effect
from claw_gym.world.schedule import Change, Entry, OnEffect

__all__ = ["FailingJob"]

_WORDS = "failing_job"
_FAILS_AFTER = timedelta(seconds=2)
_LOOK_BACK_DAYS = 150
_DUE_DAYS = (3, 9)
_TICKET_DAYS = (1, 110)
_CLOSED_DAYS = (1, 3)
# Alerts come at night too, people's requests do not.
_OFFICE_HOURS = range(8, 18)
_PRIORITIES = ("low", "medium", "medium")
_LEAST_RUNS = 2
_MOST_FAILED = 4

Move = tuple[str, str]
"""A place that was, and what it becomes."""


@dataclass(frozen=True)
class Outage:
    """One matter: two jobs that deliver to a place that has moved.

    Attributes:
        now: The start of the episode.
        pairs: The jobs that may be hit, as (the one that fails, the one that will), in the life's own form; the first
        pair
            is, and in the scheduler's twin the second.
        hit: Which pair, 0 or 1.
        olds: The place of the jobs, and another one that moves.
        announced: What they become by the first list, and
        corrected: by the second.
        accounts: The account that may write to the new places, the one for the old places, and the one the jobs have.
        by: Last day, as the ticket says.
        tickets: Slots of the ticket that counts and of the one about the old places, either of them the earlier.
        mails: Slots of the list, its correction and the last mail.
        settled: Whether the last mail says that nothing has to be done.
    """

    now: datetime
    pairs: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...]
    hit: int
    olds: tuple[str, str]
    announced: tuple[str, str]
    corrected: tuple[str, str]
    accounts: tuple[str, ...]
    by: date
    tickets: tuple[Slot, Slot]
    mails: tuple[Slot, Slot, Slot]
    settled: bool
    sender: Person
    reporters: tuple[Person, Person]
    priorities: tuple[str, str]
    me: str
    category: str
    tags: tuple[tuple[str, ...], ...]
    failed_runs: int
    seed: int
    words: tuple[int, ...]

    @property
    def first(self) -> str:
        """Id of the job that fails."""
        return str(self.pairs[self.hit][0]["job_id"])

    @property
    def second(self) -> str:
        """Id of the job that will."""
        return str(self.pairs[self.hit][1]["job_id"])

    def verb(self, number: int) -> str:
        """Returns what a job of the pair does."""
        return str(self.pairs[self.hit][number]["action"]).partition(" > ")[0]

    def action(self, number: int) -> str:
        """Returns the right action of a job of the pair."""
        return job_action(self.verb(number), self.corrected[0], self.accounts[0])


class Outages(MatterKind[Outage]):
    """Jobs whose place has moved."""

    def sample(self, rng: Stream, life: Life, claims: Claims, *, live: bool, number: int) -> Outage:
        """Draws two pairs of jobs, the places and accounts, and gaps for three mails and two tickets."""
        row = ("workmail.messages", "workmail.messages", "workmail.messages")
        # A mail names two tickets, so that many have to lie before it.
        early = [slot.at for slot in claims.free("helpdesk.tickets")[:2]]
        mails = claims.chain(rng, row, before=life.now - timedelta(minutes=30), after=max(early, default=None))
        when = [mails[1].at - timedelta(days=rng.uniform(*_TICKET_DAYS)) for _ in range(2)]
        tickets = [claims.take("helpdesk.tickets", at, before=mails[1].at, hours=_OFFICE_HOURS) for at in when]
        category, tags = _kind(rng, life)
        enabled = [job for job in life.records("scheduler.jobs") if job["enabled"]]
        ran = [job for job in enabled if len(job["execution_history"]) >= _LEAST_RUNS]
        jobs = [claims.choose(rng, "job", ran, lambda job: str(job["job_id"])) for _ in range(4)]
        colleagues = [person for person in life.draft.people if person.group == "colleague"]
        sender = claims.choose(rng, "colleague", colleagues, lambda item: item.email)
        reporters = rng.sample([person for person in colleagues if person is not sender], 2)
        places = [drop_place(rng) for _ in range(6)]
        while len({place.partition("/")[0] for place in places}) < len(places):
            places = [drop_place(rng) for _ in range(6)]
        return Outage(
            now=life.now,
            pairs=((jobs[0], jobs[1]), (jobs[2], jobs[3])),
            hit=0,
            olds=(places[0], places[1]),
            announced=(places[2], places[3]),
            corrected=(places[4], places[5]),
            accounts=codes("svc-####", rng, 3),
            by=working_day_after(life.now.date(), rng.randint(*_DUE_DAYS)),
            tickets=(tickets[0], tickets[1]),
            mails=(mails[0], mails[1], mails[2]),
            settled=not live,
            sender=sender,
            reporters=(reporters[0], reporters[1]),
            priorities=(rng.choice(_PRIORITIES), rng.choice(_PRIORITIES)),
            me=life.persona.emails["workmail"],
            category=category,
            tags=tags,
            failed_runs=rng.randint(1, _MOST_FAILED),
            seed=rng.randrange(10**9),
            words=tuple(rng.randrange(60) for _ in range(12)),
        )

    def story(self, matter: Outage) -> tuple[Told, ...]:
        """Lays the two jobs, three mails and two tickets."""
        words = wording(_WORDS)
        first, second = matter.olds
        hosts = {"host": first.partition("/")[0], "other_host": second.partition("/")[0]}
        subject = render(_pick(words["subjects"], matter.words[0]), **hosts)
        last = words["settled" if matter.settled else "neutral"]
        # The sender does not know which of the tickets holds, so that only the helpdesk can tell.
        numbers = dict(zip(("ticket", "other_ticket"), sorted(slot.id for slot in matter.tickets), strict=True))
        bodies = (
            render(_pick(words["announce"], matter.words[1]), **_moves(matter, matter.announced)),
            render(_pick(words["correct"], matter.words[2]), **_moves(matter, matter.corrected), **numbers),
            render(_pick(last, matter.words[3]), old=first),
        )
        mails: list[Told] = []
        for n, (slot, body) in enumerate(zip(matter.mails, bodies, strict=True)):
            # The correction may quote the list; the last word quotes nothing.
            said, seed = said_by(matter.sender, mails[0]) if n == 1 else None, matter.seed + n
            mails.append(
                letter_record(
                    "workmail", slot, matter.sender, matter.me, subject, body, seed=seed, reply=n > 0, answers=said
                )
            )
        return (*_jobs(matter), *mails, *_tickets(matter))

    def plan(self, matter: Outage, *, acting: bool) -> Plan:
        """A live outage is mended in both jobs or put to the person; one that was taken over is settled."""
        announced, corrected, last = (slot.id for slot in matter.mails)
        ticket = matter.tickets[0].id
        extra = {announced, matter.second, matter.tickets[1].id}
        if matter.settled:
            key = frozenset({matter.first, last, ticket})
            return Plan(False, key, frozenset(extra | {corrected}), "already_settled")
        key = frozenset({matter.first, corrected, ticket})
        if not acting:
            return Plan(True, key, frozenset(extra | {last}), "needs_you", matter.by)
        key |= {matter.second}
        rest = frozenset(extra | {last}) - key
        return Plan(True, key, rest, "handled", None, _goals(matter), lambda effect: _belongs(effect, matter))

    def research(self, matters: Sequence[Outage]) -> OracleTurns:
        """Reads the jobs that fail and those on the same places, the mails about the places, and their tickets."""
        listed = yield [ToolCall("scheduler_list_jobs", {"status": "failed"}), ToolCall("scheduler_list_jobs", {})]
        failed = [row for row in payload(listed[0])["jobs"] if row["job_id"] in {m.first for m in matters}]
        tags = {tag for row in failed for tag in row["tags"]}
        theirs = {matter.second for matter in matters}
        also = [row for row in payload(listed[1])["jobs"] if row["job_id"] in theirs and tags & set(row["tags"])]
        yield [ToolCall("scheduler_get_job", {"job_id": row["job_id"]}) for row in (*failed, *also)]
        yield from mails_of("workmail", [slot.id for m in matters for slot in m.mails], days_back=_LOOK_BACK_DAYS)
        # A mail names the tickets.
        yield [ToolCall("helpdesk_get_ticket", {"ticket_id": slot.id}) for m in matters for slot in m.tickets]

    def writes(self, matter: Outage) -> list[ToolCall]:
        """Both jobs get the new place and the account that may write there."""
        return [
            ToolCall("scheduler_update_job", {"job_id": matter.first, "action": matter.action(0)}),
            ToolCall("scheduler_update_job", {"job_id": matter.second, "action": matter.action(1)}),
        ]

    def schedule(self, matter: Outage) -> tuple[Entry, ...]:
        """The second job fails once the agent has written for the first time, unless it has been mended by then."""
        if matter.settled:
            return ()
        _, job = _jobs(matter)[1]
        failed = {"run_time": matter.now.replace(second=0).isoformat(), "status": "failed", "duration_seconds": 2}
        failed["notes"] = _fault(matter, 11)
        runs = [failed, *job["execution_history"]]
        after = {**job, "last_status": "failed", "last_run": failed["run_time"], "execution_history": runs}
        notice = render(wording(_WORDS)["notice"], name=job["name"])
        change = Change("scheduler.jobs", after, before=job)
        return (Entry(OnEffect(_FAILS_AFTER), (change,), notice, "scheduler"),)

    def twin(self, matter: Outage, service: str) -> Outage:
        """Hits the other pair of jobs, swaps what the last mail says, or the tickets, with other values."""
        if service == "scheduler":
            return replace(matter, hit=1 - matter.hit)
        if service == "workmail":
            return replace(matter, settled=not matter.settled)
        right, old, own = matter.accounts
        by = working_day_after(matter.by, 1)
        return replace(matter, accounts=(old, right, own), tickets=matter.tickets[::-1], by=by)

    def unsettled(self, matter: Outage) -> Outage:
        """Swaps the settling mail for a neutral one."""
        return replace(matter, settled=False)

    def near_misses(self, matter: Outage) -> Sequence[Outage]:
        """Takes the places of the first list, those of the other move, or the account of the old ticket."""
        right, old, own = matter.accounts
        return (
            replace(matter, corrected=matter.announced),
            replace(matter, corrected=matter.corrected[::-1]),
            replace(matter, accounts=(old, right, own)),
        )

    def declared(self, matter: Outage) -> tuple[str, ...]:
        """The last day, which the ticket says in words, and the state that is listed."""
        return matter.by.isoformat(), "failed"


class FailingJob(ProactiveFamily, name="failing_job"):
    """Notice jobs that fail because their place has moved, and point them to the new one or report them."""

    services = ("scheduler", "workmail", "helpdesk")
    kind = Outages()


def _pick(options: list[str], number: int) -> str:
    return options[number % len(options)]


def _moves(matter: Outage, new: tuple[str, str]) -> dict[str, str]:
    return {"old": matter.olds[0], "new": new[0], "other_old": matter.olds[1], "other_new": new[1]} | {
        "host": matter.olds[0].partition("/")[0],
        "other_host": matter.olds[1].partition("/")[0],
    }


def _fault(matter: Outage, word: int) -> str:
    return render(_pick(wording(_WORDS)["faults"], matter.words[word]), place=matter.olds[0])


def _jobs(matter: Outage) -> tuple[Told, Told]:
    """Returns the two jobs on the old place: the first with failed runs, the second still well."""
    place = matter.olds[0]
    laid = []
    for number, record in enumerate(matter.pairs[matter.hit]):
        job: dict[str, Any] = thaw(record)
        job["action"] = job_action(matter.verb(number), place, matter.accounts[2])
        job["tags"] = [*job["tags"][:-1], place.partition("/")[0]]
        laid.append(job)
    runs = laid[0]["execution_history"]
    for run in runs[: min(matter.failed_runs, len(runs) - 1)]:
        run |= {"status": "failed", "duration_seconds": 2, "notes": _fault(matter, 10)}
    laid[0]["last_status"] = "failed"
    return ("scheduler.jobs", laid[0]), ("scheduler.jobs", laid[1])


def _kind(rng: Stream, life: Life) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """Draws a category that the life has for such tickets, and for two of them as many tags as its tickets have."""
    words = wording(_WORDS)
    alike = [
        record
        for record in life.records("helpdesk.tickets")
        if str(record["category"]).lower() in words["categories"] and record["status"] == "closed"
    ]
    # A small life may have none.
    category = str(rng.choice(alike)["category"]) if alike else rng.choice(words["categories"])
    counts = [len(record["tags"]) for record in alike if record["category"] == category] or [1]
    return category, tuple(tuple(rng.sample(words["tags"], rng.choice(counts))) for _ in range(2))


def _tickets(matter: Outage) -> tuple[Told, Told]:
    """Returns the ticket that counts and the one about the account for the old places, both closed."""
    words = wording(_WORDS)
    by = day_text(matter.by, weekday=True)
    told = []
    for n, kind in enumerate(("new", "old")):
        names = {"account": matter.accounts[n], "by": by}
        title, text, resolution = (
            render(_pick(words[f"{kind}_{part}"], matter.words[3 * n + 4 + k]), **names)
            for k, part in enumerate(("titles", "tickets", "resolutions"))
        )
        slot, days = matter.tickets[n], _CLOSED_DAYS[0] + matter.words[3 * n + 5] % _CLOSED_DAYS[1]
        closed_at = min(working_day_after(slot.at.date(), days), matter.now.date())
        look: dict[str, Any] = {"category": matter.category, "tags": matter.tags[n], "priority": matter.priorities[n]}
        look |= {"closed_at": closed_at, "resolution": resolution}
        told.append(ticket_record(slot, matter.reporters[n], title, text, **look))
    return told[0], told[1]


def _goals(matter: Outage) -> tuple[Check, ...]:
    def mended(number: int, job_id: str) -> Check:
        name = matter.pairs[matter.hit][number]["name"]

        def holds(episode: Episode) -> bool:
            job = episode.world.table("scheduler.jobs").get(job_id)
            if job is None or not job.plain.get("enabled"):
                return False
            said = set(str(job.plain["action"]).replace(">", " ").split())
            wanted = {*matter.verb(number).split(), matter.corrected[0], matter.accounts[0]}
            return wanted <= said and said - wanted <= {"as"}

        return Check(f"{name} delivers to the new place under the right account", holds)

    return mended(0, matter.first), mended(1, matter.second)


def _belongs(effect: Effect, matter: Outage) -> bool:
    if effect.action == "updated_jobs" and effect.record_id in (matter.first, matter.second) and effect.before:
        kept = ("name", "cron_expression", "enabled", "tags")
        return all(effect.before.plain.get(field) == effect.shown.get(field) for field in kept)
    if effect.action == "updated_tickets":
        return effect.record_id == matter.tickets[0].id
    # Word to a colleague about it is no harm.
    inside = {matter.sender.email, *(person.email for person in matter.reporters)}
    return effect.action == "sent_messages" and effect.service == "workmail" and effect.shown.get("to") in inside
