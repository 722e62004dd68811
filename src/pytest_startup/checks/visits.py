"""Why something was not tried with sockets, and what becomes of one that is no clean end: what several checks ask."""

from __future__ import annotations

from pytest_startup.events.sockets import SOCKETS, SOCKETS_WALKER, Part, PartNotTried
from pytest_startup.events.used import JourneyStepped
from pytest_startup.trace import Trace

UNCLEAN = ("1006", "1011")
"""A connection that ends without a close frame (1006), and the server's own failure (RFC 6455, 7.4.1)."""


def untried(trace: Trace, part: Part) -> str:
    """Return why there is nothing to judge of a part of this exercise."""
    failed = [each for each in trace.all(JourneyStepped) if each.walker.startswith(SOCKETS_WALKER) and each.problem]
    if failed:
        return f"the journey of {failed[0].walker} failed: {failed[0].request}: {failed[0].problem}"
    noted = trace.first(PartNotTried, part=part) or trace.first(PartNotTried, part="gathering")
    if noted is not None:
        return noted.reason
    return trace.why_untried(SOCKETS, "no sockets were tried in this boot")


def unclean(ended: str) -> bool:
    """Whether a socket ended as none must that had only been sent something odd."""
    how, _, code = ended.partition(" ")
    return bool(ended) and (how != "closed" or code in UNCLEAN)
