"""Each cheating policy earns where a task leaks what it tries, and nothing where none does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gymnasium as gym
import pytest
from pydantic import BaseModel

from claw_gym.core.seeding import Stream
from claw_gym.core.tool import ToolCall
from claw_gym.core.toolset import Toolset
from claw_gym.envs.claw_env import ClawEnv
from claw_gym.errors import UsageError
from claw_gym.life.loaded import Life
from claw_gym.rollout import Policy, make_policy, run_episode
from claw_gym.rollout.cheating import Brief
from claw_gym.rollout.policies import modal_answer
from claw_gym.rollout.policies.modal_answer import ModalAnswer, ending_of
from claw_gym.tasks.family import FamilyTask, Story, TaskFamily
from claw_gym.tasks.success import Check, Success
from claw_gym.tasks.task import Episode, OracleTurns, Task, TaskSource
from claw_gym.trajectory import Outcome

EPISODES = 6
CHEATS = (
    "finish_at_once", "list_all_then_finish", "notify_everything", "first_hit", "newest_records", "seen_value_random",
)  # fmt: skip


class Slip(BaseModel):
    message_id: str


class Word(BaseModel):
    colour: str


def inbox(episode: Episode) -> list[Any]:
    """Returns the mails of the inbox, the newest first."""
    mails = [mail for mail in episode.world.table("gmail.messages") if "inbox" in mail.labels and mail.date]
    return sorted(mails, key=lambda mail: mail.date, reverse=True)


def named(episode: Episode) -> str:
    return str(episode.closing.answer["message_id"]) if episode.closing and episode.closing.answer else ""


def written(episode: Episode) -> bool:
    mails = [effect.shown for effect in episode.written("gmail", "sent_messages")]
    return any("@" in mail["to"] and "L-4711" in mail["body"] for mail in mails)


LEAKS: dict[str, tuple[type[BaseModel], Callable[[Episode], bool]]] = {
    "anything": (Slip, lambda episode: episode.closing is not None),
    "any mail": (Slip, lambda episode: named(episode).startswith("MSG-")),
    "the first that is listed": (Slip, lambda episode: named(episode) == inbox(episode)[0].id),
    "a notice": (Slip, lambda episode: any(effect.service == "user" for effect in episode.agent_effects)),
    "the one named in the request": (Slip, lambda episode: named(episode) == "MSG-90001"),
    "a mail about the one named": (Slip, written),
    "always the same": (Word, lambda episode: bool(episode.closing) and episode.closing.answer == {"colour": "teal"}),
}


class Leaky(TaskFamily[str]):
    """A family whose predicate asks for little; its params say what it gives away."""

    name = "leaky"
    services = ("gmail",)

    def __init__(self, leak: str) -> None:
        self.leak = leak
        self.answer = LEAKS[leak][0]

    def sample(self, rng: Stream, life: Life, difficulty: int) -> str:
        return self.leak

    def story(self, params: str) -> Story:
        mail = {
            "message_id": "MSG-90001", "from": "ana@lantern.example", "to": "me@example.org", "labels": ["inbox"],
            "subject": "Lantern Works: your order", "date": "2026-01-15T10:00:00+01:00", "is_read": True,
            "body": "Your order L-4711 with Lantern Works, 120.00 EUR, leaves on 20 January 2026.",
        }  # fmt: skip
        return Story((("gmail.messages", mail),))

    def instruction(self, params: str) -> str:
        return "Find the mail of Lantern Works in my Gmail, send a mail to the one who wrote it, and name it."

    def success(self, params: str) -> Success:
        return Success((Check("it is done", LEAKS[params][1]),))

    def oracle(self, params: str) -> OracleTurns:
        yield ToolCall("finish", {"message": "x", "answer": {"colour": "teal"}})

    def twin(self, params: str, service: str) -> str:
        return params

    def solutions(self, params: str) -> list[Callable[[], OracleTurns]]:
        return []


class One(TaskSource):
    """A source of one task."""

    def __init__(self, task: FamilyTask[Any]) -> None:
        self.task = task
        self.toolset = task.toolset

    def draw(self, seed: int) -> Task:
        return self.task

    def named(self, name: str) -> Task:
        return self.task


@pytest.fixture(scope="module")
def life() -> Life:
    from claw_gym.life.loaded import load_life

    return load_life("maren_okafor", 0, "small")


def played(life: Life, leak: str, policy: Policy, **kwargs: Any) -> list[Outcome]:
    task = Leaky(leak).task_of(life, "leaky@1/small/1:0", leak)
    env = ClawEnv(One(task), **kwargs)
    outcomes = [run_episode(env, policy, seed=seed).outcome for seed in range(EPISODES)]
    return [outcome for outcome in outcomes if outcome is not None]


def earned(life: Life, leak: str, policy: Policy, **kwargs: Any) -> float:
    return sum(bool(outcome.success) for outcome in played(life, leak, policy, **kwargs)) / EPISODES


@pytest.mark.parametrize(
    ("policy", "leak", "least"),
    [
        ("finish_at_once", "anything", 1.0),
        ("list_all_then_finish", "the first that is listed", 1.0),
        ("list_all_then_finish", "any mail", 1.0),
        ("notify_everything", "a notice", 1.0),
        ("first_hit", "the one named in the request", 1.0),
        ("first_hit", "a mail about the one named", 0.5),
        ("newest_records", "any mail", 0.3),
        ("seen_value_random", "any mail", 0.3),
    ],
)
def test_a_cheat_earns_where_what_it_tries_is_given_away(life: Life, policy: str, leak: str, least: float) -> None:
    assert earned(life, leak, make_policy(policy)) >= least


def test_the_newest_mail_earns_for_newest_records_some_of_the_time(life: Life) -> None:
    assert 0 < earned(life, "the first that is listed", make_policy("newest_records")) <= 1


def test_random_earns_where_any_end_will_do(life: Life) -> None:
    assert earned(life, "anything", make_policy("random"), max_steps=250) > 0


def test_noop_shows_a_task_that_is_solved_as_it_stands(life: Life) -> None:
    class Solved(Leaky):
        def success(self, params: str) -> Success:
            return Success((Check("nothing is asked", lambda _: True),))

    env = ClawEnv(One(Solved("anything").task_of(life, "leaky@1/small/1:0", "anything")), max_steps=5)
    outcome = run_episode(env, make_policy("noop")).outcome
    # The reward needs finish, which noop never calls; the goals show what it was given.
    assert (outcome.success, outcome.goal_fraction) == (False, 1.0)


def test_the_modal_answer_earns_where_one_answer_is_common(life: Life) -> None:
    ends = [(ToolCall("finish", {"message": "x", "answer": {"colour": colour}}),) for colour in ("red", "teal", "teal")]
    assert earned(life, "always the same", ModalAnswer(ends)) == 1.0
    assert earned(life, "always the same", ModalAnswer(ends[:1])) == 0.0


def test_the_modal_answer_comes_with_the_writes_that_went_with_it(life: Life) -> None:
    tools = Leaky("anything").task_of(life, "leaky@1/small/1:0", "anything").toolset
    finish = ToolCall("finish", {"message": "x", "answer": {"colour": "teal"}})
    todos = [ToolCall("todo_create_task", {"title": title}) for title in ("one", "two", "two")]
    policy = ModalAnswer([ending_of([ToolCall("gmail_list_messages"), todo, finish], tools) for todo in todos])
    policy.begin(0)
    turns = [policy.act({}, tools) for _ in range(3)]
    assert turns == [todos[1], finish, finish]


@pytest.mark.parametrize("policy", CHEATS)
def test_a_cheat_earns_nothing_in_a_sound_task_and_repeats_itself(policy: str) -> None:
    env = gym.make("Claw/SettleDuplicateCharge-v0", scale="small")
    first, again = (run_episode(env, make_policy(policy), seed=3) for _ in range(2))
    assert first == again
    assert first.outcome.success is False
    assert first.outcome.end_reason.value == "finish"


def test_the_modal_answer_learns_once_from_train_tasks_of_the_id_it_plays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modal_answer, "LEARNED", 3)
    env = gym.make("Claw/SettleDuplicateCharge-v0", scale="small")
    policy = make_policy("modal_answer")
    records = [run_episode(env, policy, seed=seed) for seed in range(2)]
    assert [[call.name for step in item.steps for call in step.calls][-1] for item in records] == ["finish"] * 2
    assert records[0].steps[-1].calls == records[1].steps[-1].calls
    assert set(records[0].steps[-1].calls[0].arguments["answer"]) == {"transaction_id", "amount", "refund_address"}


@pytest.mark.parametrize("env_id", ["Claw-Reactiv", "Claw-Pack", "CartPole"])
def test_an_id_from_which_nothing_can_be_learned_is_refused_in_one_sentence(env_id: str) -> None:
    with pytest.raises(UsageError, match=env_id):
        make_policy(f"modal_answer:{env_id}-v{1 if env_id == 'CartPole' else 0}")


def test_an_env_without_an_id_has_to_be_named(life: Life) -> None:
    with pytest.raises(UsageError, match="name it, as in modal_answer:Claw-Reactive-v0"):
        earned(life, "anything", make_policy("modal_answer"))


def test_an_answer_is_valid_by_its_schema_at_the_first_try() -> None:
    env = gym.make("Claw/SettleDuplicateCharge-v0", scale="small")
    for policy in CHEATS:
        trajectory = run_episode(env, make_policy(policy), seed=1)
        ends = [result for step in trajectory.steps for result in step.results if result.name == "finish"]
        assert [result.is_error for result in ends] == [False], policy


def test_without_an_env_a_cheat_still_finishes(life: Life) -> None:
    tools = Leaky("anything").task_of(life, "leaky@1/small/1:0", "anything").toolset
    seen = {"text": "A task.", "now": "2026-03-04T10:00:00+01:00", "results": ()}
    for policy in CHEATS:
        made = make_policy(policy)
        action: Any = made.act(seen, tools)
        for _ in range(200):
            calls = action if isinstance(action, list) else [action]
            if calls[0].name == "finish":
                break
            action = made.act(seen, tools)
        assert calls[0].arguments == {"message": "Done."}
    assert make_policy("noop").act(seen, Toolset(())).name == "noop"


BRIEFING = """You are the assistant.

What you may do: You may read everything.

Write to Lantern Works about the order. It came from Ana Bos.

Close with finish."""


def test_a_briefing_is_taken_apart() -> None:
    brief = Brief(BRIEFING, "2026-03-04T10:00:00+01:00")
    assert brief.note == "You may read everything."
    assert brief.request.startswith("Write to Lantern")
    assert brief.names == ["Lantern Works", "Ana Bos"]
    assert {"write", "order"} - set(brief.words) == set()
    assert Brief("Just this.", "").request == "Just this."
    assert replace(brief, text="x").note == ""
