"""What it costs one user to have a turn judged: `boot.talking` against the client of the `websockets` library.

    python benchmarks/turn.py [turns] [pairs]

Both connect, ask, and read the same events of the same application, turn by turn. What is compared pair by pair is the
time from before connecting to the last event; and, told apart, to the end of it all: ours goes on to watch the socket
for a while (`AFTER_SECONDS`), as nothing may come after the last event. The application answers at once: any real one
takes time of its own, and the share of ours is smaller.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from chats import EVENTS, chat, served, talk_of
from pairs import interleave, report
from websockets.sync.client import connect

from pytest_startup.boot.talking import AFTER_SECONDS, talk
from pytest_startup.chat import nonces
from pytest_startup.clock import Deadline, now

CHAT = chat()


def ours(port: int) -> tuple[float, float]:
    """Return the seconds to the last event of a judged turn, and to its end."""
    began = now()
    turn = talk(talk_of(CHAT, port), Deadline.after(60, "a turn"))
    assert turn.complete, turn.divergence
    return turn.asked_at - began + turn.times[-1], now() - began


def bare(port: int) -> tuple[float, float]:
    """Return the same of a turn that nobody judges: each frame is only taken apart."""
    began = now()
    with connect(f"ws://127.0.0.1:{port}/ws", compression=None, proxy=None) as client:
        client.send(json.dumps({"text": nonces.new()}))
        while json.loads(client.recv())["type"] != "ended":
            pass
        last = now() - began
    return last, now() - began


def rested(turn: Callable[[int], tuple[float, float]], port: int) -> tuple[float, float]:
    """Take a turn after a pause, as both must: ours has one in the watching, in which caches grow cold."""
    time.sleep(AFTER_SECONDS)
    return turn(port)


def together(turn: Callable[[int], tuple[float, float]], port: int, turns: int, part: int) -> Callable[[], float]:
    """Return what measures the milliseconds of a turn, on average of several."""
    return lambda: sum(rested(turn, port)[part] for _ in range(turns)) / turns * 1000


def cpu(turn: Callable[[int], tuple[float, float]], port: int, turns: int) -> Callable[[], float]:
    """Return what measures the microseconds of CPU that a client takes for an event, connecting included."""

    def measure() -> float:
        began = time.process_time()
        for _ in range(turns):
            rested(turn, port)
        return (time.process_time() - began) / turns / EVENTS * 1e6

    return measure


def main(turns: int = 10, pairs: int = 20) -> None:
    """Serve the application, and print what was measured."""
    with served() as port:
        for part, what in enumerate(("to the last event", f"to the end, {AFTER_SECONDS:g} s of watching included")):
            first, second = (together(each, port, turns, part) for each in (ours, bare))
            report(f"a turn of {EVENTS} events, {what}", "ms", interleave(pairs, first, second))
        report(
            "CPU of the client", "us for an event", interleave(pairs, cpu(ours, port, turns), cpu(bare, port, turns))
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
