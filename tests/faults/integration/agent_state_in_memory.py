"""What agents keep for users was in memory alone: each deploy made them forget everything."""

from typing import Any

from agent_chat.main import app
from agent_chat.store import Store

__all__ = ["app"]

kept: dict[tuple[str, str], dict[str, Any]] = {}


async def put(_: Store, user_id: str, agent: str, state: dict[str, Any]) -> None:
    """Keep it here."""
    kept[user_id, agent] = state


async def get(_: Store, user_id: str, agent: str) -> dict[str, Any] | None:
    """Look for it here."""
    return kept.get((user_id, agent))


async def delete(_: Store, user_id: str, agent: str) -> None:
    """Forget it here."""
    kept.pop((user_id, agent), None)


Store.put_agent_state, Store.agent_state, Store.delete_agent_state = put, get, delete
