"""The application and the contract by which turns of a chat are measured: it answers at once, in many small events."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_startup.boot.outgoing import Question, Talk, Upgrade
from pytest_startup.boot.process import claim_port, is_open
from pytest_startup.chat import nonces
from pytest_startup.clock import Deadline
from pytest_startup.contract.chat import Chat
from pytest_startup.contract.reader import parse

DELTAS = 40
EVENTS = DELTAS + 2
APPLICATION = f"""
    import itertools, json
    runs = itertools.count(1)

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            await send({{"type": "lifespan.startup.complete"}})
            await receive()
            return await send({{"type": "lifespan.shutdown.complete"}})
        await receive()
        await send({{"type": "websocket.accept"}})
        while (said := await receive())["type"] != "websocket.disconnect":
            run, question = next(runs), json.loads(said["text"])["text"]
            for number, kind in enumerate(("began", *["delta"] * {DELTAS}, "ended")):
                frame = {{"type": kind, "run": run, "user": 7, "number": number, "id": f"{{run}}-{{number}}",
                         "data": {{"text": f"some words about {{question}}"}}}}
                await send({{"type": "websocket.send", "text": json.dumps(frame)}})
"""
CONTRACT = """
[launch]
target = "app:app"
[[journeys]]
name = "log-in"
steps = [{ post = "/x" }]
[chat]
journey = "log-in"
socket = "/ws"
ask = { text = "{nonce}" }
events = [
    { type = "began", within = 60 },
    { type = "delta", within = 60, repeated = true },
    { type = "ended", within = 60 },
]
ignored = ["beat_*"]
never = ["failed_*"]
run = "run"
id = "id"
sequence = "number"
fields = { user = "7" }
answer = "data.text"
first_within = 60
max_gap = 60
max_seconds = 120
"""


def chat() -> Chat:
    """Return the chat: every event is judged by its time, run, user, id and number, the last one by its answer."""
    found = parse(CONTRACT).chat
    assert found is not None
    return found


def talk_of(about: Chat, port: int) -> Talk:
    """Return the turn of one user."""
    word = nonces.new()
    question = Question({"user": "7"}, (json.dumps({"text": word}),))
    return Talk(about, Upgrade(f"ws://127.0.0.1:{port}/ws", {}), lambda _: question, word, 120.0)


@contextmanager
def served() -> Iterator[int]:
    """Serve the application in a process of its own, and give the port."""
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "app.py").write_text(textwrap.dedent(APPLICATION))
        port, claim = claim_port("127.0.0.1")
        with claim:
            command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "error"]
            server = subprocess.Popen(command, cwd=directory)
            try:
                limit = Deadline.after(30, "the server")
                while not is_open("127.0.0.1", port):
                    limit.check()
                    time.sleep(0.05)
                yield port
            finally:
                server.terminate()
                server.wait(10)
