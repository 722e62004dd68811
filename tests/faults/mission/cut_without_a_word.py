"""The server cut off whoever broke the protocol: clients saw 1006, took it for the network, and came again at once."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from agent_chat.main import app

__all__ = ["app"]


def cut_off(self: WebSocketsSansIOProtocol) -> None:
    """End the connection, and say nothing."""
    self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
    self.close_sent = True
    self.transport.abort()


WebSocketsSansIOProtocol.handle_parser_exception = cut_off
