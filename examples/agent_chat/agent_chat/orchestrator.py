"""Runs the startup phases one after another, and closes what they opened when one fails, or at the end."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import FastAPI

from agent_chat.errors import describe

logger = logging.getLogger(__name__)

CLOSE_SECONDS = 2.0


class StartupError(RuntimeError):
    """A phase failed, or did not end in its time; the application must not serve."""

    def __init__(self, phase: str, cause: str) -> None:
        self.phase = phase
        super().__init__(f"startup phase {phase!r} failed: {cause}")


class Closing:
    """What has been opened so far. It is closed in reverse order, each part within `CLOSE_SECONDS`."""

    def __init__(self) -> None:
        self._parts: list[tuple[str, Callable[[], Awaitable[None]]]] = []

    def push(self, name: str, close: Callable[[], Awaitable[None]]) -> None:
        """Remember to call `close`, before everything that was pushed earlier."""
        self._parts.append((name, close))

    async def close(self) -> None:
        """Close everything; a part which cannot be closed is logged and does not keep the others open."""
        while self._parts:
            name, close = self._parts.pop()
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await close()
            except Exception as error:  # noqa: BLE001 - whatever it is, the rest has to be closed too
                logger.warning("could not close %s: %s", name, describe(error))


PhaseCallable = Callable[[FastAPI, Closing], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Phase:
    """One step of startup: its name, what it runs, and the seconds that it may take."""

    name: str
    run: PhaseCallable
    timeout: float


@dataclass
class StartupState:
    """How far startup has come; the health endpoints read it. `seconds` has the duration of each phase."""

    phase: str = "pending"
    complete: bool = False
    in_progress: bool = False
    failed: str | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    def begin(self) -> None:
        """Note that startup begins."""
        self.complete, self.in_progress, self.failed = False, True, None
        self.seconds.clear()

    def succeed(self) -> None:
        """Note that every phase has ended well."""
        self.phase, self.in_progress, self.complete = "ready", False, True

    def fail(self, cause: str) -> None:
        """Note why the current phase failed; `phase` goes on naming it."""
        self.failed, self.in_progress, self.complete = cause, False, False

    def stop(self) -> None:
        """Note that shutdown begins."""
        self.complete, self.in_progress = False, False
        if self.failed is None:
            self.phase = "stopping"


def startup_of(app: FastAPI) -> StartupState:
    """Return how far the startup of this application has come."""
    startup: StartupState = app.state.startup
    return startup


@asynccontextmanager
async def started(app: FastAPI, phases: Sequence[Phase]) -> AsyncIterator[None]:
    """Run all phases, then hand over; close everything afterwards. Raises `StartupError`."""
    closing = Closing()
    startup = startup_of(app)
    async with startup.lock:  # two callers at once: the second one finds it done
        owner = not startup.complete
        if owner:
            await _start(app, phases, closing)
    try:
        yield
    finally:
        if owner:
            await _stop(startup, closing)


async def _start(app: FastAPI, phases: Sequence[Phase], closing: Closing) -> None:
    startup = startup_of(app)
    startup.begin()
    try:
        for phase in phases:
            await _run(phase, app, closing)
    except BaseException:
        await closing.close()
        raise
    startup.succeed()
    logger.info("startup complete in %.3f s", sum(startup.seconds.values()))


async def _run(phase: Phase, app: FastAPI, closing: Closing) -> None:
    startup = startup_of(app)
    startup.phase = phase.name
    logger.info("startup phase %s: begins", phase.name)
    begun = time.monotonic()
    try:
        async with asyncio.timeout(phase.timeout) as limit:
            await phase.run(app, closing)
    except Exception as error:
        cause = f"not done after {phase.timeout:g} s" if limit.expired() else describe(error)
        startup.fail(cause)
        logger.error("startup phase %s: failed: %s", phase.name, cause)  # noqa: TRY400 - the server logs the traceback
        raise StartupError(phase.name, cause) from error
    startup.seconds[phase.name] = time.monotonic() - begun
    logger.info("startup phase %s: done in %.3f s", phase.name, startup.seconds[phase.name])


async def _stop(startup: StartupState, closing: Closing) -> None:
    startup.stop()
    logger.info("shutdown: closing")
    await closing.close()
    logger.info("shutdown: closed")
