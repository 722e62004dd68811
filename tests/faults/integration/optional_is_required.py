"""A missing service for usage figures kept every developer's instance from being ready: it was required everywhere."""

from agent_chat import startup
from agent_chat.main import app
from faults.integration.tampered import checking

__all__ = ["app"]

startup.ServiceCheck = checking("analytics", required=True)
