"""Run as a program: draws tasks in a fresh interpreter and prints their digests, for rule 7."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from claw_gym.testing.audit.drawn import Draws, FamilyRef
from claw_gym.testing.audit.same_everywhere import digest_of

__all__ = ["command"]

_MODULE = "claw_gym.testing.audit.elsewhere"


def command(draws: Draws) -> list[str]:
    """Returns the arguments with which an interpreter runs this module on a family."""
    return ["-m", _MODULE, json.dumps({"ref": asdict(draws.ref), "split": draws.split, "scale": draws.scale})]


def main() -> None:
    """Reads task numbers on standard input and prints a JSON object of number -> digest."""
    given = json.loads(sys.argv[1])
    draws = Draws(FamilyRef(**given["ref"]), given["split"], given["scale"])
    numbers = [int(line) for line in sys.stdin.read().split()]
    sys.stdout.write(json.dumps({str(number): digest_of(draws.task(number)) for number in numbers}))


if __name__ == "__main__":
    main()
