"""Waiting for what runs in a container, without any: the port is one of this machine, where nobody says a word."""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_startup.clock import Deadline, now
from pytest_startup.services import images
from pytest_startup.services.endpoints import Container


@pytest.mark.parametrize("start", [images.postgres, images.redis])
def test_a_look_is_short(start: Callable[..., Any]):
    """A server which accepts and says nothing takes no look more than a moment: its log is to be told, in its time."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        looks = []

        def started(_: object, answers: Callable[[str, int], bool], __: Deadline) -> tuple[str, int]:
            began, address = now(), silent.getsockname()
            looks.append((answers(*address), now() - began))
            host, port = address
            return host, port

        start(SimpleNamespace(start=started), Container(), Deadline.after(20, "a server"))
    ((answered, seconds),) = looks
    assert not answered
    assert seconds < 5
