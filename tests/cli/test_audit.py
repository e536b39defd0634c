"""`claw-gym audit`: which families, what is printed, and the exit code."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from claw_gym.cli import audit
from claw_gym.errors import InfrastructureError
from claw_gym.tasks import FAMILIES
from claw_gym.testing.audit import Finding
from claw_gym.testing.audit.audit import episodes_for
from claw_gym.testing.audit.cheats import Earned
from claw_gym.testing.audit.counterfactuals import Rates
from claw_gym.testing.audit.no_fingerprint import Told
from claw_gym.testing.audit.report import FamilyAudit
from claw_gym.testing.audit.typed_answers import Commonest

SMALL = ("--seeds", 1, "--episodes", 2, "--scale", "small", "--workers", 1)
SOUND = FamilyAudit(
    family="toy", split="train", scale="small", seeds=3, episodes=12, findings=(),
    earned=(Earned("noop", 3), Earned("first_hit", 12, ["toy@1/small/1:0"])), commonest=Commonest(12, 2, "{}"),
    told=(Told("gmail.messages", 12, 24, 200, 0.55, 0.5, 0.6, "hour (0.58)"),), told_widely=(),
    rates=(Rates("oracle", 3, 1.0, 0.0, 1.0), Rates("first_hit", 3, 0.25, 0.5, 0.0)), efforts=(), seconds=2.5,
)  # fmt: skip
FINDINGS = (
    *(Finding(3, f"toy@1/small/1:{n}", "without a mail it earns 0.0: not so") for n in range(5)),
    Finding(9, "toy", "nothing tells: not so"),
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Replaces the audit by one that breaks rule 3 in families named "double..."; returns what it was asked for."""
    calls: list[Any] = []

    def made_up(name: str, **kwargs: Any) -> FamilyAudit:
        calls.append((name, kwargs))
        kwargs["on_task"]()
        return replace(SOUND, family=name, findings=FINDINGS if name.startswith("double") else ())

    monkeypatch.setattr(audit, "audit_family", made_up)
    return calls


def unboxed(text: str) -> str:
    """Returns what a table says, without its lines."""
    return " ".join(text.replace("\N{BOX DRAWINGS LIGHT VERTICAL}", " ").split())


def test_a_sound_family_is_audited_and_the_code_is_0(cli) -> None:
    done = cli("audit", "settle_duplicate_charge", *SMALL)
    assert (done.code, done.err) == (0, "")
    assert "settle_duplicate_charge (train, small, 1 seeds, 2 episodes" in done.out
    for words in ("1 solvable", "9 no fingerprint", "too few tasks to tell", "no cheat earns anything", "first_hit"):
        assert words in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_a_broken_family_is_found_out_and_the_code_is_1(cli, monkeypatch) -> None:
    path = Path(__file__).parents[1] / "testing" / "broken_families.py"
    spec = importlib.util.spec_from_file_location("families_for_the_command", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    FAMILIES.add("broken", module.Careless())
    try:
        done = cli("audit", "broken", *SMALL, "--json")
    finally:
        FAMILIES.discard("broken")
    assert done.code == 1
    (data,) = json.loads(done.out)
    assert 3 in [row["rule"] for row in data["rules"] if row["broken"]]
    assert any("without finance_report_submit" in finding["sentence"] for finding in data["findings"])
    assert data["oracle"][0]["turns"] > 3
    assert {"schema_tokens", "episode_tokens", "difficulty"} <= set(data["oracle"][0])


def test_the_report_says_what_was_found_and_how_much_more(cli, asked) -> None:
    done = cli("audit", "double_booking", "--scale", "small")
    assert done.code == 1
    assert "broken by 5 tasks" in done.out
    assert done.out.count("without a mail it earns 0.0: not so.") == 3
    assert "and 2 more; --json has them all" in done.out
    shown = unboxed(done.out)
    assert "area 0.55 (0.50 to 0.60) in gmail.messages" in shown
    assert "the best cheat earns 8.3% (first_hit)" in shown
    assert "first_hit 1 of 12 1 25% 50% 0%" in shown


def test_without_a_name_all_families_of_the_split_are_audited(cli, asked) -> None:
    done = cli("audit", "--seeds", 2, "--workers", 3)
    assert [name for name, _ in asked] == [name for name in FAMILIES if "train" in FAMILIES[name].splits]
    given = asked[0][1]
    assert (given["seeds"], given["split"], given["scale"], given["workers"]) == (2, "train", "full", 3)
    assert given["episodes"] is None
    assert "All families" in done.out
    assert "3 every part counts, 9 no fingerprint" in unboxed(done.out)
    assert done.code == 1


def test_a_family_named_twice_is_audited_once(cli, asked) -> None:
    assert cli("audit", "settle_duplicate_charge", "settle_duplicate_charge").code == 0
    assert len(asked) == 1


@pytest.mark.parametrize(("seeds", "episodes"), [(5, 20), (50, 200), (500, 200), (1, 4)])
def test_fewer_seeds_take_fewer_episodes(seeds: int, episodes: int) -> None:
    assert episodes_for(seeds) == episodes


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("double_bookin", "Did you mean 'double_booking'?"),
        ("double_booking --split tset", "split should be one of train, validation, test, not 'tset'"),
        ("double_booking --scale huge --workers 1", "scale should be one of"),
        ("--seeds 0", "Invalid value for '--seeds'"),
        ("--seeds x", "Invalid value for '--seeds'"),
        ("--workers 0", "Invalid value for '--workers'"),
        ("--frob", "No such option"),
    ],
)
def test_misuse_gets_one_sentence_and_the_code_2(cli, arguments: str, said: str) -> None:
    done = cli("audit", *arguments.split())
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_a_family_that_does_not_stand_in_the_split_gets_one_sentence(cli, monkeypatch) -> None:
    monkeypatch.setattr(type(FAMILIES["double_booking"]), "splits", frozenset({"train"}))
    done = cli("audit", "double_booking", "--split", "test")
    assert done.code == 2
    assert "does not stand in the split 'test'; it stands in train." in done.err


def test_a_split_in_which_no_family_stands_gets_one_sentence(cli, monkeypatch) -> None:
    for name in FAMILIES:
        monkeypatch.setattr(type(FAMILIES[name]), "splits", frozenset({"train"}))
    done = cli("audit", "--split", "test")
    assert (done.code, "No family stands in the split 'test'" in done.err) == (2, True)


def test_a_killed_process_is_infrastructure(cli, monkeypatch) -> None:
    def killed(*_: Any, **__: Any) -> FamilyAudit:
        raise InfrastructureError("A process of the audit was killed, perhaps for want of memory.")

    monkeypatch.setattr(audit, "audit_family", killed)
    done = cli("audit", "double_booking")
    assert (done.code, "was killed" in done.err) == (3, True)


def test_the_help_has_an_example(cli) -> None:
    done = cli("audit", "--help")
    assert done.code == 0
    assert "Example: claw-gym audit" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
