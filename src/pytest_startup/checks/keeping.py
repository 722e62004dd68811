"""What is kept for a user who is away: no more than declared, the right part of it (W20), until confirmed (W24)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pytest_startup.contract.buffering import Buffer
from pytest_startup.contract.model import Contract
from pytest_startup.contract.values import Url
from pytest_startup.events.returning import RETURNING, BufferOverflowed, ReturnConfirmed, ReturnFailed
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

SHOWN = 6
"""Numbers of messages which are shown."""


def bounded(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that of too many messages as many come as are kept, the right ones, in order; and all of another's."""
    buffer, flooded = _buffer(contract), trace.first(BufferOverflowed, flooded=True)
    if buffer is None or flooded is None:
        return _why_none(trace, contract, "buffer", declared=buffer is not None)
    if not flooded.put:
        return NotCovered(f"no message could be put in: it raised {', '.join(flooded.refused)}")
    other = trace.first(BufferOverflowed, flooded=False)
    flooded = replace(flooded, came=_counted(flooded.came, contract))
    return [*_flooded(flooded, buffer), *(_other(other, contract) if other is not None else ())]


def _flooded(event: BufferOverflowed, buffer: Buffer) -> Iterator[Finding]:
    plain = [each for each in event.put if each not in event.high]
    room = max(0, buffer.size - len([each for each in event.high if each in event.came]))
    wanted = plain if len(plain) <= room else plain[-room:] if buffer.keeps == "newest" else plain[:room]
    came = [each for each in event.came if each not in event.high]
    put, rest = f"of {len(event.put)} messages to a user who is away", f"the {buffer.keeps} {len(wanted)}"
    if len(event.came) > buffer.size:
        yield _finding(f"{put} at most {buffer.size} come", f"{len(event.came)} came", event)
    elif sorted(set(came)) != wanted:
        missing = [each for each in wanted if each not in came]
        wrong = f"{_listed(missing)} did not come" if missing else f"{_listed(sorted(set(came) - set(wanted)))} came"
        yield _finding(f"{put} {rest} come (without priority)", wrong, event)
    elif len(set(event.came)) < len(event.came):
        yield _finding(f"{put} each comes once", f"{len(event.came) - len(set(event.came))} came again", event)
    elif came != wanted:
        yield _finding(f"{put} {rest} come in their order", f"{_listed(came)} came, in this order", event)


def _other(event: BufferOverflowed, contract: Contract) -> Iterator[Finding]:
    if _counted(event.came, contract) != event.put:
        expected = f"another user gets all {len(event.put)} messages, whatever is sent to the first one"
        yield _finding(expected, f"{_listed(event.came)} came", event)


