"""Production ran for a week without the figures that bills are made of: their service was optional there as well."""

from agent_chat import startup
from agent_chat.main import app
from faults.integration.tampered import checking

__all__ = ["app"]

startup.ServiceCheck = checking("analytics", required=False)
