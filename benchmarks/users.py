"""What it costs to judge every event of many users: the crowd against a bare client loop, with the same application.

    python benchmarks/users.py [users] [pairs]

Both have one process, one event loop, one connection to a user; both ask at the same moment, and are done when all
have had their last event. A: `boot.crowd`, which judges every frame. B: the client of the `websockets` library, which
reads until the last one. The messages in a second are compared pair by pair, and the CPU that the clients take for a
message; and there is the memory that is taken by each event which is kept.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import textwrap
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from pairs import interleave, report
from websockets.asyncio.client import connect

from pytest_startup.boot.crowd import Crowd
from pytest_startup.boot.outgoing import Talk, Upgrade
from pytest_startup.boot.process import claim_port, is_open
from pytest_startup.chat import nonces
from pytest_startup.clock import Deadline
from pytest_startup.contract.reader import parse

DELTAS = 40
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
            for kind in ("began", *["delta"] * {DELTAS}, "ended"):
                frame = {{"type": kind, "run": run, "user": 7, "data": {{"text": f"some words about {{question}}"}}}}
                await send({{"type": "websocket.send", "text": json.dumps(frame)}})
"""
CHAT = parse("""
[launch]
target = "app:app"
[[journeys]]
name = "log-in"
steps = [{ post = "/x" }]
[chat]
journey = "log-in"
socket = "/ws"
ask = { text = "{nonce}" }
events = ["began", { type = "delta", repeated = true }, "ended"]
run = "run"
fields = { user = "7" }
answer = "data.text"
first_within = 60
max_gap = 60
max_seconds = 120
""").chat
PATIENCE = 120.0


def ours(port: int, users: int) -> float:
    """Return messages a second of the crowd; every turn must be complete."""
    assert CHAT is not None
    upgrade = Upgrade(f"ws://127.0.0.1:{port}/ws", {})
    words = [nonces.new() for _ in range(users)]
    crowd = Crowd([Talk(CHAT, upgrade, json.dumps({"text": word}), word, {"user": "7"}, 120.0) for word in words])
    crowd.run(Deadline.after(PATIENCE, "the crowd"))
    wrong = [member.turn.divergence for member in crowd.members if not member.turn.complete]
    assert not wrong, wrong[0]
    return users * (DELTAS + 2) / max(member.turn.times[-1] + member.began - crowd.began for member in crowd.members)


def bare(port: int, users: int) -> float:
    """Return messages a second of the library's client."""
    return asyncio.run(_bare(port, users))


async def _bare(port: int, users: int) -> float:
    url = f"ws://127.0.0.1:{port}/ws"
    clients = await asyncio.gather(*(connect(url, compression=None, proxy=None) for _ in range(users)))
    began = time.monotonic()
    await asyncio.gather(*(_turn(client) for client in clients))
    seconds = time.monotonic() - began
    await asyncio.gather(*(client.close() for client in clients))
    return users * (DELTAS + 2) / seconds


async def _turn(client: object) -> None:
    await client.send(json.dumps({"text": nonces.new()}))  # type: ignore[attr-defined]
    while json.loads(await client.recv())["type"] != "ended":  # type: ignore[attr-defined]
        pass


def cpu(client: Callable[[int, int], float], port: int, users: int) -> float:
    """Return the microseconds of CPU which a client takes for a message, connecting included."""
    began = time.process_time()
    client(port, users)
    return (time.process_time() - began) / users / (DELTAS + 2) * 1e6


def kept(port: int, users: int) -> float:
    """Return the bytes that stay for each event when all turns are over."""
    assert CHAT is not None
    tracemalloc.start()
    upgrade = Upgrade(f"ws://127.0.0.1:{port}/ws", {})
    words = [nonces.new() for _ in range(users)]
    before = tracemalloc.get_traced_memory()[0]
    crowd = Crowd([Talk(CHAT, upgrade, json.dumps({"text": word}), word, {"user": "7"}, 120.0) for word in words])
    crowd.run(Deadline.after(PATIENCE, "the crowd"))
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (after - before) / sum(len(member.turn.types) for member in crowd.members)


def main(users: int = 500, pairs: int = 10) -> None:
    """Serve the application, and print what was measured."""
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "app.py").write_text(textwrap.dedent(APPLICATION))
        port, claim = claim_port("127.0.0.1")
        with claim:
            command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "error"]
            server = subprocess.Popen(command, cwd=directory)
            try:
                limit = Deadline.after(20, "the server")
                while not is_open("127.0.0.1", port):
                    limit.check()
                    time.sleep(0.05)
                report(
                    f"{users} users, {DELTAS + 2} events each",
                    "messages/s",
                    interleave(pairs, lambda: ours(port, users), lambda: bare(port, users)),
                )
                report(
                    "CPU of the client",
                    "us for a message",
                    interleave(pairs, lambda: cpu(ours, port, users), lambda: cpu(bare, port, users)),
                )
                print(f"  kept       {kept(port, users):.0f} bytes for each event of {users} users")
            finally:
                server.terminate()
                server.wait(10)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
