"""The stand-in for a language model: llmock, behind the few calls that we need, so that it can be exchanged.

Its state is per process, so each boot that is alive has a process of its own; one that was given back is reset and
serves the next boot.
"""

from __future__ import annotations

import http.client
import importlib.metadata
import importlib.util
import json
import os
import secrets
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from pytest_startup.clock import Deadline
from pytest_startup.errors import ServiceError, ServiceUnavailable
from pytest_startup.services.endpoints import Choice, Endpoint
from pytest_startup.services.processes import LOOPBACK, Server, Site, start_on_free_port

Reply = Mapping[str, Any]
"""One scripted answer: {"text": str}, or {"tool": name, "arguments": {...}}."""

_CONVERSATION = "/v1/[cr]*"
"""Which requests use up the script: /v1/chat/completions and /v1/responses, not the list of models or embeddings."""

_SERVE = """
import sys, uvicorn
uvicorn.run("llmock.main:app", host=sys.argv[1], port=int(sys.argv[2]), lifespan="off", access_log=False)
"""
# llmock's own command says the same through a command-line library that takes as long to import as the server itself.

_RESET_SECONDS = 5.0


@dataclass(slots=True)
class LlmStubs:
    """All stubs of a run: those in use, and those that wait for the next boot."""

    site: Site
    _servers: dict[int, Server] = field(default_factory=dict)
    _idle: list[Future[Endpoint]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def warm(self, deadline: Deadline) -> Callable[[], None]:
        """Promise a stub to whoever asks first, and return what keeps the promise; an idle one does already."""
        promise: Future[Endpoint] = Future()
        with self._lock:
            if self._idle:
                return lambda: None
            self._idle.append(promise)

        def keep() -> None:
            try:
                promise.set_result(self._start(deadline))
            except BaseException as error:  # noqa: BLE001  # told to whoever asked
                promise.set_exception(error)

        return keep

    def take(self, replies: Sequence[Reply], deadline: Deadline) -> Endpoint:
        """Return a stub which answers with `replies` in order, the last again and again; none: as llmock likes."""
        behaviors = script(replies)
        endpoint = self._idle_one(deadline)
        if endpoint is None:
            endpoint = self._start(deadline)
        _tell(endpoint, "/_llmock/reset", {}, deadline)
        if behaviors:
            _tell(endpoint, "/_llmock/scenario", {"behaviors": behaviors}, deadline)
        return replace(endpoint, password=f"sk-{secrets.token_urlsafe(18)}")

    def _idle_one(self, deadline: Deadline) -> Endpoint | None:
        while (promise := self._next_idle()) is not None:
            try:
                endpoint = promise.result(deadline.remaining())
            except TimeoutError:
                deadline.check()
                raise
            if self._servers[endpoint.port].alive:
                return endpoint
        return None

    def _next_idle(self) -> Future[Endpoint] | None:
        with self._lock:
            return self._idle.pop(0) if self._idle else None

    def give_back(self, endpoint: Endpoint) -> None:
        """Forget its script, and keep it for the next boot; one which does not answer is ended instead."""
        deadline = Deadline.after(_RESET_SECONDS, "resetting an LLM stub")
        server = self._servers.get(endpoint.port)
        if server is None:
            return
        with suppress(OSError, http.client.HTTPException, ServiceError):
            _tell(endpoint, "/_llmock/reset", {}, deadline)
            promise: Future[Endpoint] = Future()
            promise.set_result(endpoint)
            with self._lock:
                self._idle.append(promise)
            return
        server.stop()

    def choice(self) -> Choice:
        """Return what the header line says."""
        return Choice("llm", "stub", f"llmock {importlib.metadata.version('llmock')}")

    def _start(self, deadline: Deadline) -> Endpoint:
        if importlib.util.find_spec("llmock") is None:
            raise ServiceUnavailable("llm", "stub", "llmock is not installed", 'pip install "pytest-startup[llm]"')

        def launch(port: int) -> Server:
            command = [sys.executable, "-P", "-W", "ignore", "-c", _SERVE, LOOPBACK, str(port)]
            server = self.site.spawn("llm", command, environment=_import_path(), as_ourselves=True)
            self._servers[port] = server
            return server

        def ready(port: int) -> bool:
            with suppress(OSError, http.client.HTTPException, ServiceError):
                _call(port, "GET", "/health", None, deadline)
                return True
            return False

        port = start_on_free_port(launch, ready, deadline)
        return Endpoint(service="llm", provider="stub", host=LOOPBACK, port=port, version=self.choice().version)


def _import_path() -> dict[str, str]:
    """Let the stub import what we can import, wherever it was installed."""
    return {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def script(replies: Sequence[Reply]) -> list[dict[str, Any]]:
    """Return llmock's words for our replies; raises `ServiceError` for one that is neither a text nor a tool call."""
    last = len(replies) - 1
    return [
        {
            "type": "reply",
            "match": {"path": _CONVERSATION},
            "times": None if at == last else 1,
            **_said(reply),
        }
        for at, reply in enumerate(replies)
    ]


def _said(reply: Reply) -> dict[str, Any]:
    if isinstance(reply.get("text"), str):
        return {"text": reply["text"]}
    if isinstance(reply.get("tool"), str):
        return {"tool_calls": [{"name": reply["tool"], "arguments": dict(reply.get("arguments") or {})}]}
    msg = f"reply {dict(reply)!r} is neither a text nor a tool call; write text = ..., or tool = ... with arguments"
    raise ServiceError(msg)


def _tell(endpoint: Endpoint, path: str, message: Mapping[str, Any], deadline: Deadline) -> None:
    _call(endpoint.port, "POST", path, json.dumps(message), deadline)


def _call(port: int, method: str, path: str, body: str | None, deadline: Deadline) -> None:
    """Call the stub; raises OSError, HTTPException, or `ServiceError` when it says anything but success."""
    deadline.check()
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=max(deadline.remaining(), 0.001))
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        said = response.read()
    finally:
        connection.close()
    if response.status >= http.client.BAD_REQUEST:
        msg = f"the LLM stub answered {response.status} to {path}: {said[:200].decode(errors='replace')}"
        raise ServiceError(msg)
