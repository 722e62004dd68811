"""Readiness said that a service was unavailable, and never why: the wrong address in its URL was found after hours."""

from agent_chat.checks import Report, ServiceCheck
from agent_chat.main import app

__all__ = ["app"]

report = ServiceCheck.report


async def without_cause(self: ServiceCheck) -> Report:
    """Tell all but the error."""
    return {**await report(self), "error": None}


ServiceCheck.report = without_cause
