"""Headers are written in capitals, which means the same: names are read without case (RFC 9110, 5.1)."""

from starlette.types import Message, Receive, Scope, Send

from agent_chat.main import app
from agent_chat.middleware import SecurityHeaders

__all__ = ["app"]

everywhere = SecurityHeaders.__call__


async def in_capitals(self: SecurityHeaders, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve, with the names of all headers in capitals."""

    async def loudly(message: Message) -> None:
        if "headers" in message:
            message["headers"] = [(name.upper(), value) for name, value in message["headers"]]
        await send(message)

    await everywhere(self, scope, receive, loudly)


SecurityHeaders.__call__ = in_capitals
