"""Passwords are kept as salt and scrypt digest."""

import asyncio
import hashlib
import hmac
import secrets

SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**14, 8, 1


async def hashed(password: str) -> str:
    """Return salt and digest as text."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${(await _scrypt(password, salt)).hex()}"


async def matches(password: str, stored: str | None) -> bool:
    """Whether the password is the one that was hashed; as slow for an account that does not exist (None)."""
    salt, _, digest = (stored or f"{'00' * 16}$").partition("$")
    computed = await _scrypt(password, bytes.fromhex(salt))
    return hmac.compare_digest(computed.hex(), digest)


async def _scrypt(password: str, salt: bytes) -> bytes:
    # In a thread: it takes tens of milliseconds by design, and the loop must not stand still meanwhile.
    return await asyncio.to_thread(hashlib.scrypt, password.encode(), salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P)
