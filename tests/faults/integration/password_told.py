"""The error in the body of readiness quoted the URL of the database, password and all, to whoever asked."""

import os

from agent_chat.checks import Report, ServiceCheck
from agent_chat.main import app

__all__ = ["app"]

report = ServiceCheck.report


async def with_everything(self: ServiceCheck) -> Report:
    """Tell the error, and where it came from."""
    found = await report(self)
    where = os.environ["DATABASE_URL"]
    return {**found, "error": f"{found['error']} (with {where})"} if found["error"] else found


ServiceCheck.report = with_everything
