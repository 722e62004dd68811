"""Logging: the application's own lines go to standard error; the server keeps the set-up of its own."""

import logging
import re
import sys

TOKEN = re.compile(r"(?<=[?&]token=)[^&\s]+")


class HideTokens(logging.Filter):
    """Takes tokens out of the paths that the server logs; browsers cannot send them any other way."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, without tokens."""
        if isinstance(record.args, tuple):
            record.args = tuple(TOKEN.sub("***", each) if isinstance(each, str) else each for each in record.args)
        return True


def configure_logging(level: str) -> None:
    """Send everything from this package to standard error, once. An unknown level counts as INFO."""
    package = logging.getLogger("agent_chat")
    package.setLevel(logging.getLevelNamesMapping().get(level.upper(), logging.INFO))
    package.propagate = False
    if not package.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        package.addHandler(handler)
        for server in ("uvicorn.error", "uvicorn.access"):
            logging.getLogger(server).addFilter(HideTokens())
