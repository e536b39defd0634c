"""Proactive tasks: no request, only a moment. The agent notices matters, acts within the delegation note, and reports.

An episode has none, one or two live matters and at least one look-alike that was settled already. The family that hosts
the episode lays the first of them; a second live matter, and some look-alikes, are those of a guest, another family,
where the task's name has one. Each is judged by the records cited for it, its status, its day, and the effects it
needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from claw_gym.core.seeding import Stream, stream
from claw_gym.core.tool import ToolCall
from claw_gym.life.draft import ID_FORMS
from claw_gym.life.loaded import Claims, Life
from claw_gym.tasks.arrivals import idle_mail
from claw_gym.tasks.family import FAMILIES, FamilyTask, Story, TaskFamily
from claw_gym.tasks.matters import MatterKind, Matters, Plan, matches
from claw_gym.tasks.names import TaskName
from claw_gym.tasks.success import Check, Success, no_collateral, nothing_changed
from claw_gym.tasks.task import Episode, OracleTurns
from claw_gym.tasks.texts import render, wording
from claw_gym.world.effects import Effect
from claw_gym.world.schedule import Entry

__all__ = ["Placed", "Proactive", "ProactiveFamily"]

_LIVE_CHANCES = (0, 1, 1, 2)
_WORDS = "proactive"
_LOOKALIKES_FROM = 4
# Five for each thing that may come in and mean something: two live matters bring two at most each.
_IDLE_MAILS = {"workmail": 11, "gmail": 10}


@dataclass(frozen=True)
class Placed:
    """One matter of an episode and the family it is of."""

    family: str
    matter: Any

    @property
    def kind(self) -> MatterKind[Any]:
        """What matters of that family are."""
        family = FAMILIES[self.family]
        assert isinstance(family, ProactiveFamily)  # noqa: S101  only such families place matters
        return family.kind

    def plan(self, *, acting: bool) -> Plan:
        """Returns what is true of it under the delegation note."""
        return self.kind.plan(self.matter, acting=acting)


@dataclass(frozen=True)
class Proactive:
    """Params of an episode.

    Attributes:
        matters: Live ones and look-alikes, in the order drawn.
        acting: Whether the delegation note lets the agent settle matters alone.
        note: Which wording of the note, and
        beat: which of the heartbeat.
        idle: What comes in meanwhile and means nothing.
    """

    matters: tuple[Placed, ...]
    acting: bool
    note: int
    beat: int
    idle: tuple[Entry, ...]

    @property
    def plans(self) -> list[Plan]:
        """What is true of each matter, in their order."""
        return [placed.plan(acting=self.acting) for placed in self.matters]

    @property
    def live(self) -> list[Placed]:
        """The matters in which something is open."""
        return [placed for placed, plan in zip(self.matters, self.plans, strict=True) if plan.live]


class ProactiveFamily(TaskFamily[Proactive]):
    """Base of the proactive families; a subclass says what one matter is, by its `kind`."""

    proactive = True
    answer = Matters
    kind: ClassVar[MatterKind[Any]]
    """What the family's matters are."""

    def build(self, life: Life, name: TaskName) -> FamilyTask[Proactive]:
        """Returns the task of a full name on a life; the name may have a guest."""
        rng = stream(name.seed, "task", self.name, self.version, name.difficulty, name.guest)
        return self.task_of(life, str(name), self._sample(rng, life, name.difficulty, name.guest or self.name))

    def sample(self, rng: Stream, life: Life, difficulty: int) -> Proactive:
        """Draws an episode of this family alone."""
        return self._sample(rng, life, difficulty, self.name)

    def _sample(self, rng: Stream, life: Life, difficulty: int, guest: str) -> Proactive:
        """Draws none, one or two live matters (25, 50, 25 %) and the look-alikes; the first of either is the host's."""
        claims = Claims(life)
        live = rng.choice(_LIVE_CHANCES)
        lookalikes = 2 if difficulty >= _LOOKALIKES_FROM and live < max(_LIVE_CHANCES) else 1
        wanted = [(self.name, True), (guest, True)][:live]
        # Where something is live the look-alike is either family's; where nothing is, the host's has to be there.
        first = self.name if not live else rng.choice([self.name, guest])
        wanted += [(first, False), (guest, False)][:lookalikes]
        rng.shuffle(wanted)
        matters = []
        for number, (family, is_live) in enumerate(wanted):
            kind = Placed(family, None).kind
            matters.append(Placed(family, kind.sample(rng, life, claims, live=is_live, number=number)))
        notes = wording(_WORDS)["delegation"]
        return Proactive(
            matters=tuple(matters),
            acting=rng.random() < 0.5,
            note=rng.randrange(len(notes["acting"])),
            beat=rng.randrange(len(wording(_WORDS)["heartbeat"])),
            idle=tuple(
                entry
                for service, count in _IDLE_MAILS.items()
                for entry in idle_mail(rng, life, service, count=count, first=len(matters))
            ),
        )

    def story(self, params: Proactive) -> Story:
        """Lays all matters; evidence is what a right report has to cite, of the live ones or, where none is, of all."""
        plans = params.plans
        some = any(plan.live for plan in plans)
        key = {record_id for plan in plans if plan.live == some for record_id in plan.key}
        told = [record for placed in params.matters for record in placed.kind.story(placed.matter)]
        evidence = tuple(record for record in told if record[1][ID_FORMS[record[0]][0]] in key)
        others = tuple(record for record in told if record not in evidence)
        happening = tuple(entry for placed in params.matters for entry in placed.kind.schedule(placed.matter))
        replies = tuple(reply for placed in params.matters for reply in placed.kind.replies(placed.matter))
        return Story(evidence, others, (*params.idle, *happening), replies)

    def instruction(self, params: Proactive) -> str:
        """Returns the heartbeat: no topic, no hint."""
        beats = wording(_WORDS)["heartbeat"]
        return render(beats[params.beat])

    def delegation(self, params: Proactive) -> str:
        """Returns the note that lets the agent act, or that keeps everything for the person."""
        notes = wording(_WORDS)["delegation"]["acting" if params.acting else "asking"]
        return render(notes[params.note % len(notes)])

    def success(self, params: Proactive) -> Success:
        """Every live matter reported and settled as the note asks, nothing else touched."""
        plans = params.plans

        def reported(episode: Episode) -> bool:
            given = (episode.closing.answer or {}).get("matters", []) if episode.closing else []
            own = frozenset(effect.record_id for effect in episode.agent_effects if effect.before is None)
            return matches(given, plans, own)

        goals = [Check("each matter is reported with its records, status and day", reported)]
        goals += [goal for plan in plans for goal in plan.goals]
        guard = (
            no_collateral(lambda effect: any(plan.allowed(effect) for plan in plans))
            if params.acting
            else nothing_changed()
        )
        return Success(tuple(goals), (guard,))

    def declared(self, params: Proactive) -> tuple[str, ...]:
        """What the matters say that their oracles compute."""
        return tuple(value for placed in params.matters for value in placed.kind.declared(placed.matter))

    def react(self, effect: Effect, params: Proactive) -> Iterable[Entry]:
        """Returns what others do about an agent's effect, matter by matter."""
        for placed in params.matters:
            yield from placed.kind.react(effect, placed.matter)

    def oracle(self, params: Proactive) -> OracleTurns:
        """Reads everything, settles what it may, reports."""
        yield from _research(params)
        writes = _writes(params)
        if writes:
            yield writes
        yield _finish(params)

    def twin(self, params: Proactive, service: str) -> Proactive:
        """Redraws that service's facts in the host's live matter, or in its look-alike where none of it is live."""
        own = [i for i, placed in enumerate(params.matters) if placed.family == self.name]
        place = next((i for i in own if params.plans[i].live), own[0])
        return _changed(params, place, self.kind.twin(params.matters[place].matter, service))

    def counterfactual(self, params: Proactive) -> Proactive:
        """Swaps the settling record of the first look-alike for a neutral one."""
        place = next(i for i, plan in enumerate(params.plans) if not plan.live)
        placed = params.matters[place]
        return _changed(params, place, placed.kind.unsettled(placed.matter))

    def distractor_params(self, params: Proactive) -> Sequence[Proactive]:
        """Takes a near miss of a live matter for the matter itself."""
        return [
            _changed(params, place, miss)
            for place, (placed, plan) in enumerate(zip(params.matters, params.plans, strict=True))
            if plan.live and params.acting
            for miss in placed.kind.near_misses(placed.matter)
        ]

    def solutions(self, params: Proactive) -> Sequence[Callable[[], OracleTurns]]:
        """One write a turn and the report, last first; look-alikes reported too; the person notified before the end."""

        def last_first() -> OracleTurns:
            yield from _research(params)
            for call in reversed(_writes(params)):
                yield [call]
            yield _finish(params, backwards=True)

        def with_lookalikes() -> OracleTurns:
            yield from _research(params)
            for call in _writes(params):
                yield [call]
            yield _finish(params, lookalikes=True)

        def notified() -> OracleTurns:
            yield from _research(params)
            yield [*_writes(params), ToolCall("user_notify", {"message": "I have been through everything."})]
            yield _finish(params)

        return last_first, with_lookalikes, notified


def _research(params: Proactive) -> OracleTurns:
    for family in dict.fromkeys(placed.family for placed in params.matters):
        placed = [item for item in params.matters if item.family == family]
        yield from placed[0].kind.research([item.matter for item in placed])


def _writes(params: Proactive) -> list[ToolCall]:
    return [call for placed in params.live for call in placed.kind.writes(placed.matter)] if params.acting else []


def _finish(params: Proactive, *, lookalikes: bool = False, backwards: bool = False) -> ToolCall:
    plans = params.plans
    reported = [plan for plan in plans if plan.live] or plans[:1]
    if lookalikes:
        reported = (reported + [plan for plan in plans if plan not in reported])[:3]
    answer = [
        {
            "records": sorted(plan.key, reverse=backwards),
            "status": plan.status,
            "due": plan.due.isoformat() if plan.due else None,
        }
        for plan in (reversed(reported) if backwards else reported)
    ]
    return ToolCall("finish", {"message": "This is what I found.", "answer": {"matters": answer}})


def _changed(params: Proactive, place: int, matter: Any) -> Proactive:
    matters = list(params.matters)
    matters[place] = replace(matters[place], matter=matter)
    return replace(params, matters=tuple(matters))
