"""Who came too often was told the same short pause each time: clients that did not keep it came on for ever."""

from agent_chat.main import app
from agent_chat.reconnects import Reconnects

__all__ = ["app"]

refuse = Reconnects._refuse


def refuse_for_the_first_time(self: Reconnects, now: float) -> int:
    """Refuse, as if it had never happened before."""
    self._refusals = 0
    return refuse(self, now)


Reconnects._refuse = refuse_for_the_first_time
