"""A model of its own was loaded for a check which nobody asked for: two instances no longer fitted on a machine."""

from fastapi import FastAPI

from agent_chat import startup
from agent_chat.checks import Checks
from agent_chat.main import app

__all__ = ["app"]

build = startup.build_checks


def build_with_weights(application: FastAPI) -> Checks:
    """Build the checks, and keep what one of them could need."""
    application.state.weights = b"w" * (200 << 20)
    return build(application)


startup.build_checks = build_with_weights
