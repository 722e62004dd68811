"""Connections were counted for all users together: one client gone wild, and nobody got in."""

from agent_chat.main import app
from agent_chat.reconnects import Reconnects
from agent_chat.users import UserManager

__all__ = ["app"]

admit = UserManager._admit
shared: list[Reconnects] = []


def admit_by_all(self: UserManager, tier: str) -> None:
    """Let one more socket in, as long as there were not too many of anybody."""
    shared.append(self._reconnects)
    self._reconnects = shared[0]
    admit(self, tier)


UserManager._admit = admit_by_all
