"""What is tried with an application that is up: readable id and subject of each test, as a contract declares them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_startup.contract.failing import WAYS
from pytest_startup.contract.limiting import Spoken
from pytest_startup.contract.model import Contract
from pytest_startup.contract.security import LOOKALIKE, UNDERSCOPED, VARIANTS, Instead, Token

Named = Iterator[tuple[str, str]]


def tokens(contract: Contract) -> Named:
    """Yield `token:variant` of tokens which requests are made with."""
    for token in contract.tokens:
        yield from _each([token.name], (*(VARIANTS if token.requests else ()), *_scoped(token, needed=token.scoped)))


def socket_tokens(contract: Contract) -> Named:
    """Yield `token:variant` of tokens which a socket is opened with."""
    for token in contract.tokens:
        if token.socket is not None:
            yield from _each([token.name], (*VARIANTS, *_scoped(token, needed=token.socket_scoped)))


def _scoped(token: Token, *, needed: object) -> tuple[str, ...]:
    """Return the variants of a token that say too little, where something needs what they do not say."""
    if token.scope is None or not needed:
        return ()
    return (UNDERSCOPED,) if isinstance(token.scope.change, Instead) else (UNDERSCOPED, LOOKALIKE)


def warm_tokens(contract: Contract) -> Named:
    """Yield the tokens whose first use needs nothing of some service."""
    return ((token.name, token.name) for token in contract.tokens if token.warm is not None)


def limits(contract: Contract) -> Named:
    """Yield the limits of requests."""
    return ((limit.name, limit.name) for limit in contract.limits if not isinstance(limit.way, Spoken))


def message_limits(contract: Contract) -> Named:
    """Yield the limits of what is said over a socket."""
    return ((limit.name, limit.name) for limit in contract.limits if isinstance(limit.way, Spoken))


def tier_limits(contract: Contract) -> Named:
    """Yield the limits of a tier."""
    return ((limit.name, limit.name) for limit in contract.limits if limit.tier is not None)


def headers(contract: Contract) -> Named:
    """Yield the rules for headers of answers."""
    return ((rules.name, rules.name) for rules in contract.headers)


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
