"""The process of the LLM stub: llmock, whose script is one of each conversation, and of no process.

Which reply is due follows from the request alone: it is as many replies on as the request already holds since the user
spoke last. So any number of users can be answered at once, by any number of requests, and none uses up another's
script. `{nonce}` in a reply is the nonce of the question (`pytest_startup.chat.nonces`), so that an answer is provably
one to that question.

It is run by its path, and imports nothing of ours: what it says over HTTP is all that is wanted of it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

SCRIPT_PATH = "/_llmock/startup"
"""Where the script is told: as JSON, {"replies": [{"text": ...} or {"tool": ..., "arguments": {...}}]}.

The prefix is that of llmock's own administration, which it neither counts nor disturbs.
"""

PATHS = re.compile(r"/v1/(chat/completions|responses)$")
"""The requests which the script answers: not the list of models, nor embeddings."""

NONCE = re.compile(r"ask[0-9a-f]{16}")
TEMPLATE = "{nonce}"

Messages = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Messages]]
Send = Callable[[Messages], Awaitable[None]]
App = Callable[[Messages, Receive, Send], Awaitable[None]]

# -- what a request holds -------------------------------------------------------------------------------------------


def due(replies: Sequence[Mapping[str, Any]], body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the reply that is due to a request, its templates replaced; None without a script."""
    if not replies:
        return None
    items = items_of(body)
    reply = replies[min(said_since(items), len(replies) - 1)]
    return {key: filled(value, nonce_of(items)) for key, value in reply.items()}


def items_of(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the messages of a chat completion, or the input of a response (a text alone is what the user says)."""
    found = body.get("messages") or body.get("input") or []
    listed = found if isinstance(found, list) else [{"role": "user", "content": found}]
    return [each for each in listed if isinstance(each, Mapping)]


def said_since(items: Sequence[Mapping[str, Any]]) -> int:
    """Return how many replies stand behind the last message of the user.

    A reply may be several items in a row (text and calls), and may be missing where only the results of its calls are
    sent (a response that names the one before it).
    """
    users = [at for at, each in enumerate(items) if who(each) == "user"]
    kinds = [kind for kind, _ in groupby(who(each) for each in items[users[-1] + 1 if users else 0 :])]
    return max(kinds.count("model"), kinds.count("tool"))


def who(item: Mapping[str, Any]) -> str:
    """Return whose an item is: the `user`'s, the `model`'s, a `tool`'s, or nobody's."""
    role, kind = item.get("role"), item.get("type")
    if role == "tool" or kind == "function_call_output":
        return "tool"
    if role == "assistant" or kind in ("function_call", "reasoning"):
        return "model"
    return "user" if role == "user" else ""


def nonce_of(items: Sequence[Mapping[str, Any]]) -> str:
    """Return the nonce of the question: the last one that the user has said, else the last one at all, else nothing."""
    spoken = [found for each in items if who(each) == "user" for found in nonces_in(each)]
    return next(iter([*spoken[-1:], *[found for each in items for found in nonces_in(each)][-1:]]), "")


def nonces_in(item: Mapping[str, Any]) -> list[str]:
    """Return the nonces in an item."""
    return NONCE.findall(json.dumps(item))


def filled(value: Any, nonce: str) -> Any:  # noqa: ANN401 (JSON)
    """Return a value with the nonce in its texts; nothing else in braces is a template."""
    if isinstance(value, str):
        return value.replace(TEMPLATE, nonce)
    if isinstance(value, Mapping):
        return {key: filled(item, nonce) for key, item in value.items()}
    return [filled(item, nonce) for item in value] if isinstance(value, list) else value


# -- llmock, with our script ----------------------------------------------------------------------------------------


class Scripted:
    """Puts the reply which is due in the place of what llmock would have said: between its middleware and its routes.

    All that it does besides (its formats, streams, journal and faults) stays as it is.
    """

    def __init__(self, app: App) -> None:
        """Take what answers."""
        self.app = app
        self.replies: list[Mapping[str, Any]] = []

    async def __call__(self, scope: Messages, receive: Receive, send: Send) -> None:
        """Take the script, or have the request answered by it."""
        if scope["type"] == "http" and scope["path"] == SCRIPT_PATH:
            await self._take(receive, send)
            return
        if scope["type"] == "http" and PATHS.search(scope["path"]):
            state = scope["state"]
            reply = due(self.replies, state["llmock_body"])
            if reply is not None:
                state["llmock_plan"] = replace(state["llmock_plan"], reply=_said(reply))
        await self.app(scope, receive, send)

    async def _take(self, receive: Receive, send: Send) -> None:
        data = b"".join([part async for part in _parts(receive)])
        self.replies = json.loads(data)["replies"]
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def _parts(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        more = bool(message.get("more_body"))
        yield message.get("body", b"")


def _said(reply: Mapping[str, Any]) -> Any:  # noqa: ANN401 (llmock's)
    from llmock.scenarios import Reply, ToolCall  # noqa: PLC0415 (the functions above are tested without it)

    if "tool" in reply:
        return Reply(tool_calls=(ToolCall(reply["tool"], reply.get("arguments") or {}),))
    return Reply(text=reply["text"])


def application() -> Any:  # noqa: ANN401 (FastAPI's)
    """Return llmock with a script of ours, innermost of what surrounds its routes."""
    from llmock.main import app  # noqa: PLC0415 (as above)
    from starlette.middleware import Middleware  # noqa: PLC0415 (as above)

    app.user_middleware.append(Middleware(Scripted))
    return app


def main() -> None:
    """Serve at the host and port of the command line."""
    import uvicorn  # noqa: PLC0415 (as above)

    uvicorn.run(application(), host=sys.argv[1], port=int(sys.argv[2]), lifespan="off", access_log=False)


if __name__ == "__main__":
    main()
