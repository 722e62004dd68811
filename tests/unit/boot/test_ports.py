"""The ports that boots are given."""

from __future__ import annotations

import socket

import pytest

from pytest_startup.boot import process
from pytest_startup.errors import BootError


def test_port_where_connections_linger(monkeypatch: pytest.MonkeyPatch):
    """A port on which a connection of an earlier server is still in TIME_WAIT is not handed out."""
    port, claim = process.claim_port("127.0.0.1")
    with claim, socket.create_server(("127.0.0.1", port)) as server:
        client = socket.create_connection(server.getsockname(), timeout=5)
        accepted, _ = server.accept()
        accepted.close()  # who closes first is the one that lingers
        assert client.recv(1) == b""
        client.close()
    monkeypatch.setattr(process, "PORTS", [port])
    with pytest.raises(BootError, match="no free port"):
        process.claim_port("127.0.0.1")