def prefers(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that no message of high priority is dropped while there are others to drop, and that these keep order."""
    buffer, flooded = _buffer(contract), trace.first(BufferOverflowed, flooded=True)
    if buffer is None or flooded is None:
        return _why_none(trace, contract, "buffer", declared=buffer is not None)
    if not flooded.high:
        return NotCovered("no message of high priority could be put in")
    came = [each for each in flooded.came if each in flooded.high]
    missing = [each for each in flooded.high if each not in came]
    expected = f"all {len(flooded.high)} messages of high priority come, in their order"
    if missing:
        return [_finding(expected, f"{_listed(missing)} did not come", flooded)]
    return [] if came == sorted(came) else [_finding(expected, f"{_listed(came)} came, in this order", flooded)]


def tells(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that who lost messages is told so, and nobody else."""
    buffer, flooded = _buffer(contract), trace.first(BufferOverflowed, flooded=True)
    if buffer is None or flooded is None:
        return _why_none(trace, contract, "buffer", declared=buffer is not None)
    if buffer.told is None:
        return NotCovered("the contract does not say how a user is told of what was lost (websocket.buffer.told)")
    if set(flooded.put) <= set(flooded.came):
        return NotCovered("nothing was lost")
    other = trace.first(BufferOverflowed, flooded=False)
    if not flooded.told:
        lost = len(set(flooded.put) - set(flooded.came))
        return [_finding(f"a user is told that {lost} messages were lost", "no frame says so", flooded)]
    if other is not None and other.told:
        expected = "a user who lost nothing is told of no loss"
        return [_finding(expected, f"{other.told} frames say so", other)]
    return []


def _finding(expected: str, observed: str, event: BufferOverflowed) -> Finding:
    return Finding(
        subject="websocket.buffer",
        expected=expected,
        observed=observed,
        at=event.at,
        look_at="what drops messages when the buffer of a user is full",
        on_purpose="websocket.buffer says how many are kept (size), and which (keeps)",
    )


# -- confirmed or not -----------------------------------------------------------------------------------------------


def again(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that a message comes once at first, and once at each return until its own user has confirmed it (W24)."""
    rounds = trace.all(ReturnConfirmed)
    if not _confirms(contract) or not any(each.open for each in rounds):
        return _why_none(trace, contract, "confirm", declared=_confirms(contract))
    return [found for each in rounds for found in _again(replace(each, came=_counted(each.came, contract)))][:1]


def _again(event: ReturnConfirmed) -> Iterator[Finding]:
    missing = [each for each in event.open if each not in event.came]
    twice = [each for each in event.open if event.came.count(each) > 1]
    order = [each for each in event.came if each in event.open]
    when = "at first" if event.round == 0 else f"at the return number {event.round}"
    expected = f"{_listed(event.open)}, which {event.user} user has not confirmed, comes once {when}"
    if missing:
        yield _confirmation(expected, f"{_listed(missing)} did not come", event)
    elif twice:
        yield _confirmation(expected, f"{_listed(twice)} came {event.came.count(twice[0])} times", event)
    elif order != sorted(order):
        yield _confirmation(f"{expected}, in this order", f"{_listed(order)} came, in this order", event)


def no_more(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that a message never comes again once its user has confirmed it (W24)."""
    rounds = trace.all(ReturnConfirmed)
    if not _confirms(contract) or not rounds:
        return _why_none(trace, contract, "confirm", declared=_confirms(contract))
    after = [each for each in rounds if each.confirmed]
    if not after:
        return NotCovered("no message could be confirmed: none came with an id (websocket.confirm.id)")
    found = [(each, came) for each in after if (came := [n for n in each.came if n in each.confirmed])]
    return [
        _confirmation(
            f"{_listed(each.confirmed)}, which {each.user} user has confirmed, never comes again",
            f"{_listed(came)} came at the return number {each.round}",
            each,
        )
        for each, came in found[:1]
    ]


def _confirmation(expected: str, observed: str, event: ReturnConfirmed) -> Finding:
    return Finding(
        subject="websocket.confirm",
        expected=expected,
        observed=observed,
        at=event.at,
        look_at="what remembers which messages are confirmed: by which user, up to which id",
        on_purpose="websocket.confirm says what a confirmation is",
    )


# -- what both have in common ---------------------------------------------------------------------------------------


def _counted(came: tuple[int, ...], contract: Contract) -> tuple[int, ...]:
    """Return what counts of the messages which came: the first of each, where they may come again."""
    reconnect = contract.websocket.reconnect if contract.websocket is not None else None
    again = reconnect is not None and reconnect.replay == "at-least-once"
    return tuple(dict.fromkeys(came)) if again else came


def _listed(numbers: Sequence[int]) -> str:
    """Return messages by their numbers, as many as can be shown."""
    shown = ", ".join(map(str, numbers[:SHOWN])) + (f" and {len(numbers) - SHOWN} more" if numbers[SHOWN:] else "")
    return f"message {shown}" if numbers else "none"


def _buffer(contract: Contract) -> Buffer | None:
    return None if contract.websocket is None or isinstance(contract.launch.app, Url) else contract.websocket.buffer


def _confirms(contract: Contract) -> bool:
    return contract.websocket is not None and contract.websocket.confirm is not None


def _why_none(trace: Trace, contract: Contract, part: str, *, declared: bool) -> NotCovered:
    if isinstance(contract.launch.app, Url):
        return NotCovered("it is up already, and for others as well")
    if not declared:
        return NotCovered(f"the contract has no [websocket.{part}]")
    failed = trace.first(ReturnFailed, part=part)
    if failed is not None:
        return NotCovered(f"{failed.user}: {failed.problem}")
    return NotCovered(trace.why_untried(RETURNING, "nobody came back in this boot"))
