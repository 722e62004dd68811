"""Which templates may stand where a contract says how an application is used: what has been captured by then.

It looks at the raw tables, as `agreement` does.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping

from pytest_startup.contract import connected, guarding, minting, raw, reconnect, spoofing, turns
from pytest_startup.contract.actions import KINDS, LISTENS, METHODS
from pytest_startup.contract.captures import source_of
from pytest_startup.contract.conversions import NONCE, RECIPIENT, WALKED, texts_of
from pytest_startup.contract.places import Place, PlaceError
from pytest_startup.contract.placing import texts_in
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot, listed
from pytest_startup.contract.socket_steps import CONNECT, ENDS, USES
from pytest_startup.contract.sockets import check_client
from pytest_startup.contract.templates import Reference, TemplateError, references

WITHOUT = ("capture", "status", "max_seconds", "service", "on", "algorithm", "key_file")
"""Keys of a step in which no template stands."""

Scoped = tuple[Spot, Reference, tuple[str, ...]]
"""Where a template stands, what it is, and the names which are known there besides those known everywhere."""


def templates(contract: Raw, spot: Spot) -> Iterator[Scoped]:
    """Yield every template of journeys, deliveries, chat, socket and traffic, with the names which are known there."""
    left_behind: dict[str, tuple[str, ...]] = {}
    chat = raw.table(contract.get("chat"))
    for index, each in raw.items(contract.get("journeys")):
        journey, here = raw.table(each), spot / "journeys" / index
        left_behind[str(journey.get("name"))] = yield from _steps(journey.get("steps"), here / "steps", chat)
        disturbance = raw.table(journey.get("disturbance"))
        yield from _steps(disturbance.get("steps"), here / "disturbance" / "steps", chat)
    for index, each in raw.items(contract.get("deliveries")):
        delivery = raw.table(each)
        journey_name = str(delivery.get("journey"))
        if journey_name in left_behind:  # else that is the mistake
            yield from _delivery(delivery, spot / "deliveries" / index, (*WALKED, *left_behind[journey_name]))
    if str(chat.get("journey")) in left_behind:  # else that is the mistake
        known = (*WALKED, *left_behind[str(chat["journey"])])
        greeted = (*known, *raw.table(chat.get("capture")))
        for name in turns.TEMPLATED:
            there = greeted if name in turns.GREETED else known
            yield from _within(chat.get(name), spot / "chat" / name, there)
    yield from _of_sockets(contract, spot, left_behind)
    yield from _of_requests(contract, spot, left_behind)


def _of_sockets(contract: Raw, spot: Spot, left_behind: Mapping[str, tuple[str, ...]]) -> Iterator[Scoped]:
    socket, chat = raw.table(contract.get("websocket")), raw.table(contract.get("chat"))
    connects = left_behind.get(str(socket.get("journey", chat.get("journey"))))
    if connects is not None:  # else that is the mistake
        for name, value in socket.items():
            if name not in (*connected.OWN, *reconnect.TABLES, "bad"):  # the last is sent as it is
                yield from _within(value, spot / "websocket" / name, (*WALKED, *connects))
        for value, here, more, placed in reconnect.templated(socket, spot / "websocket"):
            yield from (_in_place if placed else _within)(value, here, (*WALKED, *connects, *more))
    for value, here, journey, called in connected.templated(contract, spot):
        known = connected.captured(journey, left_behind)
        if known is not None:  # else that is the mistake
            yield from (_in_place if called else _within)(
                value, here, (*WALKED, *known) if journey is not None else (NONCE,)
            )


def _of_requests(contract: Raw, spot: Spot, left_behind: Mapping[str, tuple[str, ...]]) -> Iterator[Scoped]:
    traffic = raw.table(contract.get("traffic"))
    walked = left_behind.get(str(traffic["journey"])) if "journey" in traffic else ()
    if walked is not None:  # else that is the mistake
        known = (*WALKED, *walked) if "journey" in traffic else ()
        yield from _within(traffic.get("headers"), spot / "traffic" / "headers", known)
    for value, here, made, own in guarding.templated(contract, spot):
        found = left_behind.get(made) if made is not None else ()
        if found is not None:  # else that is the mistake
            yield from _within(value, here, (*WALKED, *found) if made is not None else own)


def check(contract: Raw, spot: Spot, services: Mapping[str, Raw]) -> None:
    """Note what is missing, or one too many, in journeys and deliveries; `services` are complete with their kinds."""
    for index, each in raw.items(contract.get("journeys")):
        here = spot / "journeys" / index
        disturbance = raw.table(raw.table(each).get("disturbance"))
        _check_steps(raw.table(each).get("steps"), here / "steps", services)
        _check_steps(disturbance.get("steps"), here / "disturbance" / "steps", services)
    for index, each in raw.items(contract.get("deliveries")):
        _check_recipients(raw.table(each), spot / "deliveries" / index)
    captured = _captured(contract)
    guarding.check(contract, spot, captured)
    spoofing.check(contract, spot, captured)
    spoof = raw.table(raw.table(contract.get("websocket")).get("spoof"))
    _check_service(spoof, spot / "websocket" / "spoof", services)


def _captured(contract: Raw) -> dict[str, tuple[str, ...]]:
    """Return journey -> the names which it leaves behind."""
    found: dict[str, tuple[str, ...]] = {}
    for _, each in raw.items(contract.get("journeys")):
        steps = [raw.table(step) for _, step in raw.items(raw.table(each).get("steps"))]
        found[str(raw.table(each).get("name"))] = tuple(
            name for step in steps for name in raw.table(step.get("capture"))
        )
    return found


def _check_steps(steps: object, spot: Spot, services: Mapping[str, Raw]) -> None:
    listens, sockets = False, dict[str, bool]()
    for index, each in raw.items(steps):
        step, here = raw.table(each), spot / index
        _check_socket(step, here, sockets)
        _check_captures(step, here / "capture")
        minting.check(step, here)
        if {"json", "form"} <= set(step):
            (here / "form").wrong("cannot be beside json: a request has one body", fix="keep one of them")
        if step.get("nothing") is True and "gives" in step:
            (here / "nothing").wrong("cannot be beside gives: it is the one or the other", fix="keep one of them")
        _check_service(step, here, services)
        words = raw.texts(step.get("redis"))
        listens = listens or (bool(words) and words[0].upper() in LISTENS)
        if "hears" in step and not listens:
            fix = f'write {{ redis = ["SUBSCRIBE", "{step["hears"]}"] }} as a step before it'
            (here / "hears").wrong("hears nothing: no step before it subscribes", fix=fix)


def _check_socket(step: Raw, spot: Spot, sockets: dict[str, bool]) -> None:
    """Note what is done with a socket that is not open by then; `sockets` is which have been opened, and still are."""
    name = str(step.get("on", ""))
    if CONNECT in step:
        check_client(step, spot)
    if CONNECT in step and "refused" not in step:
        if sockets.get(name):
            fix = 'give one of them a name: on = "other"'
            (spot / CONNECT).wrong("opens a socket which is open already, by a step before it", fix=fix)
        sockets[name] = True
    for lead in USES:
        if lead in step and not sockets.get(name):
            there = "no step before it has opened" if name not in sockets else "is not open any more by then"
            known = listed(each or "the one without a name" for each, is_open in sockets.items() if is_open)
            named = f', on = "{name}"' if name else ""
            fix = f'write {{ connect = "/ws"{named} }} as a step before it'
            (spot / lead).wrong(f"is done on a socket which {there}; open: {known}", fix=fix)
        if lead in step and lead in ENDS and name in sockets:
            sockets[name] = False


def _check_captures(step: Raw, spot: Spot) -> None:
    """Note what is taken from a page or its head where there is none."""
    if any(method in step for method in METHODS):
        return
    for name, path in raw.table(step.get("capture")).items():
        source, _ = source_of(str(path))
        if source:
            problem = f"is taken from a {source}, which only the answer to a request has"
            (spot / name).wrong(problem, value=path, fix="take it in the step which makes the request")


def _check_service(step: Raw, spot: Spot, services: Mapping[str, Raw]) -> None:
    """Note when it is not clear which service a step asks."""
    for lead, kind in KINDS.items():
        if lead not in step:
            continue
        there = [name for name, service in services.items() if service.get("kind") == kind]
        named = step.get("service")
        if named is None and len(there) != 1:
            problem = f"needs a service of the kind {kind}; declared: {listed(there)}"
            fix = f'write service = "{there[0]}"' if there else f"declare [services.{kind}]"
            (spot / lead).wrong(problem, fix=fix)
        elif named in services and named not in there:
            problem = (
                f"is of the kind {services[str(named)].get('kind')}, and {lead} needs {kind}; there is {listed(there)}"
            )
            (spot / "service").wrong(problem, value=named, fix="name another one")


def _check_recipients(delivery: Raw, spot: Spot) -> None:
    template = f"{{{RECIPIENT}}}"
    addressed = template in str(delivery.get("put"))
    if addressed and "recipient" not in delivery:
        problem = f"is missing; {template} stands in put"
        (spot / "recipient").wrong(problem, fix='write recipient = "{NAME}", as the journey captured it')
    for name in ("synthetic", "undeliverable"):
        if name in delivery and not addressed:
            problem = f"needs {template} in put, where somebody who is not there can be written"
            (spot / name).wrong(problem, fix=f"write {template} in put, and say in recipient what it is")
    if "synthetic" in delivery and "undeliverable" not in delivery:
        problem = "is missing; synthetic needs the line which the log must not have for these recipients"
        (spot / "undeliverable").wrong(problem, fix='write undeliverable = "text of the line"')


def _steps(steps: object, spot: Spot, chat: Raw) -> Generator[Scoped, None, tuple[str, ...]]:
    """Yield the templates of steps; return the names which they leave behind."""
    known: tuple[str, ...] = WALKED
    for index, each in raw.items(steps):
        step = raw.table(each)
        for name in step:
            if name == "call":
                yield from _in_place(step[name], spot / index / name, known)
            elif name not in WITHOUT:
                more = raw.table(chat.get("capture")) if name == "turn" else ()
                yield from _within(step[name], spot / index / name, (*known, *more))
            if name == "turn":
                greeted = (*known, *raw.table(chat.get("capture")))
                yield from _within(chat.get("socket"), spot / index / name, known)
                yield from _within([chat.get(each) for each in turns.GREETED], spot / index / name, greeted)
        known = (*known, *raw.table(step.get("capture")))
    return known[len(WALKED) :]


def _delivery(delivery: Raw, spot: Spot, known: tuple[str, ...]) -> Iterator[Scoped]:
    yield from _within(delivery.get("socket"), spot / "socket", known)
    yield from _within(delivery.get("recipient"), spot / "recipient", known)
    yield from _in_place(delivery.get("put"), spot / "put", (*known, RECIPIENT))


def _in_place(value: object, spot: Spot, known: tuple[str, ...]) -> Iterator[Scoped]:
    """Yield the templates in the texts which a place hands to calls."""
    try:
        place = Place.parse(str(value))
    except PlaceError:
        return
    yield from _within(list(texts_in(place)), spot, known)


def _within(value: object, spot: Spot, known: tuple[str, ...]) -> Iterator[Scoped]:
    """Yield the templates in every text within a value."""
    for text in texts_of(value):  # type: ignore[arg-type]  # anything that TOML has; what is no text is passed over
        try:
            yield from ((spot, reference, known) for reference in list(references(text)))
        except TemplateError:
            continue  # noted where the text was read
