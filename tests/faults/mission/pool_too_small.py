"""The pool had no overflow and no patience: with more users than connections, most of them got an error."""

from agent_chat import database
from agent_chat.main import app

__all__ = ["app"]

create = database.create_async_engine


def hasty(url: str, **settings: object) -> object:
    """Make an engine that neither grows nor waits."""
    return create(url, **{**settings, "max_overflow": 0, "pool_timeout": 0.001})


database.create_async_engine = hasty
