"""`claw-gym audit`: whether task families keep their rules."""

from __future__ import annotations

from typing import Annotated

import typer

from claw_gym.cli.audit_report import print_audit, print_overview
from claw_gym.cli.exit_codes import DONE, NOT_DONE
from claw_gym.cli.patience import Patience
from claw_gym.cli.screen import print_json, stdout
from claw_gym.errors import UsageError
from claw_gym.tasks import FAMILIES
from claw_gym.tasks.names import SPLITS
from claw_gym.testing.audit import FamilyAudit, audit_family, episodes_for

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(
        "audit",
        help="Check the nine rules of task families over drawn tasks; difficulty cycles from 1 to 5. "
        "Exits with 1 when a rule is broken.",
        epilog="Example: claw-gym audit double_booking --seeds 50 --split train --scale full",
    )(_audit)


def _audit(
    families: Annotated[
        list[str] | None,
        typer.Argument(metavar="FAMILY", help="Which families; all that stand in the split when none is named."),
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Tasks checked closely, of each family.")] = 50,
    split: Annotated[str, typer.Option("--split", help="train, validation or test.")] = "train",
    scale: Annotated[str, typer.Option("--scale", help="How much life there is, such as full.")] = "full",
    episodes: Annotated[
        int | None,
        typer.Option(
            "--episodes", min=1, help="Episodes of each cheating policy; if not given, four a seed, at most 200."
        ),
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that share the work.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    names = _chosen(families, split)
    count = max(seeds, episodes if episodes is not None else episodes_for(seeds))
    audits: list[FamilyAudit] = []
    console = stdout()
    for place, name in enumerate(names, 1):
        what = f"Auditing {name}" + (f" ({place} of {len(names)})" if len(names) > 1 else "")
        with Patience(what, total=count) as patience:
            found = audit_family(
                name,
                seeds=seeds,
                split=split,
                scale=scale,
                episodes=episodes,
                workers=workers,
                on_task=patience.advance,
            )
        audits.append(found)
        if not as_json:
            print_audit(console, found)
    if as_json:
        print_json([found.plain() for found in audits])
    elif len(audits) > 1:
        print_overview(console, audits)
    raise typer.Exit(DONE if all(found.holds for found in audits) else NOT_DONE)


def _chosen(families: list[str] | None, split: str) -> list[str]:
    """Returns the families to audit.

    Raises:
        UsageError: No such split or family, one that does not stand in the split, or none that does.
    """
    if split not in SPLITS:
        raise UsageError(f"split should be one of {', '.join(SPLITS)}, not {split!r}.")
    names = list(dict.fromkeys(families or [name for name in FAMILIES if split in FAMILIES[name].splits]))
    for name in names:
        if split not in FAMILIES[name].splits:
            stands = " and ".join(sorted(FAMILIES[name].splits))
            raise UsageError(f"The family {name} does not stand in the split {split!r}; it stands in {stands}.")
    if not names:
        raise UsageError(f"No family stands in the split {split!r}.")
    return names
