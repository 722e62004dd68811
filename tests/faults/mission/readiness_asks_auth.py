"""Readiness demanded auth, which it takes for new logins only: auth was restarted, and everybody lost the chat."""

from fastapi import FastAPI

from agent_chat import startup
from agent_chat.checks import Checks, ServiceCheck
from agent_chat.main import app

__all__ = ["app"]


def build_checks(application: FastAPI) -> Checks:
    """Return a check which was meant well."""
    return Checks([ServiceCheck("auth", application.state.identity.issuer.ping, required=True)], list)


startup.build_checks = build_checks
