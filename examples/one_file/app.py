"""The smallest useful application: one file, one endpoint, no services."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

GREETINGS = {"de": "Hallo", "en": "Hello", "fr": "Bonjour"}


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Load the greetings, and forget them at the end."""
    app.state.greetings = dict(GREETINGS)
    yield
    app.state.greetings = None


async def ready(request: Request) -> JSONResponse:
    """Answer 200 once the greetings are there."""
    is_ready = bool(getattr(request.app.state, "greetings", None))
    return JSONResponse({"ready": is_ready}, 200 if is_ready else 503)


async def greet(request: Request) -> JSONResponse:
    """Greet in the language that the path names."""
    greeting = request.app.state.greetings.get(request.path_params["language"])
    if greeting is None:
        return JSONResponse({"detail": "no such language"}, 404)
    return JSONResponse({"greeting": greeting})


app = Starlette(lifespan=lifespan, routes=[Route("/health/ready", ready), Route("/greet/{language}", greet)])
