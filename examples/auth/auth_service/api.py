"""The HTTP API: accounts, tokens, keys, health."""

import hmac
import re
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth_service import passwords
from auth_service.keys import KeyRing, TokenError
from auth_service.store import Store

SCOPE = "chat"
NAME = re.compile(r"[A-Za-z0-9_.@+-]{3,40}")
PASSWORD = re.compile(r"(?s).{8,200}")
KEYS_SECONDS = 60


async def add_account(request: Request) -> Response:
    """Open an account: `{"username", "password"}`."""
    name, password = _credentials(await _document(request))
    if not await _store(request).add_account(name, await passwords.hashed(password)):
        raise HTTPException(409, "this name is taken")
    return JSONResponse({"username": name}, 201)


async def issue(request: Request) -> Response:
    """Exchange name and password for a token."""
    name, password = _credentials(await _document(request))
    if not await passwords.matches(password, await _store(request).password(name)):
        raise HTTPException(401, "wrong name or password")
    keys = _keys(request)
    token = await keys.issue(name, SCOPE)
    body = {"access_token": token, "token_type": "bearer", "expires_in": int(keys.seconds)}
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


async def introspect(request: Request) -> Response:
    """Tell whether a token is good, and what it says (RFC 7662)."""
    token = (await _document(request)).get("token")
    try:
        claims = await _keys(request).check(token if isinstance(token, str) else "")
    except TokenError:
        return JSONResponse({"active": False})
    return JSONResponse({"active": True, **claims})


async def publish(request: Request) -> Response:
    """Publish the keys by which tokens are checked (RFC 7517)."""
    keys = await _keys(request).published()
    return JSONResponse({"keys": keys}, headers={"Cache-Control": f"max-age={KEYS_SECONDS}"})


async def rotate(request: Request) -> Response:
    """Sign with a new key from now on; only for an operator."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    known = hmac.compare_digest(key.strip().encode(), request.app.state.settings.operator_key.encode())
    if scheme.lower() != "bearer" or not known:
        raise HTTPException(401, "the operator's key is needed")
    return JSONResponse({"kid": await _keys(request).rotate()})


async def live(_request: Request) -> Response:
    """Answer."""
    return JSONResponse({"alive": True})


async def ready(request: Request) -> Response:
    """Answer 200 when the startup is complete and the store has a key to sign with, 503 otherwise."""
    state = request.app.state
    if state.started and await state.store.ping():
        return JSONResponse({"ready": True})
    return JSONResponse({"ready": False}, 503, {"Retry-After": "1"})


ROUTES = [
    Route("/accounts", add_account, methods=["POST"]),
    Route("/token", issue, methods=["POST"]),
    Route("/introspect", introspect, methods=["POST"]),
    Route("/.well-known/jwks.json", publish),
    Route("/keys/rotate", rotate, methods=["POST"]),
    Route("/health/live", live),
    Route("/health/ready", ready),
]


async def explain(_request: Request, error: Exception) -> Response:
    """Answer a refusal as JSON."""
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"detail": error.detail}, error.status_code, error.headers)


async def _document(request: Request) -> Mapping[str, Any]:
    try:
        document = await request.json()
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, "the body must be JSON") from error
    if not isinstance(document, dict):
        raise HTTPException(422, "the body must be a JSON object")
    return document


def _credentials(document: Mapping[str, Any]) -> tuple[str, str]:
    name, password = document.get("username"), document.get("password")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise HTTPException(422, "username must be 3 to 40 letters, digits and _.@+-")
    if not isinstance(password, str) or not PASSWORD.fullmatch(password):
        raise HTTPException(422, "password must have 8 to 200 characters")
    return name, password


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _keys(request: Request) -> KeyRing:
    keys: KeyRing = request.app.state.keys
    return keys
