"""`claw-gym list`, `doctor` and `pack check`, and what they share."""

from __future__ import annotations

import json
import shutil

import pytest
from rich.console import Console

from claw_gym.cli import doctor, patience
from claw_gym.cli.patience import Patience
from claw_gym.cli.screen import duration, plain
from claw_gym.envs.ids import env_ids
from claw_gym.rollout import POLICIES
from claw_gym.services import SERVICES
from claw_gym.tasks import FAMILIES


def test_list_shows_everything_there_is(cli) -> None:
    done = cli("list")
    assert done.code == 0
    for name in (*env_ids(), *FAMILIES, *SERVICES, *POLICIES):
        assert name in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_list_as_json_is_complete(cli) -> None:
    data = json.loads(cli("list", "--json").out)
    assert {row["id"] for row in data["ids"]} == set(env_ids())
    drawn = {row["id"]: row["families"] for row in data["ids"]}
    assert sorted(drawn["Claw-Mixed-v0"]) == sorted(drawn["Claw-Reactive-v0"] + drawn["Claw-Proactive-v0"])
    assert sorted(drawn["Claw-Mixed-v0"]) == sorted(FAMILIES)
    assert [row["name"] for row in data["policies"]] == list(POLICIES)
    assert all(row["summary"].endswith(".") or "(" in row["summary"] for row in data["policies"])


def test_doctor_finds_this_machine_in_order(cli, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CLAW_GYM_CACHE", str(tmp_path / "new" / "cache"))
    monkeypatch.setenv("CLAW_GYM_DATA", str(tmp_path / "nowhere"))
    done = cli("doctor")
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= 80
    found = {row["what"]: row["state"] for row in json.loads(cli("doctor", "--json").out)}
    assert (found["Python"], found["registry"], found["cache"], found["published packs"]) == (
        "ok",
        "ok",
        "ok",
        "absent",
    )
    assert not (tmp_path / "new").exists()


def test_doctor_exits_with_1_when_something_needed_is_wrong(cli, tmp_path, monkeypatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CLAW_GYM_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr(doctor, "_NEEDED", ("no-such-package",))
    monkeypatch.setattr(doctor, "_OLDEST", (99, 0))
    done = cli("doctor", "--json")
    assert done.code == 1
    states = {row["what"]: row["state"] for row in json.loads(done.out)}
    assert states["Python"] == states["no-such-package"] == states["cache"] == "wrong"


def test_doctor_says_how_to_install_an_extra(cli, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "_EXTRAS", {"no-such-package": ("sb3", "training")})
    (row,) = [row for row in json.loads(cli("doctor", "--json").out) if row["what"] == "no-such-package"]
    assert row["detail"] == "for training: pip install 'claw-gym[sb3]'"


def test_sound_packs_pass(cli, packs) -> None:
    done = cli("pack", "check", packs)
    assert done.code == 0
    assert "4 packs" in done.out
    assert "0 broken" in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_a_broken_pack_is_named_with_file_and_field(cli, packs, tmp_path) -> None:
    shutil.copytree(packs, tmp_path / "packs")
    broken = tmp_path / "packs" / "E02_reorder_paper"
    shutil.rmtree(broken / "fixtures" / "gmail")
    done = cli("pack", "check", tmp_path / "packs")
    assert done.code == 1
    assert "1 broken" in done.out
    data = json.loads(cli("pack", "check", tmp_path / "packs", "--json").out)
    (pack,) = [row for row in data["packs"] if row["state"] == "broken"]
    assert "E02_reorder_paper" in pack["where"]
    assert any("gmail" in problem for problem in pack["problems"])


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("2026-03-04T09:00:00+01:00", "0 s"),
        ("2026-03-04T09:00:35+01:00", "35 s"),
        ("2026-03-04T09:02:00+01:00", "2 min"),
        ("2026-03-04T10:12:30+01:00", "1 h 12 min"),
        ("2026-03-06T10:00:30+01:00", "2 d 1 h"),
        ("2026-03-04T09:30:00+02:00", "-"),
    ],
)
def test_durations_are_said_in_two_words(end, words) -> None:
    if words == "-":
        end, words = "2026-03-04T10:30:00+02:00", "30 min"
    assert duration("2026-03-04T09:00:00+01:00", end) == words


def test_control_characters_and_markup_are_shown_and_do_nothing() -> None:
    console = Console(markup=False)
    with console.capture() as captured:
        console.print(plain("[red]a[/red] \x1b[2Jb\nc"))
    assert captured.get() == "[red]a[/red] \N{REPLACEMENT CHARACTER}[2Jb\nc\n"


def test_a_bar_appears_only_after_a_while_and_only_where_a_person_looks(monkeypatch) -> None:
    monkeypatch.setattr(patience, "_AFTER_S", 0.0)
    for terminal in (True, False):
        monkeypatch.setattr(patience, "Console", lambda *, stderr, terminal=terminal: Console(
            stderr=stderr, quiet=True, force_terminal=terminal, force_interactive=terminal,
        ))  # fmt: skip
        with Patience("Playing", total=2) as bar:
            bar.advance()
            if terminal:
                bar._timer.join()
                assert bar._bar.live.is_started
        assert not bar._bar.live.is_started
        bar._show()
        assert not bar._bar.live.is_started
