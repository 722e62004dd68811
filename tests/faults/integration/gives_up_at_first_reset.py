"""Only a refused connection was tried again: one reset of a busy proxy during the start, and the instance was gone."""

from collections.abc import Awaitable, Callable

from httpx import ConnectError

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]

retrying = startup.retrying


async def choosy(
    service: str, call: Callable[[], Awaitable[object]], *, seconds: float, on: tuple[type[Exception], ...]
) -> object:
    """Try again where nobody listens."""
    del on
    refused = (ConnectError,) if service == "llm" else (ConnectionRefusedError,)
    return await retrying(service, call, seconds=seconds, on=refused)


startup.retrying = choosy
