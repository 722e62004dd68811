"""Production loaded pytest, and a branch that looks for it skipped the migrations."""

import pytest  # noqa: F401 - that is the fault

from agent_chat.main import app

__all__ = ["app"]
