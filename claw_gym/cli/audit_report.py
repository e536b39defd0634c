"""An audit for people: the rules in a table, what cheating earned, and what was found in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from claw_gym.cli.screen import mark, plain
from claw_gym.testing.audit import RULES, FamilyAudit
from claw_gym.testing.audit.no_fingerprint import MOST_AREA

__all__ = ["print_audit", "print_overview"]

_SHOWN = 3
"""Findings of one rule that are printed; --json has them all."""


def print_audit(console: Console, audit: FamilyAudit) -> None:
    """Prints the audit of one family."""
    where = f"{audit.split}, {audit.scale}, {audit.seeds} seeds, {audit.episodes} episodes, {audit.seconds:.0f} s"
    table = Table(title=Text(f"{audit.family} ({where})"), title_justify="left", expand=True)
    table.add_column("rule", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("what was seen", ratio=1, overflow="fold")
    for number, name in RULES.items():
        broken = audit.of_rule(number)
        table.add_row(plain(f"{number} {name}"), mark(console, not broken), plain(_seen(audit, number)))
    console.print(table)
    _print_cheats(console, audit)
    for number in RULES:
        _print_findings(console, audit, number)
    console.print()


def print_overview(console: Console, audits: Sequence[FamilyAudit]) -> None:
    """Prints one line a family: which rules it breaks."""
    table = Table(title=Text(f"All families ({len(audits)})"), title_justify="left", expand=True)
    table.add_column("family", ratio=1, overflow="fold")
    table.add_column("", no_wrap=True)
    table.add_column("broken rules", ratio=1, overflow="fold")
    for audit in audits:
        broken = ", ".join(f"{number} {name}" for number, name in RULES.items() if audit.of_rule(number))
        table.add_row(plain(audit.family), mark(console, audit.holds), plain(broken))
    console.print(table)


def _seen(audit: FamilyAudit, rule: int) -> str:
    """Returns what a rule was seen to come to, in a few words."""
    figures: dict[int, Callable[[FamilyAudit], str]] = {2: _cheating, 6: _answers, 9: _fingerprint}
    broken = audit.of_rule(rule)
    told = figures[rule](audit) if rule in figures else ""
    tasks = len({finding.task for finding in broken})
    if not broken:
        return told or f"holds in {audit.seeds} tasks"
    said = "broken" if rule in figures else f"broken by {tasks} task{'s' if tasks > 1 else ''}"
    return f"{said}; {told}" if told else said


def _cheating(audit: FamilyAudit) -> str:
    best = max(audit.earned, key=lambda item: item.share)
    return f"the best cheat earns {best.share:.1%} ({best.policy})" if best.tasks else "no cheat earns anything"


def _answers(audit: FamilyAudit) -> str:
    found = audit.commonest
    return f"the commonest answer is that of {found.count} of {found.drawn} tasks"


def _fingerprint(audit: FamilyAudit) -> str:
    if not audit.told:
        return "too few tasks to tell"
    worst = max(audit.told, key=lambda item: item.area)
    return f"area {worst.area:.2f} ({worst.low:.2f} to {worst.high:.2f}) in {worst.table}, at most {MOST_AREA:.2f}"


def _print_cheats(console: Console, audit: FamilyAudit) -> None:
    rates = {item.policy: item for item in audit.rates}
    table = Table(expand=True)
    table.add_column("policy", ratio=1, overflow="fold")
    for name in ("solved", "allowed"):
        table.add_column(name, justify="right", no_wrap=True)
    columns = ("hits", "false alarms", "both twins") if rates else ()
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    solved = {item.policy: (f"{len(item.tasks)} of {item.episodes}", str(item.allowed)) for item in audit.earned}
    for policy in dict.fromkeys([*rates, *solved]):
        cells = [policy, *solved.get(policy, ("", ""))]
        if rates:
            rate = rates.get(policy)
            cells += [f"{v:.0%}" for v in (rate.hits, rate.false_alarms, rate.both)] if rate else ["", "", ""]
        table.add_row(*map(plain, cells))
    console.print(table)


def _print_findings(console: Console, audit: FamilyAudit, rule: int) -> None:
    found = audit.of_rule(rule)
    if not found:
        return
    console.print(Text(f"rule {rule}, {RULES[rule]}", style="bold"))
    for line in _lines(f"{finding.task}: {finding.sentence}." for finding in found):
        console.print(Padding(plain(line), (0, 0, 0, 2)))


def _lines(sentences: Iterable[str]) -> list[str]:
    every = list(sentences)
    more = len(every) - _SHOWN
    return every[:_SHOWN] + ([f"and {more} more; --json has them all"] if more > 0 else [])
