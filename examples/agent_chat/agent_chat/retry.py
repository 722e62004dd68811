"""Waiting for a service which is not up yet."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from agent_chat.errors import describe

logger = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 1.0


class ServiceUnavailableError(RuntimeError):
    """A service did not answer in the time that it was given; `last` is what the last attempt met."""

    def __init__(self, service: str, seconds: float, last: Exception) -> None:
        self.service = service
        self.last = last
        super().__init__(f"{service} did not answer within {seconds:g} s ({describe(last)})")


async def retrying(
    service: str,
    call: Callable[[], Awaitable[T]],
    *,
    seconds: float,
    on: tuple[type[Exception], ...],
) -> T:
    """Return what `call` returns, trying again on the errors `on` as long as `seconds` are not over.

    An attempt has the time that its driver gives it: a slow service is not an absent one. The pauses double and are
    jittered, so that many instances which wait for one service do not come back to it in step.
    Raises `ServiceUnavailableError` when the time is over; any other error at once.
    """
    begun = time.monotonic()
    pause = FIRST_PAUSE
    while True:
        try:
            return await call()
        except on as error:
            logger.warning("%s does not answer yet: %s", service, describe(error))
            if time.monotonic() - begun + pause > seconds:
                raise ServiceUnavailableError(service, seconds, error) from error
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
        pause = min(pause * 2, LONGEST_PAUSE)
