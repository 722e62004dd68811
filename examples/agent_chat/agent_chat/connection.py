"""One WebSocket of one user."""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any, Protocol

from starlette.websockets import WebSocketDisconnect

from agent_chat.frames import Frame
from agent_chat.limits import FREE

logger = logging.getLogger(__name__)

SEND_SECONDS = 5.0
GONE = (WebSocketDisconnect, RuntimeError, OSError)
"""What sending raises once the socket is closed: by the other side, by us, or by the network."""


class Transport(Protocol):
    """The sending side of an accepted socket."""

    async def send_json(self, data: Any) -> None:  # noqa: ANN401 - as Starlette has it
        """Send one frame."""

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close the socket."""


class Connection:
    """One socket of one user; frames of several runs go out one after another.

    `tier` is the user's when they connected, `heard` the moment (monotonic) when something last came from them.
    `stuck`: it took nothing for `SEND_SECONDS`, so that a frame is missing; nothing more is sent, or waited for.
    """

    def __init__(self, user_id: str, transport: Transport, tier: str = FREE) -> None:
        self.user_id = user_id
        self.tier = tier
        self.heard = time.monotonic()
        self.stuck = False
        self._transport = transport
        self._sending = asyncio.Lock()

    def hear(self) -> None:
        """Note that something came."""
        self.heard = time.monotonic()

    async def send(self, frame: Frame) -> bool:
        """Send one frame; False when the other side is gone, or takes nothing for `SEND_SECONDS`."""
        return await self.send_all([frame]) == 1

    async def send_all(self, frames: Sequence[Frame]) -> int:
        """Send frames with nothing in between; return how many went out before the other side was gone."""
        sent = 0
        try:
            async with asyncio.timeout(SEND_SECONDS), self._sending:
                while sent < len(frames) and not self.stuck:
                    await self._transport.send_json(frames[sent])
                    sent += 1
        except TimeoutError:
            self.stuck = True
        except GONE:
            logger.debug("a socket of user %s was closed meanwhile", self.user_id)
        return sent

    async def close(self, code: int, reason: str) -> None:
        """Close the socket, if it is still open."""
        try:
            await self._transport.close(code, reason)
        except GONE:
            logger.debug("a socket of user %s was closed already", self.user_id)
