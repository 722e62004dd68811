"""The headers were added by what serves pages: errors had none, and one that echoed its path was framed and sniffed."""

from starlette.types import Message, Receive, Scope, Send

from agent_chat.main import app
from agent_chat.middleware import SECURITY_HEADERS, SecurityHeaders

__all__ = ["app"]

NAMES = {name.lower().encode() for name in SECURITY_HEADERS}
BAD_REQUEST = 400
everywhere = SecurityHeaders.__call__


async def on_pages(self: SecurityHeaders, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve, with the headers on what is well."""

    async def without(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= BAD_REQUEST:
            message["headers"] = [each for each in message["headers"] if each[0] not in NAMES]
        await send(message)

    await everywhere(self, scope, receive, without)


SecurityHeaders.__call__ = on_pages
