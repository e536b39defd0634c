"""Every registered env keeps the rules, and the check for them finds what breaks one."""

from __future__ import annotations

from pathlib import Path

import gymnasium as gym
import pytest

from claw_gym.core.tool import ToolResult
from claw_gym.envs.ids import PACK_ID, env_ids, register_ids
from claw_gym.tasks import FAMILIES
from claw_gym.testing import check_claw_env

PACKS = sorted((Path(__file__).resolve().parents[2] / "examples" / "packs").glob("*/task.yaml"))


@pytest.mark.parametrize("env_id", sorted(set(env_ids()) - {PACK_ID}))
def test_every_registered_env_keeps_the_rules(env_id):
    family = env_ids()[env_id][1].get("_family")
    split = "train" if family is None or "train" in FAMILIES[family].splits else "test"
    check_claw_env(env_id, scale="small", split=split)


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.parent.name)
@pytest.mark.filterwarnings("ignore::claw_gym.packs.task.PackWarning")
def test_every_pack_of_the_examples_keeps_the_rules(path):
    check_claw_env(PACK_ID, path=str(path.parent))


@pytest.mark.parametrize("kwargs", [{"tools": "skill"}, {"implicit_finish": False}, {"max_result_chars": 200}])
def test_an_env_keeps_the_rules_whatever_it_is_given(make, kwargs):
    check_claw_env(make("Claw-Mixed-v0", **kwargs))


def test_registering_again_changes_nothing():
    before = dict(gym.registry)
    register_ids()
    assert gym.registry == before
    assert all(gym.registry[env_id].max_episode_steps is None for env_id in env_ids())


def test_a_family_that_another_package_announces_gets_an_id_of_its_own(monkeypatch):
    before = env_ids()
    monkeypatch.setattr(type(FAMILIES), "announced", ["lend_a_ladder", "double_booking"])
    assert env_ids() == before | {
        "Claw/LendALadder-v0": (before["Claw/DoubleBooking-v0"][0], {"_family": "lend_a_ladder"})
    }


class Broken(gym.Wrapper):
    """Breaks one rule."""

    def __init__(self, env, rule):
        super().__init__(env)
        self.rule = rule
        self.count = 0

    def reset(self, *, seed=None, options=None):
        if self.rule == "options":
            options = None
        observation, info = super().reset(seed=seed, options=options)
        self.count += 1
        if self.rule == "seeds":
            info["now"] += str(self.count)
        if self.rule == "results":
            info["results"] = (ToolResult("x", "y"),)
        if self.rule == "space":
            observation = {"text": 5}
        return observation, info

    def step(self, action):
        if self.rule == "raises" and action is None:
            raise TypeError("no action")
        observation, reward, terminated, truncated, info = super().step(action)
        if self.rule == "dict":
            info["extra"] = {"a": 1}
        if self.rule == "reward" and terminated:
            reward = 1.0
        if self.rule == "outcome" and terminated:
            del info["outcome"]
        if self.rule == "order":
            info["results"] = info["results"][::-1]
        return observation, reward, terminated, truncated, info


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("options", "takes an option that does not exist"),
        ("seeds", "Two resets with the seed 0 differ"),
        ("results", "should be empty at reset"),
        ("space", "lies outside the space"),
        ("raises", "The action None raised instead of being answered: TypeError: no action"),
        ("dict", "info holds a dict"),
        ("reward", "does not follow the outcome"),
        ("outcome", "info\\['outcome'\\] should be a Outcome"),
        ("order", "do not follow its calls"),
    ],
)
def test_the_check_finds_a_broken_rule(pad_env, rule, said):
    check_claw_env(pad_env())
    with pytest.raises(AssertionError, match=said):
        check_claw_env(Broken(pad_env(), rule))


def test_the_check_refuses_other_envs():
    with pytest.raises(AssertionError, match="ClawEnv, not a CartPoleEnv"):
        check_claw_env("CartPole-v1")
