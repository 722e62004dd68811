"""An import error was swallowed where routes are registered: the readiness endpoint was simply not there."""

from agent_chat import health
from agent_chat.main import app

__all__ = ["app"]

health.router.routes[:] = [route for route in health.router.routes if route.path != "/health/ready"]
