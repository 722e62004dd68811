"""A component that the contract does not know."""

from agent_chat.main import app

__all__ = ["app"]

app.state.feature_flags = {"dark_mode": True}
