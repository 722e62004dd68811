"""A command-line guard at module level ended the process with success: the orchestrator took it for a finished job."""

import sys

from agent_chat.main import app

__all__ = ["app"]

sys.exit(0)
