"""The signing keys: the newest one signs, and those before it are good until what they signed has expired."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.algorithms import OKPAlgorithm

from auth_service.store import Store, StoredKey

ALGORITHM = "EdDSA"


class TokenError(ValueError):
    """A token that proves nothing."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of this service, and the claims that every token of it has. `seconds` is how long a token is good."""

    store: Store
    issuer: str
    audience: str
    seconds: float

    async def begin(self) -> None:
        """Make the first key, where there is none."""
        await self._add(only_first=True)

    async def rotate(self) -> str:
        """Make a new key, which signs from now on, and return its id; drop those that nobody needs any more."""
        kid = await self._add(only_first=False)
        needed = {key.kid for key in await self._needed()}
        await self.store.drop_keys([key.kid for key in await self.store.keys() if key.kid not in needed])
        return kid

    async def issue(self, subject: str, scope: str) -> str:
        """Return a token for `subject`."""
        newest, *_ = await self.store.keys()
        now = time.time()
        who = {"iss": self.issuer, "aud": self.audience, "sub": subject, "scope": scope}
        claims = {**who, "iat": now, "exp": now + self.seconds}
        return jwt.encode(claims, _private(newest.private), algorithm=ALGORITHM, headers={"kid": newest.kid})

    async def check(self, token: str) -> Mapping[str, Any]:
        """Return the claims of a token of ours. Raises `TokenError`."""
        keys = {key.kid: key for key in await self._needed()}
        try:
            key = keys.get(jwt.get_unverified_header(token).get("kid", ""))
            if key is None:
                raise TokenError("it is signed by no key of ours")
            return jwt.decode(
                token,
                _private(key.private).public_key(),
                algorithms=[ALGORITHM],
                audience=self.audience,
                issuer=self.issuer,
                options={"require": ["exp", "sub", "aud", "iss"]},
            )
        except (jwt.InvalidTokenError, TypeError) as error:
            raise TokenError(str(error)) from error

    async def published(self) -> list[Mapping[str, str]]:
        """Return the public keys by which tokens are checked, as JWKs (RFC 7517, 8037), the newest first."""
        return [_jwk(key.kid, _private(key.private).public_key()) for key in await self._needed()]

    async def _needed(self) -> list[StoredKey]:
        keys = await self.store.keys()
        since = time.time() - self.seconds
        return [*keys[:1], *(older for newer, older in pairwise(keys) if newer.made_at > since)]

    async def _add(self, *, only_first: bool) -> str:
        kid = uuid4().hex
        private = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        await self.store.add_key(kid, private.decode(), only_first=only_first)
        return kid


@lru_cache(maxsize=16)
def _private(pem: str) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("a key in the store is not an Ed25519 key")
    return key


def _jwk(kid: str, public: Ed25519PublicKey) -> Mapping[str, str]:
    return {**OKPAlgorithm.to_jwk(public, as_dict=True), "kid": kid, "use": "sig", "alg": ALGORITHM}
