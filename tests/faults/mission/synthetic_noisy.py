"""A rewrite forgot a prefix of the monitors: every health check was told as a lost message, all night long."""

from agent_chat import bridge
from agent_chat.main import app

__all__ = ["app"]

bridge.SYNTHETIC_PREFIXES = tuple(each for each in bridge.SYNTHETIC_PREFIXES if each != "health_check_")
