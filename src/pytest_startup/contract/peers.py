"""Services of the kind `app`: further applications of the same system, each described by a contract of its own.

A mistake in the contract of a peer is a mistake of the contract which names it, and is told there, with its own line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from pytest_startup.contract import conversions, raw
from pytest_startup.contract.kinds import Wrong
from pytest_startup.contract.mistakes import ContractError
from pytest_startup.contract.model import Contract
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot
from pytest_startup.contract.services import APP
from pytest_startup.contract.values import Url

Chain = tuple[Path, ...]
"""The files that are being read, each named by the one before it."""


def contracts(contract: Raw, spot: Spot, chain: Chain, read: Callable[[Path, Chain], Contract]) -> dict[str, Contract]:
    """Return the contract of each peer, by service; whatever is wrong with one is noted where it is named.

    `chain` ends with the file of this contract, where paths begin; it is empty for a contract without a file.
    `read` returns the contract in a file, or raises `ContractError`.
    """
    found = {name: _peer(path, spot / name / "contract", chain, read) for name, path in _named(contract)}
    return {name: peer for name, peer in found.items() if peer is not None}


def _named(contract: Raw) -> Iterator[tuple[str, Path]]:
    """Yield the peers whose contract is named by something that can be a path."""
    for name, value in raw.table(contract.get("services")).items():
        service = raw.table(value)
        if service.get("kind") == APP and "contract" in service:
            try:
                yield name, conversions.path(service["contract"])
            except Wrong:
                continue


def _peer(written: Path, spot: Spot, chain: Chain, read: Callable[[Path, Chain], Contract]) -> Contract | None:
    home = chain[-1].parent if chain else Path.cwd()
    path = (home / written).resolve()
    if path in chain:
        circle = " -> ".join(map(str, (*chain[chain.index(path) :], path)))
        fix = "one of them has to start without the other: leave the other out of its contract"
        spot.wrong(f"leads back to itself: {circle}", value=str(written), fix=fix)
        return None
    try:
        peer = read(path, chain)
    except ContractError as error:
        for mistake in error.mistakes:
            spot.wrong(str(replace(mistake, source="")), value=str(written))
        return None
    if isinstance(peer.launch.app, Url) and peer.launch.app.url.startswith("https:"):
        problem = "describes an application at https, whose certificate is not for the address where a boot finds it"
        spot.wrong(problem, value=str(written), fix="let launch.url there begin with http")
    if peer.launch.port:
        problem = f"has a port of its own ({peer.launch.port}), so that no two of it could be up at the same time"
        spot.wrong(problem, value=str(written), fix="leave launch.port out there, and write {port} where it is wanted")
    return peer


def joined(contract: Contract, peers: Mapping[str, Contract]) -> Contract:
    """Return the contract with its peers in their services."""
    services = tuple(
        replace(service, peer=peers[service.name], contract=peers[service.name].source)
        if service.name in peers
        else service
        for service in contract.services
    )
    return replace(contract, services=services)
