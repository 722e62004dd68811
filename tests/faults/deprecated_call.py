"""A call that the next release of a library takes away: its warning was in the log for a year."""

import warnings

from agent_chat.main import app

__all__ = ["app"]

warnings.simplefilter("default")
warnings.warn("connect() goes away with version 3", DeprecationWarning, stacklevel=1)
