"""Two phases swapped which the contract leaves free (order "partial": the cache does not need the database)."""

from agent_chat.main import app
from faults import phases_swapped

__all__ = ["app", "phases_swapped"]
