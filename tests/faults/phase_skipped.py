"""A feature flag skipped the last phase, and readiness had nothing left to check: nobody watched the handlers."""

from agent_chat.checks import Checks
from agent_chat.main import app
from faults import order

__all__ = ["app"]

order("init", "dependencies", "database", "cache", "services", "websocket")
app.state.checks = Checks([], list)
