"""What can be made of a good token that nobody may take for one (RFC 7515, 7519; attacks: RFC 8725).

Of a token that is no JWT, nothing is known: it can be left out, made up, and changed in a place.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_startup.boot.scopes import lookalike, underscoped
from pytest_startup.contract.security import GOOD, LOOKALIKE, SIGNED_AGAIN, UNDERSCOPED, VARIANTS, Instead, Scope

EXPIRED_SECONDS = 3600.0
"""How long ago an expired token has expired: longer than anybody's clocks differ."""

_DIGESTS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_SEGMENTS = 3
_Change = Callable[[Mapping[str, Any], float], tuple[dict[str, Any], str]]
"""From claims, and the time of day, to others; and why there are none, if there are none."""

_TIMES = ("exp", "nbf", "iat")

OPAQUE = "its tokens are no JWTs: what stands in them cannot be changed"
UNKNOWN_KEY = "the contract does not say by which key it is signed (tokens.key, tokens.algorithm)"


@dataclass(frozen=True, slots=True)
class Made:
    """One variant of a token; `text` is None where none is shown, `why` says why it cannot be made."""

    variant: str
    text: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A JWT in its parts (RFC 7515, compact serialization); `signed` is what the signature is of."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: str
    signature: bytes

    @classmethod
    def of(cls, token: str) -> Parsed | None:
        """Return the parts of a JWT; None for anything else."""
        parts = token.split(".")
        if len(parts) != _SEGMENTS:
            return None
        try:
            header, claims = (json.loads(_decoded(part)) for part in parts[:2])
            signature = _decoded(parts[2])
        except ValueError:
            return None
        good = isinstance(header, dict) and isinstance(claims, dict) and "alg" in header
        return cls(header, claims, token.rpartition(".")[0], signature) if good else None


def variants(good: str, *, algorithm: str | None, key: str, now: float, scope: Scope | None = None) -> list[Made]:
    """Return every variant of a good token; `now` is the time of day, in seconds since 1970.

    With a `scope` there are those, too, which say too little.
    """
    parsed = Parsed.of(good)
    made = {
        GOOD: Made(GOOD, good),
        "missing": Made("missing"),
        "garbage": Made("garbage", f"garbage-{secrets.token_hex(16)}"),
        "altered": Made("altered", _altered(good, parsed)),
    }
    wanted = (*VARIANTS, *_scoped(scope))
    if parsed is None:
        return [made.get(each, Made(each, why=OPAQUE)) for each in wanted]
    made["forged"] = Made("forged", _forged(good, parsed))
    made["unsigned"] = Made("unsigned", f"{_input({**parsed.header, 'alg': 'none'}, parsed.claims)}.")
    told = _algorithm(parsed, algorithm, key)
    for variant, change in (("expired", _expired), ("wrong-audience", _elsewhere), *_changes(scope)):
        claims, why = change(parsed.claims, now)
        made[variant] = Made(variant, why=told or why)
        if not made[variant].why:
            made[variant] = Made(variant, signed(parsed.header, claims, str(algorithm), key))
    return [made[each] for each in wanted]


def _scoped(scope: Scope | None) -> tuple[str, ...]:
    """Return the variants that a scope makes possible."""
    if scope is None:
        return ()
    return (SIGNED_AGAIN, UNDERSCOPED, *(() if isinstance(scope.change, Instead) else (LOOKALIKE,)))


def _changes(scope: Scope | None) -> list[tuple[str, _Change]]:
    """Return the variants that a scope makes possible, each with what becomes of the claims."""
    if scope is None:
        return []
    changes: dict[str, _Change] = {
        SIGNED_AGAIN: _as_before,
        UNDERSCOPED: lambda claims, _: underscoped(claims, scope),
        LOOKALIKE: lambda claims, _: lookalike(claims, scope),
    }
    return [(each, changes[each]) for each in _scoped(scope)]


def _as_before(claims: Mapping[str, Any], _: float) -> tuple[dict[str, Any], str]:
    """Return the claims in another order: the text of the token is another one, and it says the same."""
    return dict(reversed(list(claims.items()))), ""


def _algorithm(parsed: Parsed, algorithm: str | None, key: str) -> str:
    """Return why a token cannot be signed again; empty when it can."""
    if algorithm is None:
        return UNKNOWN_KEY
    if parsed.header["alg"] != algorithm:
        return f"it is signed by {parsed.header['alg']}, not by {algorithm} as tokens.algorithm has it"
    if not hmac.compare_digest(_digest(parsed.signed, algorithm, key), parsed.signature):
        return "it is signed by another key than tokens.key"
    return ""


def _expired(claims: Mapping[str, Any], now: float) -> tuple[dict[str, Any], str]:
    """Return claims which were good, and are no more."""
    expires = claims.get("exp")
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        return {}, "its tokens have no exp: they never expire"
    by = max(0.0, expires - now) + EXPIRED_SECONDS
    return {**claims, **{name: _moved(claims[name], by) for name in _TIMES if name in claims}}, ""


def _moved(moment: Any, by: float) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        return moment
    return type(moment)(moment - by)


def _elsewhere(claims: Mapping[str, Any], _: float) -> tuple[dict[str, Any], str]:
    """Return claims of a token for somebody else (RFC 7519, 4.1.3)."""
    audience = claims.get("aud")
    if not audience:
        return {}, "its tokens have no aud: they are for whoever takes them"
    other = f"somebody-else-{secrets.token_hex(4)}"
    return {**claims, "aud": [other] if isinstance(audience, list) else other}, ""


def _altered(good: str, parsed: Parsed | None) -> str:
    """Return a token with one bit of its signature, or one character in its middle, changed.

    It differs also for whoever ignores case, as readers of hexadecimal digits do.
    """
    if parsed is not None and parsed.signature:
        changed = bytes([parsed.signature[0] ^ 1]) + parsed.signature[1:]
        return f"{good.rpartition('.')[0]}.{_encoded(changed)}"
    at = len(good) // 2
    return f"{good[:at]}{'A' if good[at : at + 1].lower() != 'a' else 'B'}{good[at + 1 :]}"


def _forged(good: str, parsed: Parsed) -> str:
    """Return the same claims signed by a key of ours; where we cannot sign so, other claims under the old signature."""
    algorithm = str(parsed.header["alg"])
    if algorithm in _DIGESTS:
        return signed(parsed.header, parsed.claims, algorithm, secrets.token_hex(32))
    head, _, signature = good.split(".")
    claims = {**parsed.claims, "sub": f"{parsed.claims.get('sub', '')}x"}
    return f"{head}.{_encoded(_json(claims))}.{signature}"


def signed(header: Mapping[str, Any], claims: Mapping[str, Any], algorithm: str, key: str) -> str:
    """Return a JWT, signed by an HMAC: HS256, HS384 or HS512."""
    whole = _input(header, claims)
    return f"{whole}.{_encoded(_digest(whole, algorithm, key))}"


def _input(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    return f"{_encoded(_json(header))}.{_encoded(_json(claims))}"


def _digest(signed: str, algorithm: str, key: str) -> bytes:
    return hmac.new(key.encode(), signed.encode(), _DIGESTS[algorithm]).digest()


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
