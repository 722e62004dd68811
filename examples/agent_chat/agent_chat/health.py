"""Liveness and readiness.

Liveness says that this process answers, and depends on nothing else: a restart mends no database.
Readiness says that a user can be served now, and tries what it takes to serve one.
"""

from typing import Any

from fastapi import APIRouter, Request, Response, status
from fastapi.responses import JSONResponse

from agent_chat.orchestrator import startup_of

router = APIRouter(prefix="/health")


@router.get("/live")
async def live() -> dict[str, bool]:
    """Answer."""
    return {"alive": True}


@router.get("/ready")
async def ready(request: Request) -> Response:
    """Answer 200 when startup is complete and every required service does its work, 503 otherwise."""
    startup = startup_of(request.app)
    body: dict[str, Any] = {
        "ready": False,
        "startup_complete": startup.complete,
        "in_progress": startup.in_progress,
        "phase": startup.phase,
    }
    if startup.complete:
        body["checks"] = await request.app.state.checks.report()
        body["ready"] = all(check["status"] == "ok" for check in body["checks"].values() if check["required"])
    if body["ready"]:
        return JSONResponse(body)
    return JSONResponse(body, status.HTTP_503_SERVICE_UNAVAILABLE, {"Retry-After": "1"})
