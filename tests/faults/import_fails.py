"""The image lacked a module that every developer had: the first import failed, and the instance restarted for ever."""

import agent_chat_plugins_of_the_old_image  # noqa: F401 - it is nowhere: that is the fault

from agent_chat.main import app

__all__ = ["app"]
