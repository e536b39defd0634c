"""Conformance of task families: a quick check that stops at the first broken rule; the audit is the thorough one."""

from __future__ import annotations

from collections.abc import Iterator

from claw_gym.testing.audit.drawn import Draws, FamilyRef
from claw_gym.testing.audit.examine import checked
from claw_gym.testing.audit.finding import Finding
from claw_gym.testing.audit.same_everywhere import different, same_again, sameness_of

__all__ = ["check_task_family"]


def check_task_family(name: str, *, seeds: int = 10, split: str = "train", scale: str = "small") -> None:
    """Checks a family over drawn tasks and stops at the first rule that one is found to break.

    Difficulty cycles from 1 to 5. The rules are those of `claw_gym.testing.audit`, checked by the same functions:

    1. Solvable: the oracle earns 1.0, reads every record of the evidence that is there before its first write, and its
       arguments hold no value that stood in no earlier text (declared computations excepted).
    2. Not for free: doing nothing, finishing at once and 250 random turns earn 0.0, and so does an empty list of
       matters.
    3. Every part counts: the oracle without one of its writes, with a decisive value changed to another that it has
       seen, or with a near miss's values, earns 0.0.
    4. Every service counts: on the twin of each service, which differs in that service's records alone, the oracle's
       run earns 0.0 and the twin's own oracle 1.0; the counterfactual of a proactive task is a twin too. The
       instruction gives no rare value away.
    5. No collateral damage: the oracle's run plus one effect that reaches others, costs or destroys earns 0.0; up to
       five private trifles leave 1.0.
    6. Typed answers: the answer is more than a yes or a no, and not the closing words decide.
    7. The same everywhere: building a task twice gives the same; other seeds give others.
    8. Open to other ways: at least three further solutions and the derived ones earn 1.0.

    What takes many tasks to see is left to the audit: what cheating earns, how common the commonest answer is, whether
    looks tell story from life (rule 9), and other processes.

    Args:
        name: The family's registry name.
        seeds: How many tasks to draw.
        split: The split to draw from.
        scale: How much life there is.

    Raises:
        AssertionError: A rule is broken; the sentence names rule and task.
        UnknownNameError: There is no such family.
        UsageError: The family does not stand in the split, or the split or scale does not exist.
    """
    draws = Draws(FamilyRef.to(name), split, scale)
    draws.check()
    for finding in _findings(draws, seeds):
        raise AssertionError(str(finding))


def _findings(draws: Draws, seeds: int) -> Iterator[Finding]:
    stories = []
    for number in range(seeds):
        task = draws.task(number)
        yield from same_again(task, draws.again(task))
        yield from checked(task)
        stories.append(sameness_of(task))
    yield from different(draws.ref.name, stories)
