"""The event loop of the standard library in the place of uvloop."""

import sys

sys.modules["uvloop"] = None

from agent_chat.main import app  # noqa: E402 - the loop is chosen after this module

__all__ = ["app"]
