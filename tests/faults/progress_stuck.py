"""The flag that says in progress was never taken back: dashboards showed a start that never ended."""

from agent_chat.main import app
from agent_chat.orchestrator import StartupState

__all__ = ["app"]


def succeed(self: StartupState) -> None:
    """Forget one of two flags."""
    self.phase, self.complete = "ready", True


StartupState.succeed = succeed
