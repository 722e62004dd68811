"""The certificates that every client of this application trusts, read once: it takes longer than to connect."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """Return them, ready for use in any number of clients."""
    return httpx.create_ssl_context()
