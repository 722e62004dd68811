"""The page of the front end answered 200 on every path, so a probe of a missing endpoint was green for a year."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from agent_chat.main import app

__all__ = ["app"]


async def page(_request: Request) -> Response:
    """Answer anything."""
    return HTMLResponse("<title>agent chat</title>")


app.router.routes.append(Route("/{path:path}", page))
