"""The server pings by the protocol, and closes who does not answer: the application has no heartbeat of its own."""

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from agent_chat.heartbeat import Heartbeat
from agent_chat.main import app

__all__ = ["app"]

init = WebSocketsSansIOProtocol.__init__


def quick(self: WebSocketsSansIOProtocol, config: Config, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
    """Ping at the pace of the profile."""
    init(self, config, *args, **kwargs)
    self.ping_interval, self.ping_timeout = 0.5, 1.0


async def nothing(self: Heartbeat) -> None:
    """Do nothing, for ever."""
    del self
    await asyncio.Event().wait()


WebSocketsSansIOProtocol.__init__ = quick
Heartbeat._run = nothing
