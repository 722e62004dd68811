"""SO_REUSEPORT "for quicker restarts": the old instance and the new one both listened, and users met either of them."""

from typing import Any

import uvloop

from agent_chat.main import app

__all__ = ["app"]

create = uvloop.Loop.create_server


async def create_server(loop: uvloop.Loop, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as uvloop has it
    """Listen beside whoever listens there."""
    return await create(loop, *args, **{**options, "reuse_port": True})


uvloop.Loop.create_server = create_server
