"""Of a message in fragments the last one was taken for all of it: what proxies had cut in pieces never arrived."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from agent_chat.main import app

__all__ = ["app"]


def last_one(self: WebSocketsSansIOProtocol, event: Frame) -> None:
    """Keep the fragment that came last."""
    self.frames = [event.data]
    if event.fin:
        self.send_receive_event_to_app()


WebSocketsSansIOProtocol.handle_cont = last_one
