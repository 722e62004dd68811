"""The auth service: its keys, and the tokens that they prove."""

import asyncio
import logging
import time
from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

import httpx
import jwt

from agent_chat.auth import AUDIENCE, Claims, TokenError
from agent_chat.certificates import trusted
from agent_chat.errors import describe

logger = logging.getLogger(__name__)

ALGORITHM = "EdDSA"
TIMEOUT_SECONDS = 1.0
REFRESH_SECONDS = 1.0
KEPT_SECONDS = 300.0
LONGEST_NAME = 64


class NotAvailableError(RuntimeError):
    """The auth service is not up, or has no key."""


TRANSIENT = (httpx.TransportError, NotAvailableError)


class Issuer:
    """Checks tokens of the auth service with the keys that it publishes.

    The keys are kept: while the service is away its tokens are good for as long as they say. A token which names a key
    that is not known makes them be fetched again, at most every `REFRESH_SECONDS` however many such tokens there are.
    """

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        self._client = httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS, verify=trusted())
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._began = -KEPT_SECONDS
        self._coming: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def fetch(self) -> bool:
        """Fetch the keys; True when there are any. Raises one of `TRANSIENT` when another attempt may succeed."""
        answer = await self._client.get("/.well-known/jwks.json")
        if answer.status_code != httpx.codes.OK:
            raise NotAvailableError(f"the auth service answers {answer.status_code}")
        try:
            keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(answer.json()).keys if key.key_id}
        except (ValueError, AttributeError, jwt.PyJWTError) as error:
            raise NotAvailableError(f"the auth service publishes no keys: {describe(error)}") from error
        self._keys = keys
        return bool(keys)

    async def ping(self) -> bool:
        """Ask the service for its health; True when it can issue tokens."""
        return (await self._client.get("/health/ready")).raise_for_status().is_success

    async def check(self, token: str) -> Claims:
        """Return the claims of a token. Raises `TokenError` when it is expired, forged or not for us."""
        try:
            key = await self._key(str(jwt.get_unverified_header(token).get("kid")))
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=self.name,
                options={"require": ["exp", "sub", "aud", "iss"]},
            )
        except jwt.InvalidTokenError as error:
            raise TokenError(str(error)) from error
        # A name with a colon is none that anybody can register here, and the id is the same whenever they come.
        name = f"{self.name}:{claims['sub']}"
        if len(name) > LONGEST_NAME:
            raise TokenError("the name of its user is too long")
        scopes = frozenset(str(claims.get("scope", "")).split())
        return Claims(str(uuid5(NAMESPACE_URL, name)), scopes, username=name)

    async def close(self) -> None:
        """Give up what is still being fetched, and close every connection."""
        if self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)
        await self._client.aclose()

    async def _key(self, kid: str) -> jwt.PyJWK:
        """Return a key by its id, fetching it if it is new. Raises `TokenError` when there is none."""
        if kid not in self._keys:
            await asyncio.wait({self._soon()})
        elif time.monotonic() - self._began > KEPT_SECONDS:  # one that was withdrawn is not good for ever
            self._soon()
        if kid not in self._keys:
            raise TokenError("it is signed by a key which the auth service does not publish")
        return self._keys[kid]

    def _soon(self) -> asyncio.Task[None]:
        """Return the next fetch that will begin; all who need one share it."""
        if self._coming is None:
            self._coming = asyncio.create_task(self._fetch_in_turn(), name="keys of auth")
            self._tasks.add(self._coming)
            self._coming.add_done_callback(self._tasks.discard)
        return self._coming

    async def _fetch_in_turn(self) -> None:
        await asyncio.sleep(self._began + REFRESH_SECONDS - time.monotonic())
        # Who comes from now on may know of a key that this answer does not have.
        self._coming, self._began = None, time.monotonic()
        try:
            await self.fetch()
        except TRANSIENT as error:
            logger.warning("the keys of auth stay as they were: %s", describe(error))
