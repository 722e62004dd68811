"""What is done with a frame that a user sends, by its type."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from agent_chat.agents import AgentRegistry
from agent_chat.bridge import AgentWebSocketBridge, TooManyRunsError
from agent_chat.connection import Connection
from agent_chat.frames import pong
from agent_chat.limits import FREE
from agent_chat.rate_limit import RateLimiter
from agent_chat.store import UnknownThreadError

Handler = Callable[[Connection, Mapping[str, Any]], Awaitable[None]]

MAX_CONTENT = 8000
DEFAULT_AGENT = "assistant"


class BadFrameError(ValueError):
    """A frame that cannot be used; `code` says why to programs, the text to people, `details` whatever else helps."""

    def __init__(self, code: str, message: str, **details: object) -> None:
        self.code = code
        self.details = details
        super().__init__(message)


class MessageHandlers:
    """The handlers by the type of frame that they take."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}

    def register(self, kind: str, handler: Handler) -> None:
        """Route frames of this type to the handler. Raises `ValueError` when they have one."""
        if kind in self._handlers:
            raise ValueError(f"there is a handler for {kind!r} already")
        self._handlers[kind] = handler

    async def dispatch(self, connection: Connection, frame: Mapping[str, Any]) -> None:
        """Hand a frame to its handler. Raises `BadFrameError`."""
        handler = self._handlers.get(str(frame.get("type")))
        if handler is None:
            raise BadFrameError("unknown_type", f"type must be one of {', '.join(self._handlers)}")
        await handler(connection, frame)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the types."""
        return iter(self._handlers)

    def __len__(self) -> int:
        """Return how many types there are."""
        return len(self._handlers)


class ChatHandler:
    """Takes what users say and starts the runs which answer it. `limiters`: how much they may say, by their tier."""

    def __init__(
        self, bridge: AgentWebSocketBridge, registry: AgentRegistry, limiters: Mapping[str, RateLimiter]
    ) -> None:
        self._bridge = bridge
        self._registry = registry
        self._limiters = limiters

    async def user_message(self, connection: Connection, frame: Mapping[str, Any]) -> None:
        """Answer `content` in the thread `thread_id`, or in a new one when that is null."""
        await self._start(connection, frame, DEFAULT_AGENT)

    async def start_agent(self, connection: Connection, frame: Mapping[str, Any]) -> None:
        """Do the same with the agent that the frame names."""
        agent = frame.get("agent", DEFAULT_AGENT)
        if agent not in list(self._registry):
            raise BadFrameError("unknown_agent", f"agent must be one of {', '.join(self._registry)}")
        await self._start(connection, frame, agent)

    async def ack(self, connection: Connection, frame: Mapping[str, Any]) -> None:
        """Take every frame up to `id` as received: none of them is sent again."""
        last = frame.get("id")
        if type(last) is not int or not 0 < last <= self._bridge.manager.of(connection.user_id).last_id:
            raise BadFrameError("bad_id", "id must be that of a frame which was sent to you")
        self._bridge.manager.confirm(connection.user_id, last)

    async def _start(self, connection: Connection, frame: Mapping[str, Any], agent: str) -> None:
        content, thread_id = _content(frame), _thread_id(frame)
        await self._count_message(connection)
        try:
            await self._bridge.submit(connection.user_id, thread_id, agent, content)
        except UnknownThreadError as error:
            raise BadFrameError("unknown_thread", "you have no such thread", thread_id=thread_id) from error
        except TooManyRunsError as error:
            raise BadFrameError("busy", "wait for an answer to what you have asked already") from error

    async def _count_message(self, connection: Connection) -> None:
        """Count one more message of a user. Raises `BadFrameError` when it is one too many."""
        limiter = self._limiters.get(connection.tier, self._limiters[FREE])
        verdict = await limiter.hit(f"chat:{connection.user_id}")
        if not verdict.allowed:
            wait = verdict.retry_after
            raise BadFrameError("rate_limited", f"too many messages; try again in {wait} s", retry_after=wait)


async def ping(connection: Connection, _frame: Mapping[str, Any]) -> None:
    """Answer the heartbeat of a client."""
    await connection.send(pong())


async def heartbeat_ack(_connection: Connection, _frame: Mapping[str, Any]) -> None:
    """Take the answer to a heartbeat of ours: that something came is all it says."""


def register_handlers(handlers: MessageHandlers, chat: ChatHandler) -> None:
    """Register every type of frame that this application understands."""
    handlers.register("user_message", chat.user_message)
    handlers.register("chat", chat.user_message)
    handlers.register("start_agent", chat.start_agent)
    handlers.register("ack", chat.ack)
    handlers.register("ping", ping)
    handlers.register("heartbeat_ack", heartbeat_ack)


def _content(frame: Mapping[str, Any]) -> str:
    content = frame.get("content")
    if not isinstance(content, str) or not content.strip() or len(content) > MAX_CONTENT:
        raise BadFrameError("bad_content", f"content must be a text of 1 to {MAX_CONTENT} characters")
    if "\x00" in content or not _encodable(content):
        raise BadFrameError("bad_content", "content has characters which cannot be stored")
    return content


def _thread_id(frame: Mapping[str, Any]) -> str | None:
    thread_id = frame.get("thread_id")
    if thread_id is None:
        return None
    if not isinstance(thread_id, str) or not thread_id.isascii() or not thread_id.isprintable():
        raise BadFrameError("unknown_thread", "thread_id must be null, or the id of a thread")
    return thread_id


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
