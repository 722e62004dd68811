"""Liveness asked the database: when that went away, every instance was restarted, again and again."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent_chat.main import app
from agent_chat.orchestrator import startup_of
from faults import answers

__all__ = ["app"]


@answers("/health/live")
async def live(request: Request) -> Response:
    """Answer 500 when a query fails."""
    if startup_of(request.app).complete:
        try:
            await request.app.state.database.ping()
        except Exception:  # noqa: BLE001 - that is the mistake
            return JSONResponse({"alive": False}, 500)
    return JSONResponse({"alive": True})
