"""The audit of task families: the nine rules, checked over many tasks."""

from claw_gym.testing.audit.audit import audit_family, episodes_for
from claw_gym.testing.audit.finding import RULES, Finding
from claw_gym.testing.audit.report import FamilyAudit

__all__ = ["RULES", "FamilyAudit", "Finding", "audit_family", "episodes_for"]
