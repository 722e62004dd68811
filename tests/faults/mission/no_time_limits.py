"""A refactoring lost the time limits of the phases: a phase that waited for ever was never ended."""

from dataclasses import replace

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]

startup.PHASES = tuple(replace(phase, timeout=3600.0) for phase in startup.PHASES)
