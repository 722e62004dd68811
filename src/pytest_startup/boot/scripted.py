"""The sockets of one walk: opened by one of its steps, used by the later ones, closed at its end."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_startup.boot.awaited import Awaited, Came, told
from pytest_startup.boot.outgoing import (
    Awaiting,
    Ending,
    Given,
    Leaving,
    OnSocket,
    Opening,
    Quietness,
    Saying,
)
from pytest_startup.boot.requests import silence
from pytest_startup.boot.sockets import GONE, Closed, Denied, Socket, connect
from pytest_startup.chat.frames import text_of
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.socket_steps import RESET


@dataclass(frozen=True, slots=True)
class _Open:
    """A socket, and what may come on it at any time."""

    socket: Socket
    ignored: tuple[JsonValue, ...]


@dataclass(slots=True)
class Sockets:
    """The sockets of one walk, by their names."""

    _open: dict[str, _Open] = field(default_factory=dict)

    def close(self) -> None:
        """Close all of them."""
        for each in self._open.values():
            each.socket.close()
        self._open.clear()

    def do(self, errand: OnSocket, limit: Deadline) -> Given:  # noqa: PLR0911 (one for each kind)
        """Do what a walk wants done with a socket, by `limit`."""
        if isinstance(errand, Opening):
            return self._connect(errand, limit)
        there = self._open.get(errand.name)
        if there is None:
            return Given(failed="no step before it has opened this socket")
        match errand:
            case Saying():
                return _say(there, errand, limit)
            case Awaiting():
                return _receive(there, errand, limit)
            case Quietness():
                return _quiet(there, errand, limit)
            case Ending():
                return self._closes(there, errand, limit)
            case Leaving():
                return self._leave(there, errand)

    def _connect(self, errand: Opening, limit: Deadline) -> Given:
        try:
            opened = connect(errand.upgrade, limit)
        except Denied as error:
            return _refused(errand, error.status, str(error))
        except Closed as error:  # before the first frame could be sent
            return _refused(errand, error.code, str(error))
        except (OSError, ValueError, EOFError) as error:
            return Given(failed=f"no socket: {silence(error)}")
        if errand.refused:
            with opened:
                return _until_refused(opened, errand, limit)
        self._open[errand.name] = _Open(opened, errand.ignored)
        return Given({"subprotocol": opened.subprotocol})

    def _closes(self, there: _Open, errand: Ending, limit: Deadline) -> Given:
        came, end, code = _to_the_end(there.socket, limit)
        wanted = f"closed {' or '.join(map(str, errand.codes))} was expected"
        if code is None:
            return Given([each.value for each in came], failed=f"{wanted}, not {told(came, end)}")
        self._open.pop(errand.name).socket.close()
        return Given(code) if code in errand.codes else Given(failed=f"{wanted}, not {end}")

    def _leave(self, there: _Open, errand: Leaving) -> Given:
        del self._open[errand.name]
        if errand.code == RESET:
            there.socket.reset()
        else:
            there.socket.close(errand.code)
        return Given()


def _say(there: _Open, errand: Saying, limit: Deadline) -> Given:
    try:
        for frame in errand.frames:
            there.socket.send(frame, limit)
    except (OSError, EOFError, ValueError) as error:
        return Given(failed=f"it could not be sent: {silence(error)}")
    return Given()


def _receive(there: _Open, errand: Awaiting, limit: Deadline) -> Given:
    awaited, began, end = Awaited(errand.wanted, there.ignored, errand.next), now(), ""
    try:
        while not awaited.over:
            awaited.feed(there.socket.receive(limit), now() - began)
    except TimeoutError:
        end = f"nothing more within {errand.seconds:g} s" if awaited.others else f"nothing within {errand.seconds:g} s"
    except (OSError, EOFError) as error:
        end = silence(error)
    if awaited.complete:
        return Given(awaited.value)
    return Given([each.value for each in awaited.others], failed=awaited.missing(end))


def _quiet(there: _Open, errand: Quietness, limit: Deadline) -> Given:
    awaited, began = Awaited((), there.ignored), now()
    until = limit.within(errand.quiet)
    wanted = f"nothing was expected for {errand.quiet:g} s"
    try:
        while not awaited.others:
            awaited.feed(there.socket.receive(until), now() - began)
    except TimeoutError:
        return Given(failed="" if now() - began >= errand.quiet else "there was no time left to listen")
    except (OSError, EOFError) as error:
        return Given(failed=f"{wanted}, not {silence(error)} after {now() - began:.2f} s")
    return Given([each.value for each in awaited.others], failed=f"{wanted}, not {told(awaited.others, '')}")


def _refused(errand: Opening, code: int, said: str) -> Given:
    if code in errand.refused:
        return Given(code)
    if not errand.refused:
        return Given(failed=f"a socket was expected, not {said}")
    return Given(failed=f"{_wanted(errand)}, not {said}")


def _until_refused(opened: Socket, errand: Opening, limit: Deadline) -> Given:
    """Wait until whoever was let in is told to go."""
    came, end, code = _to_the_end(opened, limit)
    if code is not None:
        return _refused(errand, code, end)
    instead = told(came, "no end of it")
    return Given([each.value for each in came], failed=f"{_wanted(errand)}, not a socket, and on it {instead}")


def _wanted(errand: Opening) -> str:
    return f"to be refused by {' or '.join(map(str, errand.refused))} was expected"


def _to_the_end(opened: Socket, limit: Deadline) -> tuple[list[Came], str, int | None]:
    """Return what came before a socket was closed, how that reads, and the code; None when it stayed open."""
    came, began = list[Came](), now()
    try:
        while True:
            came.append(Came(text_of(opened.receive(limit)), now() - began))
    except TimeoutError:
        return came, f"nothing more within {now() - began:.1f} s", None
    except Closed as error:
        return came, str(error), error.code
    except (OSError, EOFError) as error:
        return came, silence(error), GONE
