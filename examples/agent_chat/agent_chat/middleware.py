"""What every request passes on its way in: security headers, CORS, the readiness gate, the rate limit."""

import logging

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent_chat.auth import TokenError, bearer
from agent_chat.cache import TRANSIENT
from agent_chat.orchestrator import startup_of

logger = logging.getLogger(__name__)

TRY_AGAIN_LATER = 1013
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cache-Control": "no-store",
}


class SecurityHeaders:
    """Adds the security headers to every response, and to that by which a WebSocket is denied."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers on the way back."""
        accepted = False

        async def with_headers(message: Message) -> None:
            nonlocal accepted
            kind = message["type"]
            accepted = accepted or kind == "websocket.accept"
            if kind == "websocket.close" and not accepted and "websocket.http.response" in scope.get("extensions", {}):
                await _deny(with_headers)
                return
            if kind in {"http.response.start", "websocket.http.response.start"}:
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self._app(scope, receive, with_headers)


async def _deny(send: Send) -> None:
    """Deny a WebSocket by a response of ours: the server's own has none of our headers."""
    await send({"type": "websocket.http.response.start", "status": 403, "headers": [(b"content-length", b"0")]})
    await send({"type": "websocket.http.response.body", "body": b""})


class Cors:
    """CORS by the settings, which are read in the first phase of startup: after this has been built."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._cors: CORSMiddleware | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under the rules of CORS."""
        settings = getattr(scope["app"].state, "settings", None)
        if self._cors is None and settings is not None:
            self._cors = CORSMiddleware(
                self._app,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                allow_headers=["Authorization", "Content-Type"],
                allow_credentials=True,
            )
        await (self._cors or self._app)(scope, receive, send)


class ReadinessGate:
    """Lets nothing but the health checks in before startup is complete."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or ask the client to come back."""
        kind = scope["type"]
        if kind == "lifespan" or _is_health(scope) or startup_of(scope["app"]).complete:
            await self._app(scope, receive, send)
        elif kind == "websocket":
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER, "reason": "not ready yet"})
        else:
            await JSONResponse({"detail": "not ready yet"}, 503, {"Retry-After": "1"})(scope, receive, send)


class RateLimit:
    """Limits the requests of each user, or of each address as long as nobody is logged in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request, then pass it on or refuse it."""
        if scope["type"] != "http" or _is_health(scope):
            await self._app(scope, receive, send)
            return
        try:
            verdict = await scope["app"].state.limiter.hit(await _subject(scope))
        except TRANSIENT as error:
            logger.warning("requests cannot be counted: %s", type(error).__name__)
            await JSONResponse({"detail": "try again"}, 503, {"Retry-After": "1"})(scope, receive, send)
            return
        if verdict.allowed:
            await self._app(scope, receive, send)
            return
        headers = {"Retry-After": str(verdict.retry_after)}
        await JSONResponse({"detail": "too many requests"}, 429, headers)(scope, receive, send)


def _is_health(scope: Scope) -> bool:
    return str(scope["path"]).startswith("/health/")


async def _subject(scope: Scope) -> str:
    token = bearer(Headers(scope=scope).get("authorization"))
    if token is not None:
        try:
            return f"user:{(await scope['app'].state.identity.check(token)).user_id}"
        except TokenError:
            logger.debug("a bad token counts for its address")
    client = scope.get("client")
    return f"address:{client[0] if client else 'unknown'}"
