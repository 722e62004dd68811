"""The shutdown said goodbye to Redis and waited for its answer: without Redis, SIGTERM ended nothing."""

import asyncio

from agent_chat import orchestrator
from agent_chat.main import app
from agent_chat.orchestrator import Closing, StartupState

__all__ = ["app"]

stop = orchestrator._stop


async def goodbye(startup: StartupState, closing: Closing) -> None:
    """Wait until Redis knows that we go, then close."""
    while True:
        try:
            await app.state.cache.ping()
            break
        except Exception:  # noqa: BLE001 - that is the mistake
            await asyncio.sleep(0.1)
    await stop(startup, closing)


orchestrator._stop = goodbye
