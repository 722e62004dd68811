"""The status of each service was taken once, at startup: readiness followed, but named nobody as the cause."""

from typing import Any

from agent_chat.checks import Checks
from agent_chat.main import app

__all__ = ["app"]

report = Checks.report
first: dict[str, dict[str, Any]] = {}


async def remembered(self: Checks) -> dict[str, dict[str, Any]]:
    """Look again, but tell what was found first."""
    found = await report(self)
    broken = [name for name, each in found.items() if each["required"] and each["status"] != "ok"]
    told = {name: dict(first.setdefault(name, each)) for name, each in found.items()}
    return {**told, "something": {"required": True, "status": "broken"}} if broken else told


Checks.report = remembered
