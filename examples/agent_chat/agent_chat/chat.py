"""The WebSocket of the chat."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, WebSocket
from starlette.types import Message

from agent_chat.auth import CHAT_SCOPE, TokenError, bearer
from agent_chat.handlers import BadFrameError
from agent_chat.sockets import Connection, TooManyConnectionsError

router = APIRouter()
logger = logging.getLogger(__name__)

POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013


@router.websocket("/ws/chat")
async def chat(socket: WebSocket) -> None:
    """Take messages, until the user goes; the events of the agents come over the bridge."""
    user_id = await _user_of(socket)
    if user_id is None:
        await socket.close(POLICY_VIOLATION, "a valid token is needed")
        return
    await socket.accept()
    try:
        connection = await socket.app.state.manager.connect(user_id, socket)
    except TooManyConnectionsError:
        await socket.close(TRY_AGAIN_LATER, "too many connections")
        return
    try:
        await _serve(socket, connection)
    finally:
        socket.app.state.manager.disconnect(connection)


async def _user_of(socket: WebSocket) -> str | None:
    """Return the user of a handshake: a good token with the right scope, from an origin of ours."""
    state = socket.app.state
    origin = socket.headers.get("origin")
    if origin is not None and origin not in state.settings.cors_origins:
        return None
    token = bearer(socket.headers.get("authorization")) or socket.query_params.get("token", "")
    try:
        user, claims = await state.identity.user(token, state.store)
    except TokenError as error:
        logger.info("a WebSocket was refused: %s", error)
        return None
    return str(user.id) if CHAT_SCOPE in claims.scopes else None


async def _serve(socket: WebSocket, connection: Connection) -> None:
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        try:
            await socket.app.state.handlers.dispatch(connection, _parse(message))
        except BadFrameError as error:
            await connection.send({"type": "error", "code": error.code, "message": str(error)})
        except Exception:
            logger.exception("a message could not be handled")
            await connection.send({"type": "error", "code": "internal", "message": "that did not work"})


def _parse(message: Message) -> Mapping[str, Any]:
    try:
        frame = json.loads(message.get("text") or "")
    except (ValueError, RecursionError) as error:
        raise BadFrameError("not_json", "a message must be JSON, in a text frame") from error
    if not isinstance(frame, dict):
        raise BadFrameError("not_an_object", "a message must be a JSON object")
    return frame
