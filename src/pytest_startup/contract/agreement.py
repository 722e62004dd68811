"""Whether the tables of a contract agree with one another: what no table can know alone.

It looks at the raw tables, not at finished objects: all mistakes are wanted at once, and a table with a
mistake of its own never becomes an object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_startup.contract import connected, containers, parts, raw, reconnect, sequence, turns, usage, websocket
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Reading, Spot, listed, nearest_of
from pytest_startup.contract.services import APP, prepared
from pytest_startup.contract.templates import BARE, LITERAL, SECRET, Reference, fields_of

_ONLY = (
    ("template", "postgres"),
    ("schema", "postgres"),
    ("replies", "llm"),
    ("failure", "llm"),
    ("contract", APP),
    ("env", APP),
)
"""Keys of a service, and the only kind of service that may have them."""

_SPAWNED = (
    "directory",
    "import_path",
    "interpreter",
    "pass_env",
    "env",
    "lifespan",
    "host",
    "port",
    "before",
)


def check(contract: Raw, spot: Spot) -> None:
    """Note every disagreement between the tables of a contract, which stands at `spot`."""
    declared = raw.table(contract.get("services")).items()
    services = {name: prepared(name, raw.table(value)) for name, value in declared}
    _check_references(spot.reading)
    everywhere = [(at, reference, ()) for at, reference in spot.reading.templates]
    _check_templates([*everywhere, *usage.templates(contract, spot)], services)
    _check_shared(spot / "services", services)
    _check_containers(services, spot / "services")
    for name, service in services.items():
        _check_service(service, spot / "services" / name)
    _check_launch(raw.table(contract.get("launch")), spot / "launch")
    health = raw.table(contract.get("health"))
    _check_readiness(raw.table(health.get("readiness")), spot / "health" / "readiness")
    sequence.check(contract, spot)
    parts.check(contract, spot)
    usage.check(contract, spot, services)
    turns.check(contract, spot)
    websocket.check(contract, spot)
    connected.check(contract, spot)
    reconnect.check(contract, spot)


def _check_references(reading: Reading) -> None:
    for spot, name, sorts in reading.referred:
        names = reading.names(*sorts)
        if name not in names:
            wanted, near = " or ".join(sorts), nearest_of(name, names)
            problem = f"must be the name of a {wanted}; declared: {listed(names)}"
            fix = "" if near else f"declare a {wanted} of this name, or name another one"
            spot.wrong(problem, value=name, nearest=near, fix=fix)
    for spot, place in reading.begun:
        names = reading.names("component")
        if place.name not in names:
            near = nearest_of(place.name, names)
            problem = f"begins with {place.name}, which is no component; declared: {listed(names)}"
            fix = f"begin it with {near}" if near else "declare the component, or begin it with app or lifespan"
            spot.wrong(problem, value=place.text, nearest=near, fix=fix)


def _check_templates(templates: Iterable[usage.Scoped], services: Mapping[str, Raw]) -> None:
    known = {name: fields_of(_protocol(name, service)) for name, service in services.items()}
    allowed = [
        *BARE,
        f"{SECRET}.NAME",
        *(f"{name}.{each}" for name, parts in known.items() for each in parts),
    ]
    for spot, reference, captured in templates:
        if not (_stands_for_something(reference, known) or (not reference.name and reference.owner in captured)):
            near = _braced(nearest_of(str(reference)[1:-1].partition(":")[0], [*allowed, *captured]))
            problem = f"is not a template; allowed: {listed(map(_braced, [*allowed, *captured]))}"
            fix = f"write {near}" if near else f"declare the service, or {LITERAL}"
            spot.wrong(problem, value=str(reference), nearest=near, fix=fix)


def _check_shared(spot: Spot, services: Mapping[str, Raw]) -> None:
    """Note what a peer is told that differs from one boot to the next: it is started once for several of them."""
    apps = {(spot / name / "env").path for name, service in services.items() if service.get("kind") == APP}
    differs = {"port", *services}
    for each, reference in spot.reading.templates:
        if each.path[:-1] in apps and reference.owner in differs:
            same = listed(map(_braced, [f"{SECRET}.NAME", "root", "python", "host"]))
            problem = f"means something else in each boot, and the peer is started once for several; allowed: {same}"
            each.wrong(problem, value=str(reference), fix="give the peer a service of its own, in its own contract")


def _stands_for_something(reference: Reference, known: Mapping[str, Iterable[str]]) -> bool:
    if not reference.name:
        return reference.owner in BARE
    return reference.owner == SECRET or reference.name in known.get(reference.owner, ())


def _braced(text: str) -> str:
    return f"{{{text}}}" if text else ""


def _protocol(name: str, service: Raw) -> str:
    kind = service.get("kind")
    return name if kind == "unavailable" else str(kind)


def _check_service(service: Raw, spot: Spot) -> None:
    kind = service.get("kind")
    for name, only in _ONLY:
        if name in service and kind != only:
            (spot / name).wrong(f"is only for services of the kind {only}", fix="remove it")
    if kind == APP and "contract" not in service:
        fix = 'write contract = "../peer/startup.toml"'
        (spot / "contract").wrong("is missing; must be a path", fix=fix)
    if kind == "unavailable" and "canary" in service:
        (spot / "canary").wrong("cannot be: nobody listens at an unavailable service", fix="remove it")
    if kind == "unavailable" and "pool" in service:
        (spot / "pool").wrong("cannot be: nobody listens at an unavailable service", fix="remove it")
    schema = raw.table(service.get("schema"))
    if "newer_outcome" in schema and "newer" not in schema:
        (spot / "schema" / "newer_outcome").wrong("belongs to newer, which is not there", fix="remove it")
    pool = raw.table(service.get("pool"))
    size, most = pool.get("size"), pool.get("most")
    if isinstance(size, int) and isinstance(most, int) and most < size:
        (spot / "pool" / "most").wrong(f"is less than the size ({size})", value=most, fix=f"write most = {size}")
    if kind == "unavailable" and service.get("required") is True:
        problem = "cannot be: nobody listens at an unavailable service, so no boot could succeed"
        (spot / "required").wrong(problem, value=True, fix="write required = false")


def _check_containers(services: Mapping[str, Raw], spot: Spot) -> None:
    """Note where a container cannot be, and where two are asked for, of which a run has only one."""
    first: dict[object, str] = {}
    for name, service in services.items():
        kind, here = service.get("kind"), spot / name / "container"
        if "container" not in service:
            continue
        if kind not in containers.KINDS:
            here.wrong(f"is only for services of the kind {listed(containers.KINDS)}", fix="remove it")
        elif kind in first and service["container"] != raw.table(services[first[kind]])["container"]:
            problem = f"differs from that of {first[kind]}: all services of the kind {kind} share one server"
            here.wrong(problem, fix=f"say it for {first[kind]} alone")
        first.setdefault(kind, name)


def _check_launch(launch: Raw, spot: Spot) -> None:
    if "url" in launch:
        for name in _SPAWNED:
            if name in launch:
                (spot / name).wrong("has no effect with url, since nothing is spawned", fix="remove it")
    if "command" in launch:
        _check_command(launch, spot)


def _check_command(launch: Raw, spot: Spot) -> None:
    if "lifespan" in launch:
        (spot / "lifespan").wrong("has no effect with command, which starts its own server", fix="remove it")
    words = raw.texts(launch.get("command"))
    told = [*words, *raw.table(launch.get("env")).values()]
    if any(words) and launch.get("port", 0) == 0 and not any("{port}" in str(text) for text in told):
        fix = "write {port} where the command takes its port, or give launch.port the one that it has"
        (spot / "command").wrong("is not told on which port to listen: {port} is nowhere", fix=fix)


def _check_readiness(readiness: Raw, spot: Spot) -> None:
    status = readiness.get("status", 200)
    for index, each in raw.items(readiness.get("not_ready_status")):
        if each == status and not readiness.get("not_ready_fields"):
            problem = 'is also the status when all is well, so it cannot say "not yet"'
            fix = "remove it, or say in not_ready_fields how the body tells"
            (spot / "not_ready_status" / index).wrong(problem, value=each, fix=fix)
