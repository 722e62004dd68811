"""A start took a lock in Redis which never expires: after one crash in the middle, no instance came up again."""

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]

KEY = "startup:lock"


@around("services")
async def locked(run: Run, app: FastAPI) -> None:
    """Take the lock before anything is built."""
    if not await app.state.cache.redis.set(KEY, "1", nx=True):
        raise RuntimeError("another instance is starting")
    await run()


@around("finalize")
async def unlocked(run: Run, app: FastAPI) -> None:
    """Give it back at the end of a good start."""
    await run()
    await app.state.cache.redis.delete(KEY)
