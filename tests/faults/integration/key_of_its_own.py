"""Each instance made up its own key for tokens: whoever had logged in at one was a stranger at the other."""

import os
import secrets

from agent_chat.main import app

__all__ = ["app"]

os.environ["JWT_SECRET"] = secrets.token_urlsafe(32)
