"""Connecting, and what is left of it where it fails."""

from __future__ import annotations

import gc
import socket
import threading
import warnings

import pytest

from pytest_startup.boot.sockets import NO_LINGER
from pytest_startup.boot.streams import opened


@pytest.mark.parametrize("secure", [False, True], ids=["tcp", "tls"])
def test_a_connection_that_is_reset_is_closed(*, secure: bool):
    """Whoever resets a connection as soon as it is open leaves no socket of ours behind."""
    with socket.create_server(("127.0.0.1", 0)) as listener, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        resetting = threading.Thread(target=_reset_one, args=(listener,))
        resetting.start()
        with (
            pytest.raises(OSError, match=r"reset|closed|EOF|not connected|Broken pipe"),
            opened("127.0.0.1", listener.getsockname()[1], 5.0, secure=secure) as stream,
        ):
            stream.recv(1)
        resetting.join()
        gc.collect()
    assert [] == [str(each.message) for each in told]


def test_nobody_listens():
    """A port on which nobody listens refuses."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            opened("127.0.0.1", bound.getsockname()[1], 5.0, secure=False)


def _reset_one(listener: socket.socket) -> None:
    taken, _ = listener.accept()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    taken.close()
