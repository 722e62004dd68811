"""A message that could not be delivered was a line of level debug: users missed answers, and nobody knew."""

import logging

from agent_chat.main import app

__all__ = ["app"]

logging.getLogger("agent_chat.bridge").addFilter(lambda record: not record.getMessage().startswith("Cannot deliver"))
