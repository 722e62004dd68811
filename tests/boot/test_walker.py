"""Whoever makes journeys: our own limits of time, and threads of ours that are over in time."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from pytest_startup.boot.deliveries import Deliveries
from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.line import Line
from pytest_startup.boot.recorder import Mask, Recorder
from pytest_startup.boot.using import Using
from pytest_startup.boot.walk import Values
from pytest_startup.clock import Deadline
from pytest_startup.contract.reader import parse
from pytest_startup.events.used import JourneyStepped
from pytest_startup.variation import Exercise

CONTRACT = parse(
    """
[launch]
target = "app:app"
[[journeys]]
name = "log-in"
steps = [{ get = "/a", max_seconds = 0.2 }]
[[deliveries]]
name = "text"
journey = "log-in"
socket = "/ws"
put = "app.send('{recipient}', '{nonce}')"
recipient = "joe"
undeliverable = "LOST"
"""
)
STEPS = CONTRACT.journey("log-in").steps


@pytest.fixture
def silent() -> Iterator[str]:
    """Give the URL of a server that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_step_takes_too_long(silent: str):
    """An answer that does not come within the limit of its step is on record."""
    recorder = Recorder(Mask(()))
    assert Walker(recorder, Values({}, silent)).walk("log-in", STEPS, Deadline.after(5, "the walk")) is None
    assert [event.answer for event in recorder.trace().all(JourneyStepped)] == ["timeout"]


@pytest.mark.parametrize("seconds", [0.0, 0.1])
def test_no_time(silent: str, seconds: float):
    """A step for which there was no time, or not enough, is not on record: that is our own doing."""
    recorder = Recorder(Mask(()))
    assert Walker(recorder, Values({}, silent)).walk("log-in", STEPS, Deadline.after(seconds, "the walk")) is None
    assert recorder.trace().events == ()


def test_no_time_for_deliveries(silent: str):
    """A delivery for which there was no time is not on record, nor are recipients who are not there."""
    recorder = Recorder(Mask(()))
    engine = Deliveries(recorder, Line(recorder), Values({}, silent))
    delivery = CONTRACT.delivery("text")
    engine.try_(delivery, CONTRACT.journey("log-in"), Deadline.after(0.1, "deliveries"))
    engine._walked["text"] = [Values({}, silent)]
    engine.address_absent(delivery, Deadline.after(0, "deliveries"))
    assert recorder.trace().events == ()


def test_a_disturbance_is_waited_for():
    """Also a boot that is interrupted waits until what disturbs it is done."""
    recorder, go_on = Recorder(Mask(())), threading.Event()
    using = Using(CONTRACT, Exercise("journey", "log-in"), recorder, Line(recorder), {}, "http://127.0.0.1:1")
    using._disturbing = threading.Thread(target=go_on.wait, args=(0.3,))
    using._disturbing.start()
    with pytest.raises(KeyboardInterrupt), using.begun():
        raise KeyboardInterrupt
    assert not using._disturbing.is_alive()
