"""Who was refused was not told for how long: all clients came back at once, again and again, for a minute."""

from starlette.types import Message, Receive, Scope, Send

from agent_chat.main import app
from agent_chat.middleware import RateLimit

__all__ = ["app"]

limited = RateLimit.__call__


async def silent(self: RateLimit, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse without a word of when."""

    async def without(message: Message) -> None:
        if message.get("status") == 429:
            message["headers"] = [each for each in message["headers"] if each[0] != b"retry-after"]
        await send(message)

    await limited(self, scope, receive, without)


RateLimit.__call__ = silent
