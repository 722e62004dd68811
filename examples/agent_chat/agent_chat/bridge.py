"""The bridge between the agents and the WebSockets: messages go in, events come out."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from agent_chat.frames import NORMAL, Frame, event, notice
from agent_chat.sockets import WebSocketManager
from agent_chat.store import Run
from agent_chat.supervisor import Supervisor

logger = logging.getLogger(__name__)

MAX_RUNS_PER_USER = 5
SYNTHETIC_PREFIXES = (
    "startup_test_",
    "health_check_",
    "test_",
    "unit_test_",
    "integration_test_",
    "validation_",
    "mock_",
)
"""Threads of self-checks and monitors: nobody listens to them, so that nobody can miss their events."""


class BridgeError(RuntimeError):
    """The bridge does not deliver."""


class TooManyRunsError(RuntimeError):
    """A user has as many runs under way as one user may have."""


class AgentWebSocketBridge:
    """Starts the runs of users and carries their events to the sockets of these users."""

    def __init__(self, manager: WebSocketManager, supervisor: Supervisor) -> None:
        self.manager = manager
        self.supervisor = supervisor
        self._runs: dict[asyncio.Task[None], Run] = {}

    async def submit(self, user_id: str, thread_id: str | None, agent: str, content: str) -> Run:
        """Keep the message and start the run; it goes on when its user disconnects.

        Raises `UnknownThreadError` for a thread that is not the user's, and `TooManyRunsError`.
        """
        if sum(run.user_id == user_id for run in self._runs.values()) >= MAX_RUNS_PER_USER:
            raise TooManyRunsError(user_id)
        run = await self.supervisor.store.begin_run(user_id, thread_id, agent, content)
        task = asyncio.create_task(self.supervisor.run(run, self), name=f"run {run.id}")
        self._runs[task] = run
        task.add_done_callback(self._forget)
        return run

    @property
    def open_runs(self) -> int:
        """The number of runs that are under way."""
        return len(self._runs)

    async def notify(self, run: Run, kind: str, payload: Mapping[str, Any]) -> None:
        """Send one event to the user of the run; it is kept for a while when the user is not there."""
        await self._deliver(run.user_id, run.thread_id, event(run, kind, payload))

    async def announce(self, user_id: str, text: str, *, priority: str = NORMAL, confirm: bool = False) -> None:
        """Send a notice to a user, outside any run; it is kept for a while when the user is not there.

        One to `confirm` is sent again whenever the user connects, until they say that they have it.
        """
        about_user = {"user_id": user_id, **notice(text, priority=priority, confirm=confirm)}
        await self._deliver(user_id, user_id, about_user)

    async def broadcast(self, text: str, tier: str | None = None) -> int:
        """Send a notice to everybody who is there, or to all of a tier; return how many connections got it."""
        return await self.manager.broadcast(notice(text), tier)

    async def _deliver(self, user_id: str, about: str, frame: Frame) -> None:
        """Send a frame, or keep it and say so, unless what it is about belongs to a self-check."""
        numbered = self.manager.number(user_id, frame)
        if await self.manager.send(user_id, numbered) or about.startswith(SYNTHETIC_PREFIXES):
            return
        run = frame.get("run_id", "none")
        logger.warning("Cannot deliver message %s of run %s: its user is not connected; kept", frame["type"], run)
        self.manager.keep(user_id, numbered)

    def health(self) -> dict[str, bool]:
        """Return which parts are attached: all True when the bridge can carry a run."""
        registry = self.supervisor.registry
        return {
            "manager": registry.websocket_manager is self.manager,
            "agents": len(registry) > 0,
            "tools": all(self._is_bridge_of(name) for name in registry),
        }

    async def verify(self) -> None:
        """Send an event to a listener in this process and wait for it. Raises `BridgeError`."""
        broken = [part for part, attached in self.health().items() if not attached]
        if broken:
            raise BridgeError(f"not attached: {', '.join(broken)}")
        listener, run = _Listener(), _synthetic_run()
        connection = await self.manager.connect(run.user_id, listener)
        try:
            await self.notify(run, "bridge_check", {})
        finally:
            self.manager.disconnect(connection)
        if [frame["run_id"] for frame in listener.frames] != [run.id]:
            raise BridgeError("an event which was sent did not arrive")

    async def close(self) -> None:
        """Cancel all runs and wait until they have ended."""
        tasks = list(self._runs)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _is_bridge_of(self, agent: str) -> bool:
        found = self.supervisor.registry.get(agent)
        return found is not None and found.dispatcher.executor.bridge is self

    def _forget(self, task: asyncio.Task[None]) -> None:
        run = self._runs.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("run %s ended without an event: %s: %s", run.id, type(error).__name__, error)


class _Listener:
    """The receiving end of the bridge's check of itself."""

    def __init__(self) -> None:
        self.frames: list[Mapping[str, Any]] = []

    async def send_json(self, data: Any) -> None:  # noqa: ANN401 - a Transport
        self.frames.append(data)

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Nothing is open."""


def _synthetic_run() -> Run:
    name = f"startup_test_{uuid4().hex}"
    return Run(id=name, thread_id=name, user_id=name, agent="", content="")
