"""Readiness asked the database alone: Redis was gone, and traffic went on coming."""

from fastapi import FastAPI

from agent_chat import startup
from agent_chat.checks import Checks, ServiceCheck
from agent_chat.main import app

__all__ = ["app"]


def build_checks(application: FastAPI) -> Checks:
    """Return the checks which somebody thought of."""
    return Checks([ServiceCheck("database", application.state.database.ping, required=True)], list)


startup.build_checks = build_checks
