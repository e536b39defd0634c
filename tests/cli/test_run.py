"""`claw-gym run`."""

from __future__ import annotations

import json

import gymnasium as gym
import pytest

import claw_gym
from claw_gym.errors import InfrastructureError
from claw_gym.rollout import POLICIES, NamedPolicy
from claw_gym.trajectory import read_trajectory

FULL_NAME = "settle_duplicate_charge@1/full/2:11"


def test_a_solved_task_exits_with_0_and_says_how_it_went(cli, family) -> None:
    done = cli("run", family, "--seed", 3)
    assert done.code == 0
    for word in ("task", "steps", "simulated time", "reward", "success", "yes", "score", "goals", "guards"):
        assert word in done.out
    assert done.err == ""
    assert max(map(len, done.out.splitlines())) <= 80


def test_an_unsolved_task_exits_with_1(cli, family) -> None:
    done = cli("run", family, "--policy", "noop", "--max-steps", 2)
    assert done.code == 1
    assert "ended by" in done.out


def test_the_flags_reach_the_env(cli, family) -> None:
    flags = ["--split", "train", "--scale", "small", "--difficulty", 2, "--surfaces", "services", "--tools", "skill"]
    flags += ["--max-result-chars", 500, "--no-implicit-finish", "--max-steps", 1]
    data = json.loads(cli("run", family, "--policy", "noop", "--json", *flags).out)
    assert data["env_kwargs"] == {
        "split": "train",
        "scale": "small",
        "difficulty": 2,
        "surfaces": "services",
        "tools": "skill",
        "max_result_chars": 500,
        "implicit_finish": False,
        "max_steps": 1,
    }


def test_json_has_the_outcome(cli, family) -> None:
    done = cli("run", family, "--seed", 3, "--json")
    data = json.loads(done.out)
    assert done.code == 0
    assert (data["policy"], data["seed"], data["reward"], data["outcome"]["success"]) == ("oracle", 3, 1.0, True)
    assert data["simulated_seconds"] > 0
    assert "turns" not in data
    assert len(json.loads(cli("run", family, "--json", "--verbose").out)["turns"]) > 1


def test_a_task_is_played_by_its_name(cli, family) -> None:
    assert json.loads(cli("run", family, "--task", FULL_NAME, "--json").out)["task_name"] == FULL_NAME


def test_a_verbose_run_shows_calls_and_results(cli, family) -> None:
    done = cli("run", family, "--verbose")
    assert "finance_list_transactions(" in done.out
    assert "step 1" in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_a_trajectory_is_written_and_played_again(cli, family, tmp_path) -> None:
    path = tmp_path / "one.jsonl"
    assert cli("run", family, "--task", FULL_NAME, "--seed", 5, "--out", path).code == 0
    assert read_trajectory(path).task_name == FULL_NAME
    again = cli("run", family, "--policy", f"replay:{path}")
    assert again.code == 0
    assert FULL_NAME in again.out
    assert "as recorded" in again.out
    assert json.loads(cli("run", family, "--policy", f"replay:{path}", "--json").out)["differences"] == []


def test_a_replay_of_another_task_says_where_it_differs(cli, family, tmp_path) -> None:
    path = tmp_path / "one.jsonl"
    cli("run", family, "--seed", 5, "--out", path)
    done = cli("run", family, "--policy", f"replay:{path}", "--seed", 6)
    assert done.code == 1
    assert "The replay differs in" in done.out


def test_a_replay_keeps_the_recorded_arguments_of_the_env(cli, packs, tmp_path) -> None:
    path, pack = tmp_path / "one.jsonl", packs / "E02_reorder_paper"
    cli("run", "Claw-Pack-v0", "--path", pack, "--policy", "noop", "--max-steps", 2, "--out", path)
    done = cli("run", "Claw-Pack-v0", "--policy", f"replay:{path}", "--json")
    assert json.loads(done.out)["env_kwargs"] == {"path": str(pack), "max_steps": 2}
    assert json.loads(done.out)["differences"] == []


def test_a_judge_only_pack_is_not_scored(cli, packs) -> None:
    done = cli("run", "Claw-Pack-v0", "--path", packs / "E03_ticket_triage", "--policy", "noop", "--max-steps", 1)
    assert done.code == 1
    assert "not scored" in done.out
    assert "Traceback" not in done.err


@pytest.fixture
def breaking():
    """The name of a policy whose model is down."""

    class Breaking(NamedPolicy, name="breaking"):
        def act(self, observation, tools):
            raise InfrastructureError("The model [down] does not answer.")

    yield "breaking"
    POLICIES.discard("breaking")


def test_an_infrastructure_failure_exits_with_3(cli, family, breaking) -> None:
    done = cli("run", family, "--policy", breaking)
    assert done.code == 3
    assert "The model [down] does not answer." in done.out


def test_an_infrastructure_failure_before_the_episode_exits_with_3(cli, monkeypatch, family) -> None:
    def down(*_args: object, **_kwargs: object) -> None:
        raise InfrastructureError("Docker is gone.")

    monkeypatch.setattr(gym, "make", down)
    done = cli("run", family)
    assert (done.code, done.err) == (3, "claw-gym: Docker is gone.\n")


def test_an_interrupted_run_stops_politely(cli, monkeypatch, family) -> None:
    def interrupted(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(gym, "make", interrupted)
    done = cli("run", family)
    assert (done.code, done.err.strip()) == (1, "claw-gym: Stopped.")


def test_a_terminal_without_unicode_gets_words(program, family) -> None:
    done = program("run", family, "--verbose", PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert "\n  ok " in done.out


def test_importing_the_package_leaves_typer_and_rich_alone(run_python) -> None:
    code = "import sys, claw_gym, claw_gym.rollout; print(sorted({'typer', 'rich'} & set(sys.modules)))"
    assert run_python(code).strip() == "[]"
    assert claw_gym.__version__
