"""The WebSocket of the chat."""

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, WebSocket
from starlette.types import Message

from agent_chat.auth import CHAT_SCOPE, TokenError, bearer
from agent_chat.connection import GONE, Connection
from agent_chat.handlers import BadFrameError
from agent_chat.models import User
from agent_chat.users import RefusedError

router = APIRouter()
logger = logging.getLogger(__name__)

POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013
LONGEST_ID = 15


@router.websocket("/ws/chat")
async def chat(socket: WebSocket) -> None:
    """Take messages, until the user goes; the events of the agents come over the bridge."""
    user = await _user_of(socket)
    if user is None:
        await socket.close(POLICY_VIOLATION, "a valid token is needed")
        return
    try:
        after = _after(socket)
    except ValueError as error:
        await socket.close(POLICY_VIOLATION, str(error))
        return
    await socket.accept()
    try:
        connection = await socket.app.state.manager.connect(str(user.id), socket, tier=user.tier, after=after)
    except RefusedError as error:
        with suppress(*GONE):  # who comes too often does not always wait for the answer
            await socket.close(TRY_AGAIN_LATER, str(error))
        return
    try:
        await _serve(socket, connection)
    finally:
        socket.app.state.manager.disconnect(connection)


async def _user_of(socket: WebSocket) -> User | None:
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
    return user if CHAT_SCOPE in claims.scopes else None


def _after(socket: WebSocket) -> int | None:
    """Return the id of the last frame that the user has seen, None where they name none. Raises `ValueError`."""
    after = socket.query_params.get("after")
    if after is None:
        return None
    if not (after.isascii() and after.isdecimal() and len(after) <= LONGEST_ID):
        raise ValueError("after must be the id of a frame")
    return int(after)


async def _serve(socket: WebSocket, connection: Connection) -> None:
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        connection.hear()
        try:
            await socket.app.state.handlers.dispatch(connection, _parse(message))
        except BadFrameError as error:
            await connection.send({"type": "error", "code": error.code, "message": str(error), **error.details})
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
