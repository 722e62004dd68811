"""The image had been built with the migrations of last week: it started well, and failed with the first chat."""

from alembic import command
from alembic.config import Config

from agent_chat.main import app

__all__ = ["app"]

upgrade = command.upgrade


def half_way(config: Config, _revision: str) -> None:
    """Upgrade to what was the head then."""
    upgrade(config, "0001")


command.upgrade = half_way
