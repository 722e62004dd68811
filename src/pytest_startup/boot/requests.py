"""Sending one HTTP request, and what may be silent about its answer."""

from __future__ import annotations

import http.client
from contextlib import closing
from urllib.parse import urlsplit

from pytest_startup.boot.outgoing import Answer, Outgoing
from pytest_startup.boot.sockets import Closed, Denied
from pytest_startup.boot.streams import opened
from pytest_startup.clock import Deadline

AGENT = "startup-user"
LARGEST_BODY = 1 << 20


class _Secure(http.client.HTTPConnection):
    """A connection by TLS whose socket is closed whenever it fails."""

    default_port = http.client.HTTPS_PORT

    def __init__(self, host: str, port: int | None, *, timeout: float) -> None:
        """Take where to connect to, and the seconds that one step may take."""
        super().__init__(host, port, timeout=timeout)
        self._seconds = timeout

    def connect(self) -> None:
        """Connect."""
        self.sock = opened(self.host, self.port, self._seconds, secure=True)


def connection_to(url: str, seconds: float) -> http.client.HTTPConnection:
    """Return a connection to the host of a URL, which is opened by the first request."""
    parts = urlsplit(url)
    kind = _Secure if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "127.0.0.1", parts.port, timeout=seconds)


def target_of(url: str) -> str:
    """Return path and query of a URL."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"


def send(request: Outgoing, deadline: Deadline) -> Answer:
    """Send a request on a connection of its own, and return the answer: by the earlier of its limit and `deadline`."""
    seconds = max(0.001, min(request.seconds, deadline.remaining()))
    limit = Deadline.after(seconds, request.url)
    try:
        with closing(connection_to(request.url, seconds)) as connection:
            headers = {"User-Agent": AGENT, "Connection": "close", **request.headers}
            connection.request(request.method, target_of(request.url), request.body, headers)
            response = connection.getresponse()
            body = read_body(response, connection, limit)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(silence(error))
    return Answer(str(response.status), response.status, tuple(response.getheaders()), body)


def silence(error: Exception) -> str:
    """Return in a word what came instead of an answer to a request, or of a socket that stays open."""
    if isinstance(error, Denied | Closed):
        return str(error)
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, ConnectionResetError | BrokenPipeError | http.client.RemoteDisconnected):
        return "reset"
    return f"error: {type(error).__name__}: {error}"


def read_body(response: http.client.HTTPResponse, connection: http.client.HTTPConnection, deadline: Deadline) -> bytes:
    """Read the body within what is left of the deadline, however slowly it drips."""
    body = b""
    while len(body) < LARGEST_BODY and (part := response.read1(65536)):
        body += part
        if deadline.expired:
            raise TimeoutError
        if connection.sock is not None:
            connection.sock.settimeout(max(0.001, deadline.remaining()))
    return body
