"""Claims that say less than those of a good token: without a scope, or with one that only looks like it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from pytest_startup.contract.security import Scope, Without

Changed = tuple[dict[str, Any], str]
"""The claims; and why there are none, if there are none."""


def underscoped(claims: Mapping[str, Any], scope: Scope) -> Changed:
    """Return claims without the scope, or with the other value; whatever else they say stays."""
    change = scope.change
    if isinstance(change, Without):
        return _changed(claims, scope.claim, lambda value: _replaced(value, change.scope, []))
    if look(claims, scope.claim) == change.value:
        return {}, f"its tokens say {change.value} in {scope.claim} already"
    return _changed(claims, scope.claim, lambda _: change.value)


def lookalike(claims: Mapping[str, Any], scope: Scope) -> Changed:
    """Return claims with a scope in the place of the right one, which has its name within: no name is a part of it."""
    assert isinstance(scope.change, Without)  # noqa: S101 - there is no other for anything else
    wanted, salt = scope.change.scope, secrets.token_hex(2)
    return _changed(claims, scope.claim, lambda value: _replaced(value, wanted, [f"x{salt}{wanted}{salt}x"]))


def look(claims: Any, path: str) -> Any:  # noqa: ANN401 (JSON)
    """Return the claim of this name, or at this dotted path; None where there is none."""
    if not isinstance(claims, Mapping):
        return None
    if path in claims:
        return claims[path]
    first, _, rest = path.partition(".")
    return look(claims.get(first), rest) if rest else None


def _changed(claims: Mapping[str, Any], path: str, change: Callable[[Any], Any]) -> Changed:
    value = look(claims, path)
    if value is None:
        return {}, f"its tokens have no {path}"
    other = change(value)
    if other is None:
        return {}, f"its tokens say in {path} nothing that could be taken away"
    return _put(claims, path, other), ""


def _put(claims: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
    if path in claims:
        return {**claims, path: value}
    first, _, rest = path.partition(".")
    return {**claims, first: _put(claims[first], rest, value)}


def _replaced(value: Any, scope: str, others: list[str]) -> Any:  # noqa: ANN401 (JSON)
    """Return scopes with others in the place of one of them; None where it is not among them."""
    scopes = value.split() if isinstance(value, str) else value
    if not isinstance(scopes, list) or scope not in scopes:
        return None
    left = [each for each in scopes if each != scope] + others
    return " ".join(left) if isinstance(value, str) else left
