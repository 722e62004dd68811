"""What it takes to serve a user, tried out: the checks behind readiness."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from agent_chat.errors import describe

CHECK_SECONDS = 1.0

Report = dict[str, Any]
Ping = Callable[[], Awaitable[bool]]


class ServiceCheck:
    """Tries one service. However many ask at a time, there is one attempt, and all see what it finds."""

    def __init__(self, service: str, ping: Ping | None, *, required: bool) -> None:
        self.service = service
        self.required = required
        self._ping = ping
        self._attempt: asyncio.Task[bool] | None = None

    async def report(self) -> Report:
        """Tell how the service is, after `CHECK_SECONDS` at most."""
        if self._ping is None:
            return make_report(self.service, required=self.required, status="not configured")
        begun = time.monotonic()
        error = await self._try(self._ping)
        status = "ok" if error is None else "unavailable"
        report = make_report(self.service, required=self.required, status=status, error=error)
        return {**report, "seconds": round(time.monotonic() - begun, 4)}

    async def close(self) -> None:
        """Give up an attempt which is still going on."""
        if self._attempt is not None and not self._attempt.done():
            self._attempt.cancel()
            await asyncio.wait({self._attempt})

    async def _try(self, ping: Ping) -> str | None:
        attempt = self._attempt
        if attempt is None or attempt.done():
            attempt = self._attempt = asyncio.create_task(_run(ping), name=f"check {self.service}")
        await asyncio.wait({attempt}, timeout=CHECK_SECONDS)
        if not attempt.done():
            # A driver may take seconds to leave a dead connection; it is told to, and not waited for.
            attempt.cancel()
        if not attempt.done() or attempt.cancelled():
            return f"no answer within {CHECK_SECONDS:g} s"
        problem = attempt.exception()
        return None if problem is None else describe(problem)


class Checks:
    """All checks of the application; they are tried at the same time."""

    def __init__(self, services: list[ServiceCheck], chat: Callable[[], list[str]]) -> None:
        self._services = services
        self._chat = chat

    async def report(self) -> dict[str, Report]:
        """Tell how every service is, and whether the chat itself is whole."""
        reports = await asyncio.gather(*(service.report() for service in self._services))
        return {report["service"]: report for report in (*reports, self._report_chat())}

    async def close(self) -> None:
        """Give up what is still being tried."""
        await asyncio.gather(*(service.close() for service in self._services))

    def _report_chat(self) -> Report:
        missing = self._chat()
        if not missing:
            return make_report("chat", required=True, status="ok")
        return make_report("chat", required=True, status="unavailable", error=f"missing: {', '.join(missing)}")


async def _run(ping: Ping) -> bool:
    return await ping()


def make_report(service: str, *, required: bool, status: str, error: str | None = None) -> Report:
    """Return what is told of a service."""
    return {"service": service, "required": required, "status": status, "error": error}
