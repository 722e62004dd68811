"""The edge of the application: its services, each fresh for this boot and behind a tap."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from hashlib import sha256

from pytest_startup.boot import plan
from pytest_startup.boot.commands import run
from pytest_startup.boot.peers import Peers
from pytest_startup.boot.recorder import Mask, Recorder
from pytest_startup.boot.tables import Tables
from pytest_startup.boot.taps import Loop, Tap
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract, Service
from pytest_startup.contract.services import APP
from pytest_startup.contract.templates import Address
from pytest_startup.errors import BootError
from pytest_startup.events.edge import ServiceOffered, TapClosed, TapState, Touched
from pytest_startup.events.instances import TapPeaked
from pytest_startup.services import Endpoint, Keeper

SERVICE_SECONDS = 60.0
LAST_LINES = 15


class Edge:
    """All services of one boot. `taps`, `addresses` and `endpoints` are by the names of the services.

    `behind` is where they really are: what we ask of a service ourselves must not count as the application's doing.
    """

    def __init__(
        self, contract: Contract, keeper: Keeper, recorder: Recorder, peers: Peers, before: Edge | None = None
    ) -> None:
        """Take what the contract declares, out of `keeper` and `peers`; there is nothing before `open`.

        With the edge of a boot `before`, its services are used as that one left them.
        """
        self.endpoints: dict[str, Endpoint] = {}
        self._before = before.endpoints if before is not None else {}
        self._contract, self._keeper, self._recorder, self._peers = contract, keeper, recorder, peers
        self._port = 0
        self.taps: dict[str, Tap] = {}
        self.addresses: dict[str, Address] = {}
        self.behind: dict[str, Address] = {}
        self.secrets: list[str] = []

    def open(self, stack: ExitStack, port: int) -> None:
        """Have every service, and put a tap in front of it, until `stack` ends; the application will be on `port`."""
        self._port = port
        loop = stack.enter_context(Loop.running())
        kinds = [service.kind for service in self._contract.services if service.kind not in {"unavailable", APP}]
        self._keeper.warm(kinds, Deadline.after(SERVICE_SECONDS, "the services"))
        self._peers.begin()
        for service in self._contract.services:
            self.addresses[service.name] = self._address(stack, loop, service)

    def _address(self, stack: ExitStack, loop: Loop, service: Service) -> Address:
        """Have the service, put a tap in front of it, and return where the application finds it."""
        if service.kind == "unavailable":
            nobody = stack.enter_context(socket.socket())
            nobody.bind(("127.0.0.1", 0))  # bound and never listening: refuses, and stays ours
            return Address(protocol=service.kind, host="127.0.0.1", port=nobody.getsockname()[1])
        if service.kind == APP:
            peer = self._peers.have(service.name)
            self.secrets += peer.secrets
            self.behind[service.name] = Address(protocol=APP, host=peer.host, port=peer.port)
            return Address(protocol=APP, host="127.0.0.1", port=self._tap(stack, loop, service, (peer.host, peer.port)))
        endpoint = self._before.get(service.name)
        if endpoint is None:
            endpoint = self._have(service)
            stack.callback(self._keeper.give_back, endpoint)
        self.endpoints[service.name] = endpoint
        self.behind[service.name] = endpoint.address()
        return endpoint.address("127.0.0.1", self._tap(stack, loop, service, (endpoint.host, endpoint.port)))

    def _tap(self, stack: ExitStack, loop: Loop, service: Service, upstream: tuple[str, int]) -> int:
        """Put a tap in front of a service, and return its port."""
        self.taps[service.name] = tap = stack.enter_context(Tap.open(loop, service.name, upstream))
        return tap.port

    def _have(self, service: Service) -> Endpoint:
        deadline = Deadline.after(SERVICE_SECONDS, f"service {service.name}")
        if service.kind == "redis":
            return self._keeper.redis(deadline)
        if service.kind == "llm":
            return self._keeper.llm(service.replies, deadline)
        if not service.template:
            return self._keeper.postgres(deadline)
        of = str(self._contract.source or "").encode()  # a peer may have a service of the same name
        key = f"{service.name}-{sha256(of).hexdigest()[:8]}"
        self._keeper.prepared(key, lambda database: self._prepare(service, database), deadline)
        return self._keeper.postgres(deadline, key)

    def _prepare(self, service: Service, database: Endpoint) -> None:
        """Run the steps that fill the template database of a service."""
        setting = plan.setting(self._contract, {service.name: database.address()}, self._port, self._peers.secrets)
        for step in service.template:
            run_step(setting.expand(step), self._contract, setting, f"services.{service.name}.template", self._keeper)

    def begin(self, felt: Callable[[str], None]) -> None:
        """Count and tell from now on: the application is about to start. `felt(service)`: a fault has struck."""
        for name, found in self.addresses.items():
            given = self.endpoints.get(name)
            provider, version = (given.provider, given.version) if given is not None else ("", "")
            address = f"{found.host}:{found.port}"
            self._recorder.add(
                ServiceOffered(at=0.0, service=name, address=address, provider=provider, version=version)
            )
        for tap in self.taps.values():
            tap.begin(self._touched, felt)

    def _touched(self, service: str) -> None:
        self._recorder.add(Touched(at=self._recorder.elapsed(), service=service))

    def tables(self, service: str) -> Tables:
        """Return a look into a database, by a connection of our own; raises `KeyError` for what is no database."""
        return Tables(self.endpoints[service])

    def note_open(self) -> None:
        """Record how many connections there are, and how many there were at a time so far."""
        for name, tap in self.taps.items():
            self._recorder.add(TapState(at=self._recorder.elapsed(), service=name, open=tap.open_connections))
            self._recorder.add(TapPeaked(at=self._recorder.elapsed(), service=name, most=tap.peak))

    def note_all(self) -> None:
        """Record what has crossed."""
        at = self._recorder.elapsed()
        for name, tap in self.taps.items():
            counts = {"connections": tap.connections, "sent": tap.sent, "received": tap.received}
            self._recorder.add(TapClosed(at=at, service=name, **counts))


def run_step(argv: Sequence[str], contract: Contract, setting: plan.Setting, where: str, keeper: Keeper) -> None:
    """Run one step before a boot; raises `BootError` with the end of its output when it fails."""
    fix, mask, launch = "run it by hand in launch.directory", Mask(setting.secrets), contract.launch
    command = mask(" ".join(argv))
    try:
        ran = run(argv, setting, launch.directory, launch.boot_timeout, keeper=keeper, mask=mask, lines=LAST_LINES)
    except OSError as error:
        raise BootError(where, f"{command}: {mask(str(error))}", fix) from None
    if ran.code != 0:
        last = "\n".join(ran.output)
        ended = f"ended with {ran.code}" if ran.code is not None else f"did not end within {launch.boot_timeout:g} s"
        raise BootError(where, f"{command} {ended}:\n{last}\n", fix)
