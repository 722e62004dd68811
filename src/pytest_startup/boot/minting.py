"""Making a token that the application trusts (RFC 7519), by the key which it has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pytest_startup.boot import tokens
from pytest_startup.boot.outgoing import Given, Minting
from pytest_startup.contract.minting import SHARED_KEYS
from pytest_startup.contract.places import JsonValue

NEEDED = "needs PyJWT with cryptography beside pytest: pip install 'pytest-startup[jwt]'"


def mint(errand: Minting, now: float) -> Given:
    """Return the token, or why there is none; `now` is the time of day, in seconds since 1970."""
    claims = {"iat": int(now), "exp": int(now + errand.expires_in), **errand.claims}
    try:
        key = errand.key if errand.key_file is None else Path(errand.key_file).read_text("utf-8")
        return Given({"token": _signed(errand, claims, key)})
    except ImportError:
        return Given(failed=f"no token: {errand.algorithm} {NEEDED}")
    except (OSError, ValueError, TypeError, NotImplementedError) as error:
        return Given(failed=f"no token: {type(error).__name__}: {error}")


def _signed(errand: Minting, claims: Mapping[str, JsonValue], key: str) -> str:
    header: dict[str, JsonValue] = {"alg": errand.algorithm, "typ": "JWT", **errand.header}
    if errand.algorithm in SHARED_KEYS:
        return tokens.signed(header, claims, errand.algorithm, key)
    import jwt  # noqa: PLC0415 (only where the key is not shared; a library of somebody else's environment)

    try:
        return jwt.encode(dict(claims), key, algorithm=errand.algorithm, headers=dict(header))
    except (jwt.PyJWTError, NotImplementedError) as error:
        raise ValueError(str(error)) from None
