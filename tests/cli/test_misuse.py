"""Every command misused: exit code 2, one sentence on standard error, nothing on standard output, no traceback."""

from __future__ import annotations

import pytest

MISUSES = {
    "frob": "No such command 'frob'",
    "--frob": "No such option",
    "list --yaml": "No such option",
    "list x": "unexpected extra argument",
    "doctor x": "unexpected extra argument",
    "run": "Missing argument 'ENV_ID'",
    "run Claw-Reactiv-v0": "Did you mean 'Claw-Reactive-v0'?",
    "run Claw-Reactive-v9": "Did you mean 'Claw-Reactive-v0'?",
    "run Claw-Reactive-v0 --policy orakle": "Did you mean 'oracle'?",
    "run Claw-Reactive-v0 --policy replay": "replay:FILE",
    "run Claw-Reactive-v0 --policy replay:/no/such": "/no/such cannot be read",
    "run Claw-Reactive-v0 --seed x": "Invalid value for '--seed'",
    "run Claw-Reactive-v0 --frob": "No such option",
    "run Claw-Reactive-v0 --out /no/such/file": "there is no folder /no/such",
    "run Claw-Reactive-v0 --out /": "/ is a folder",
    "run Claw-Reactive-v0 --path x": "takes no argument 'path'",
    "run Claw-Reactive-v0 --split tset": "split should be one of",
    "run Claw/RenewalPriceRise-v0": "stands only in the split test; pass split='test'",
    "life stats": "Missing option '--persona'",
    "life stats --persona maren_okafer": "Did you mean 'maren_okafor'?",
    "life stats --persona maren_okafor --life-seed 8": "has the life seeds 0 to 7, not 8",
    "life stats --persona maren_okafor --scale huge": "scale should be one of full, medium, small",
    "life build": "Say what to build: --all, or --persona NAME",
    "life build --all --scale small": "small lives are not cached",
    "life build --life-seed 1": "Say what to build",
    "life show --persona maren_okafor": "Say what to show",
    "life show --persona maren_okafor --scale small --day soon": "--day should be a day such as 2026-02-12",
    "life show --persona maren_okafor --scale small --day 1999-01-01": "Nothing happened on 1999-01-01",
    "life show --persona maren_okafor --scale small --thread WMSG-1": "No record named 'WMSG-1'",
    "life show --persona maren_okafor --scale small --person Nobody": "No person named 'Nobody'",
    "run Claw-Reactive-v0 --scale huge": "scale should be one of",
    "run Claw-Reactive-v0 --difficulty 9": "difficulty should be",
    "run Claw-Reactive-v0 --difficulty hard": "Invalid value for '--difficulty'",
    "run Claw-Reactive-v0 --surfaces services,phone": "not 'phone'",
    "run Claw-Reactive-v0 --tools all": "tools should be",
    "run Claw-Reactive-v0 --max-steps 0": "max_steps should be",
    "run Claw-Reactive-v0 --max-result-chars 1": "max_result_chars should be",
    "run Claw-Reactive-v0 --scorer judge": "scorer is for published packs",
    "run Claw-Reactive-v0 --task nonsense": "No task family named 'nonsense'",
    "run Claw-Reactive-v0 --task a:b": "is no task name",
    "run Claw-Pack-v0": "needs path=",
    "run Claw-Pack-v0 --path /no/such": "/no/such",
    "run CartPole-v1": "is no env of claw_gym",
    "run CartPole-v1 --max-steps 3": "does not take max_steps",
    "run nomodule:Foo-v0": "'nomodule', which is not installed",
    "run claw_gym:Foo-v0": "Foo",
    "play": "Missing argument 'ENV_ID'",
    "play Claw-Reactiv-v0": "Did you mean 'Claw-Reactive-v0'?",
    "play Claw-Reactive-v0 --jsonl --out /no/such/file": "there is no folder",
    "pack frob": "No such command 'frob'",
    "pack check": "Missing argument 'PATH'",
    "pack check /no/such": "/no/such",
}


@pytest.mark.parametrize("arguments", MISUSES)
def test_misuse_gets_one_sentence(cli, arguments) -> None:
    done = cli(*arguments.split())
    assert (done.code, done.out) == (2, "")
    assert MISUSES[arguments] in done.err
    assert done.err.startswith("claw-gym: ")
    assert done.err.endswith((".\n", "?\n"))
    assert done.err.count("\n") == 1
    assert not done.err.endswith("..\n")


@pytest.mark.parametrize(
    "arguments", ["run Claw-Reactiv-v0", "list --yaml", "play Foo", "pack check /no/such", "doctor x"]
)
def test_the_program_says_it_without_a_traceback(program, arguments) -> None:
    done = program(*arguments.split())
    assert done.code == 2
    assert "Traceback" not in done.err
    assert done.err.count("\n") == 1


def test_a_broken_trajectory_is_named_with_its_line(cli, family, tmp_path) -> None:
    (tmp_path / "bad.jsonl").write_text("{}\n", encoding="utf-8")
    done = cli("run", family, "--policy", f"replay:{tmp_path / 'bad.jsonl'}")
    assert done.code == 2
    assert "bad.jsonl, line 1" in done.err


def test_the_oracle_has_no_solution_of_a_pack(cli, packs) -> None:
    done = cli("run", "Claw-Pack-v0", "--path", packs / "E02_reorder_paper")
    assert done.code == 2
    assert "without a solution" in done.err


@pytest.mark.parametrize("command", ["", "list", "run", "play", "pack", "pack check", "doctor"])
def test_every_help_has_an_example(cli, command) -> None:
    done = cli(*command.split(), "--help")
    assert done.code == 0
    assert f"Example: claw-gym {command}".strip() in done.out
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize("command", [[], ["pack"]])
def test_a_group_without_a_command_shows_its_help(cli, command) -> None:
    assert "Usage: claw-gym" in cli(*command).out


def test_the_version_is_printed(cli) -> None:
    assert cli("--version").out.startswith("claw-gym 0.")
