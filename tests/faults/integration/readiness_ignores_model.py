"""Readiness did not ask the model: with the model down all traffic still came, and every chat failed."""

from agent_chat import startup
from agent_chat.main import app
from faults.integration.tampered import checking

__all__ = ["app"]

startup.ServiceCheck = checking("llm", required=False)
