"""How containers are reached, wherever their daemon is; and what is made of its words. No daemon is needed."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from enum import Enum

import pytest

from pytest_startup.services import daemon


class Mode(Enum):
    """The ways of testcontainers to reach a container, by their names there."""

    docker_host = "docker_host"
    gateway_ip = "gateway_ip"
    bridge_ip = "bridge_ip"

    @property
    def use_mapped_port(self) -> bool:
        """Whether its port has to be bound."""
        return self is not Mode.bridge_ip


@dataclass
class Client:
    """As much of a daemon as tells where it is: its mode, its host, and its usual network."""

    mode: Mode
    where: str = "localhost"
    configured: tuple[dict[str, str], ...] = ()

    def get_connection_mode(self) -> Mode:
        """Say how containers are reached."""
        return self.mode

    def host(self) -> str:
        """Say where the daemon is."""
        return self.where

    @property
    def client(self) -> Client:
        """Be one's own client, networks and network."""
        return self

    networks = client

    def get(self, name: str) -> Client:
        """Return the usual network."""
        assert name == "bridge"
        return self

    @property
    def attrs(self) -> dict[str, object]:
        """Tell of the network."""
        return {"IPAM": {"Config": list(self.configured)}}


SIX = {"Subnet": "fd00::/64", "Gateway": "fd00::1"}

PUBLISHED = {
    "on this machine": (Client(Mode.docker_host), "127.0.0.1"),
    "on this machine, by address": (Client(Mode.docker_host, "127.0.0.1"), "127.0.0.1"),
    "on another machine": (Client(Mode.docker_host, "192.0.2.77"), ""),
    "we are a container beside it": (
        Client(Mode.gateway_ip, configured=(SIX, {"Subnet": "203.0.113.0/24", "Gateway": "203.0.113.5"})),
        "203.0.113.5",
    ),
    "the same, told by an older daemon": (
        Client(Mode.gateway_ip, configured=({"Subnet": "203.0.113.0/24"},)),
        "203.0.113.1",
    ),
    "we are a container, and it is in there": (
        Client(Mode.gateway_ip, configured=({"Subnet": "127.0.0.0/8", "Gateway": "127.0.0.1"},)),
        "127.0.0.1",
    ),
    "a network without addresses": (Client(Mode.gateway_ip), ""),
    "we share its network": (Client(Mode.bridge_ip), None),
}


@pytest.mark.parametrize(("client", "expected"), PUBLISHED.values(), ids=PUBLISHED)
def test_ports_are_bound_to_as_little_as_will_do(client: Client, expected: str | None) -> None:
    """Loopback on this machine, the bridge for a container beside the daemon, all only from another machine."""
    assert expected == daemon.published_on(client)  # type: ignore[arg-type]


def test_an_address_is_ours_when_we_can_listen_there() -> None:
    """Loopback leads to whoever listens on an address of this very machine, and of no other."""
    assert daemon._is_ours("localhost")
    assert not daemon._is_ours("192.0.2.77")
    assert not daemon._is_ours("")
    assert not daemon._is_ours("no.such.host.invalid")


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("redis", ("redis", "latest")),
        ("redis:7-alpine", ("redis", "7-alpine")),
        ("mirror:5000/redis", ("mirror:5000/redis", "latest")),
        ("mirror:5000/redis:7", ("mirror:5000/redis", "7")),
        ("redis@sha256:0123", ("redis@sha256:0123", None)),
    ],
)
def test_only_the_image_that_is_named_is_pulled(image: str, expected: tuple[str, str | None]) -> None:
    """Without a tag, the library would pull every one that there is; a port is no tag."""
    assert expected == daemon._name_and_tag(image)


def test_words_are_one_line_that_can_be_read() -> None:
    """What a library raises is often a page."""
    assert daemon.words(OSError("a\n  b")) == "a b"
    assert daemon.words(OSError()) == "OSError"
    assert len(daemon.words(OSError("x" * 1000))) < 310


def test_a_cause_is_found_wherever_it_hides() -> None:
    """Libraries put causes into arguments, and into each other."""
    hidden = ConnectionError("aborted", PermissionError(13, "denied"))
    outer = RuntimeError("cannot fetch")
    outer.__context__ = hidden
    assert daemon._causes(outer, PermissionError)
    assert not daemon._causes(RuntimeError("x"), PermissionError)
    assert not daemon._causes(None, socket.timeout)
