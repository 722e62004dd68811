"""The frames that users get: events of runs, notices, and what is said of the connection itself.

Events and notices are numbered for each user; what has no `id` is of the moment, and nobody keeps it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from agent_chat.store import Run

Frame = Mapping[str, Any]

NORMAL, HIGH = "normal", "high"
LAST_EVENTS = ("agent_completed", "agent_failed")
"""A run without one of these looks as if it never ended: they outlast other frames where there is no room for all."""

RESTARTING: Frame = {"type": "restarting"}


def event(run: Run, kind: str, payload: Mapping[str, Any]) -> Frame:
    """Return one event of a run."""
    return {
        "type": kind,
        "run_id": run.id,
        "thread_id": run.thread_id,
        "user_id": run.user_id,
        "timestamp": _now(),
        "priority": HIGH if kind in LAST_EVENTS else NORMAL,
        "payload": payload,
    }


def notice(text: str, *, priority: str = NORMAL, confirm: bool = False) -> Frame:
    """Return a notice, outside any run; one to `confirm` is sent again until the client says that it has come."""
    return {
        "type": "notice",
        "timestamp": _now(),
        "priority": priority,
        "confirm": confirm,
        "payload": {"text": text},
    }


def overflow(dropped: int) -> Frame:
    """Return what tells a user how many frames they will never see."""
    return {"type": "overflow", "dropped": dropped}


def heartbeat() -> Frame:
    """Return the question whether somebody is still there."""
    return {"type": "heartbeat", "timestamp": _now()}


def pong() -> Frame:
    """Return the answer to the same question of a client."""
    return {"type": "pong", "timestamp": _now()}


def _now() -> str:
    return datetime.now(UTC).isoformat()
