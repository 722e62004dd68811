"""What it costs to judge every event of many users: the crowd against a bare client loop, with the same application.

    python benchmarks/users.py [users] [pairs]

Both have one process, one event loop, one connection to a user; both ask at the same moment, and are done when all
have had their last event. A: `boot.crowd`, which judges every frame. B: the client of the `websockets` library, which
reads until the last one. The messages in a second are compared pair by pair, and the CPU that the clients take for a
message; and there is the memory that is taken by each event which is kept. The limit of open files is raised as in a
run.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import tracemalloc
from collections.abc import Callable

from chats import DELTAS, chat, served, talk_of
from pairs import interleave, report
from websockets.asyncio.client import connect

from pytest_startup.boot.crowd import Crowd
from pytest_startup.boot.descriptors import room_for
from pytest_startup.chat import nonces
from pytest_startup.clock import Deadline

CHAT = chat()
PATIENCE = 120.0


def ours(port: int, users: int) -> float:
    """Return messages a second of the crowd; every turn must be complete."""
    crowd = Crowd([talk_of(CHAT, port) for _ in range(users)])
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
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    crowd = Crowd([talk_of(CHAT, port) for _ in range(users)])
    crowd.run(Deadline.after(PATIENCE, "the crowd"))
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (after - before) / sum(len(member.turn.types) for member in crowd.members)


def main(users: int = 500, pairs: int = 10) -> None:
    """Serve the application, and print what was measured."""
    with served() as port, room_for(users) as room:
        assert not room.lack, room.lack
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


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
