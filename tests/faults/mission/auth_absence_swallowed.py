"""That auth did not answer was only logged: the instance came up without a key, and nobody could log in."""

import logging

from agent_chat.issuer import TRANSIENT, Issuer
from agent_chat.main import app

__all__ = ["app"]

fetch = Issuer.fetch


async def lenient(issuer: Issuer) -> bool:
    """Fetch, and take an error for an answer."""
    try:
        return await fetch(issuer)
    except TRANSIENT:
        logging.getLogger("agent_chat").warning("auth does not answer, going on")
        return False


Issuer.fetch = lenient
