"""The application: `uvicorn agent_chat.main:app --lifespan on`."""

from fastapi import FastAPI
from starlette.middleware import Middleware

from agent_chat import api, chat, health
from agent_chat.middleware import Cors, RateLimit, ReadinessGate, SecurityHeaders
from agent_chat.orchestrator import StartupState
from agent_chat.startup import lifespan


def create_app() -> FastAPI:
    """Return the application; nothing is opened before its lifespan begins."""
    app = FastAPI(
        title="agent chat",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(layer) for layer in (SecurityHeaders, Cors, ReadinessGate, RateLimit)],
    )
    app.state.startup = StartupState()
    app.include_router(health.router)
    app.include_router(api.router)
    app.include_router(chat.router)
    return app


app = create_app()
