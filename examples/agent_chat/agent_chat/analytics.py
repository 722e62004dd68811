"""Usage figures for an analytics service. Optional: the chat works without it, and says so."""

import asyncio
import logging
from contextlib import suppress

import httpx

from agent_chat.certificates import trusted

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 1.0
QUEUE_SIZE = 1000

Event = dict[str, str | float]


class Analytics:
    """Sends events in the background. Nobody waits for them, and an outage costs events, not answers."""

    def __init__(self, url: str | None) -> None:
        self.configured = url is not None
        self._client = httpx.AsyncClient(base_url=url or "", timeout=TIMEOUT_SECONDS, verify=trusted())
        self._queue: asyncio.Queue[Event] = asyncio.Queue(QUEUE_SIZE)
        self._sender: asyncio.Task[None] | None = None
        self._failing = False

    def start(self) -> None:
        """Begin to send, when there is somewhere to send to."""
        if self.configured:
            self._sender = asyncio.create_task(self._send_all(), name="analytics")

    async def ping(self) -> bool:
        """Ask the service for its health; True when it is well."""
        return (await self._client.get("/health")).raise_for_status().is_success

    def track(self, name: str, **fields: str | float) -> None:
        """Queue an event; it is dropped when the queue is full."""
        if self._sender is not None:
            with suppress(asyncio.QueueFull):
                self._queue.put_nowait({"name": name, **fields})

    async def close(self) -> None:
        """Stop sending; what is still queued is dropped."""
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.wait({self._sender})
        await self._client.aclose()

    async def _send_all(self) -> None:
        while True:
            event = await self._queue.get()
            try:
                (await self._client.post("/events", json=event)).raise_for_status()
            except httpx.HTTPError as error:
                self._report(failing=True, detail=type(error).__name__)
            else:
                self._report(failing=False, detail="events are accepted again")

    def _report(self, *, failing: bool, detail: str) -> None:
        if failing != self._failing:  # once for each outage, not once for each event
            self._failing = failing
            logger.info("analytics is %s: %s", "away" if failing else "back", detail)
