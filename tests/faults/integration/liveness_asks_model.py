"""Liveness asked the model: when that was throttled, the orchestrator restarted every instance, over and over."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent_chat.main import app
from faults import answers

__all__ = ["app"]


@answers("/health/live")
async def live(request: Request) -> Response:
    """Answer for the model as well."""
    model = getattr(request.app.state, "llm", None)
    try:
        alive = model is None or await model.ping()
    except Exception:  # noqa: BLE001 - that is the mistake
        alive = False
    return JSONResponse({"alive": alive}, 200 if alive else 500)
