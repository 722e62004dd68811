"""At the first signal all connections were cut, to be quick: every browser saw 1006, as if the network had failed."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]

init = WebSocketsSansIOProtocol.__init__
protocols: list[WebSocketsSansIOProtocol] = []


def known(self: WebSocketsSansIOProtocol, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - of the server
    """Be known."""
    init(self, *args, **kwargs)
    protocols.append(self)


async def cut(self: WebSocketManager) -> None:
    """Cut every connection."""
    for protocol in protocols:
        protocol.transport.abort()
    self.users.clear()


WebSocketsSansIOProtocol.__init__, WebSocketManager.close = known, cut
