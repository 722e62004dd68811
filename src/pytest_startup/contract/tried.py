"""What is tried with an application that is up: readable id and subject of each test, as a contract declares them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_startup.contract.failing import WAYS
from pytest_startup.contract.model import Contract
from pytest_startup.contract.security import VARIANTS

Named = Iterator[tuple[str, str]]


def tokens(contract: Contract) -> Named:
    """Yield `token:variant` of tokens which requests are made with."""
    return _each((token.name for token in contract.tokens if token.requests), VARIANTS)


def socket_tokens(contract: Contract) -> Named:
    """Yield `token:variant` of tokens which a socket is opened with."""
    return _each((token.name for token in contract.tokens if token.socket is not None), VARIANTS)


def limits(contract: Contract) -> Named:
    """Yield the limits."""
    return ((limit.name, limit.name) for limit in contract.limits)


def cors(contract: Contract) -> Named:
    """Yield the rules for origins."""
    return ((rules.name, rules.name) for rules in contract.cors)


def socket_cors(contract: Contract) -> Named:
    """Yield the rules for origins which hold for a socket."""
    return ((rules.name, rules.name) for rules in contract.cors if rules.socket is not None)


def profiled(contract: Contract) -> Named:
    """Yield `profile:service`, for each service of which the profile says what its absence means."""
    for profile in contract.profiles:
        yield from _each([profile.name], profile.absent)


def models(contract: Contract) -> Named:
    """Yield `service:way`, for each language model of which is said what its failure comes to."""
    return _each((each.name for each in contract.services_of("llm") if each.failure is not None), WAYS)


def _each(names: Iterable[str], others: Iterable[str]) -> Named:
    return ((f"{name}-{other}", f"{name}:{other}") for name in names for other in others)
