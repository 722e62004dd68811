"""A limit that is refilled all the time is reached, however long that takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pytest_startup.boot.exceeding import Exceeding
from pytest_startup.boot.means import Means
from pytest_startup.boot.recorder import Mask, Recorder
from pytest_startup.boot.walk import Values
from pytest_startup.clock import Deadline
from pytest_startup.contract.reader import parse
from pytest_startup.events.guarded import LimitReached

ALLOWED, SECONDS = 100, 5.0
LIMIT = f"""
[launch]
target = "app:app"
[[limits]]
name = "bucket"
request = {{ get = "/" }}
allowed = {ALLOWED}
seconds = {SECONDS}
"""


class Bucket(ThreadingHTTPServer):
    """As many requests as are allowed at once, and as many again in the time of the limit, one after the other."""

    left, since = float(ALLOWED), 0.0
    lock = threading.Lock()

    def take(self) -> bool:
        """Whether one more is served."""
        with self.lock:
            moment = time.monotonic()
            if self.since:
                self.left = min(ALLOWED, self.left + (moment - self.since) * ALLOWED / SECONDS)
            self.since = moment
            served = self.left >= 1
            self.left -= served
            return served


class Handler(BaseHTTPRequestHandler):
    """Serves slowly, or refuses."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Take one."""
        threading.Event().wait(0.02)
        assert isinstance(self.server, Bucket)
        self.send_response(200 if self.server.take() else 429)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def bucket() -> Iterator[str]:
    """Serve a bucket; give its address."""
    with Bucket(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_bucket(bucket: str):
    """What it was refilled with while we asked is asked for as well, until it refuses."""
    recorder = Recorder(Mask(()))
    Exceeding(recorder, parse(LIMIT), Values({}, bucket), Means()).all(Deadline.after(10, "the limit"))
    first, *_ = recorder.trace().all(LimitReached)
    assert first.refused
    assert first.seconds < SECONDS
