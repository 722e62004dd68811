"""Passwords and tokens."""

import asyncio
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

import jwt

ALGORITHM = "HS256"
AUDIENCE = "agent-chat"
CHAT_SCOPE = "chat"
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**14, 8, 1


class TokenError(ValueError):
    """A token that proves nothing."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says: whose it is, and what it allows; `username` only of users who may be new to us."""

    user_id: str
    scopes: frozenset[str]
    username: str | None = None


class Tokens:
    """Signs and checks the tokens of users; both with one secret."""

    def __init__(self, secret: str, *, seconds: float) -> None:
        self._secret = secret
        self.seconds = seconds

    def issue(self, user_id: str) -> str:
        """Return a token for the user."""
        now = time.time()
        claims = {"sub": user_id, "aud": AUDIENCE, "iat": now, "exp": now + self.seconds, "scope": CHAT_SCOPE}
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM)

    def check(self, token: str) -> Claims:
        """Return the claims of a token. Raises `TokenError` when it is expired, forged or not for us."""
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                options={"require": ["exp", "sub", "aud"]},
            )
        except jwt.InvalidTokenError as error:
            raise TokenError(str(error)) from error
        return Claims(claims["sub"], frozenset(str(claims.get("scope", "")).split()))


def bearer(header: str | None) -> str | None:
    """Return the token of an `Authorization` header, None when it holds none."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


async def hash_password(password: str) -> str:
    """Return salt and scrypt digest as text."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${(await _scrypt(password, salt)).hex()}"


async def verify_password(password: str, stored: str | None) -> bool:
    """Whether the password is the one that was hashed; as slow for a user who does not exist (None)."""
    salt, _, digest = (stored or f"{'00' * 16}$").partition("$")
    computed = await _scrypt(password, bytes.fromhex(salt))
    return hmac.compare_digest(computed.hex(), digest)


async def _scrypt(password: str, salt: bytes) -> bytes:
    # In a thread: it takes tens of milliseconds by design, and the loop must not stand still meanwhile.
    return await asyncio.to_thread(hashlib.scrypt, password.encode(), salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P)
