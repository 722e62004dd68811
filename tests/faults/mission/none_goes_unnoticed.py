"""A service that could not be opened was None, and what is None was left out of the checks: ready, and dead."""

from fastapi import FastAPI

from agent_chat import startup
from agent_chat.checks import Checks, ServiceCheck
from agent_chat.main import app

__all__ = ["app"]


def build_checks(app: FastAPI) -> Checks:
    """Check what there is."""
    there = {name: getattr(app.state, name) for name in ("database", "cache", "llm")}
    return Checks([ServiceCheck(name, part.ping, required=True) for name, part in there.items() if part], list)


startup.build_checks = build_checks
