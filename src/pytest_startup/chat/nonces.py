"""The nonces of questions: texts that nobody has ever seen, and that can be told from all other texts."""

from __future__ import annotations

import re
import secrets

_NONCE = re.compile(r"ask[0-9a-f]{16}")


def new() -> str:
    """Return the nonce of a question: `ask` and 16 hexadecimal digits."""
    return f"ask{secrets.token_hex(8)}"


def within(text: str) -> list[str]:
    """Return the nonces of questions in a text."""
    return _NONCE.findall(text)
