"""Answers were written by a task that nobody waited for, and got lost: the history had questions only."""

from agent_chat.main import app
from agent_chat.store import Run, Store

__all__ = ["app"]


async def forget(_self: Store, _run: Run, _answer: str, _tools: list[str]) -> None:
    """Write nothing."""


Store.complete_run = forget
