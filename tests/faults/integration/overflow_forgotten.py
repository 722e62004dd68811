"""The pool could not grow under load, as its configuration said it would: half of the users got an error at noon."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from agent_chat import database
from agent_chat.main import app

__all__ = ["app"]


def create_rigid(url: str, **options: Any) -> AsyncEngine:  # noqa: ANN401 - as SQLAlchemy has it
    """Let nothing overflow, and wait for nothing."""
    return create_async_engine(url, **{**options, "max_overflow": 0, "pool_timeout": 0.001})


database.create_async_engine = create_rigid
