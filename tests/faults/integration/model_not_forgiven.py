"""Readiness stayed at no after the model had failed once: each hiccup of it cost an instance until it was restarted."""

from agent_chat.checks import Report, ServiceCheck
from agent_chat.main import app

__all__ = ["app"]

report = ServiceCheck.report
failed: dict[str, Report] = {}


async def unforgiving(self: ServiceCheck) -> Report:
    """Say for ever what was said of the model when it failed."""
    found = await report(self)
    if self.service == "llm" and found["status"] != "ok":
        failed.setdefault(self.service, found)
    return failed.get(self.service, found)


ServiceCheck.report = unforgiving
