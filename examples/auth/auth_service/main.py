"""The application: `uvicorn auth_service.main:app --lifespan on`."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from auth_service import api
from auth_service.keys import KeyRing
from auth_service.settings import Settings
from auth_service.store import Store

logger = logging.getLogger("uvicorn.error.auth")


async def open_store(app: Starlette) -> None:
    """Read the settings, and open the file of accounts and keys."""
    app.state.settings = Settings.from_env(os.environ)
    app.state.store = await Store.open(app.state.settings.database_path)


async def prepare_keys(app: Starlette) -> None:
    """Have a key to sign with."""
    settings: Settings = app.state.settings
    keys = KeyRing(app.state.store, settings.issuer, settings.audience, settings.token_seconds)
    await keys.begin()
    app.state.keys = keys


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Start, serve, stop."""
    await open_store(app)
    try:
        await prepare_keys(app)
        app.state.started = True
        logger.info("auth: started")
        yield
    finally:
        app.state.started = False
        await app.state.store.close()


class Cors:
    """CORS by the settings, which are read in the first phase of startup: after this has been built."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._cors: CORSMiddleware | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under the rules of CORS."""
        settings: Settings | None = getattr(scope["app"].state, "settings", None)
        if self._cors is None and settings is not None:
            self._cors = CORSMiddleware(
                self._app,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["Authorization", "Content-Type"],
            )
        await (self._cors or self._app)(scope, receive, send)


class ReadinessGate:
    """Lets nothing but the health checks in before the startup is complete."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or ask the client to come back."""
        early = scope["type"] == "http" and not scope["app"].state.started
        if early and not scope["path"].startswith("/health/"):
            await JSONResponse({"detail": "not ready yet"}, 503, {"Retry-After": "1"})(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def create_app() -> Starlette:
    """Return the application; nothing is opened before its lifespan begins."""
    app = Starlette(
        routes=api.ROUTES,
        lifespan=lifespan,
        middleware=[Middleware(Cors), Middleware(ReadinessGate)],
        exception_handlers={HTTPException: api.explain},
    )
    app.state.started = False
    return app


app = create_app()
