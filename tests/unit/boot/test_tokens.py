"""What is made of a token: read by a library of tokens."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from pytest_startup.boot.tokens import OPAQUE, UNKNOWN_KEY, Made, variants
from pytest_startup.contract.security import VARIANTS, Instead, Scope, Without

KEY = "k" * 32
NOW = 1_800_000_000.0
CLAIMS: dict[str, Any] = {"sub": "anna", "aud": "chat", "iat": NOW - 5, "exp": NOW + 600, "scope": "chat"}
OPTIONS = {"verify_exp": False, "verify_aud": False, "verify_iat": False}


def made(token: str, algorithm: str | None = "HS256", key: str = KEY) -> dict[str, Made]:
    """Return all variants by their names."""
    return {each.variant: each for each in variants(token, algorithm=algorithm, key=key, now=NOW)}


def read(found: Made, key: str = KEY, algorithm: str = "HS256") -> dict[str, Any]:
    """Return the claims of a token with a good signature."""
    assert found.text is not None
    return jwt.decode(found.text, key, algorithms=[algorithm], options=OPTIONS)


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_signed_again(algorithm: str):
    """Expired, and for somebody else, are tokens with nothing else wrong, header included."""
    key = KEY * 2
    good = jwt.encode(CLAIMS, key, algorithm=algorithm, headers={"kid": "1"})
    found = made(good, algorithm, key)

    assert tuple(found) == VARIANTS
    assert (good, None) == (found["good"].text, found["missing"].text)
    expired, elsewhere = read(found["expired"], key, algorithm), read(found["wrong-audience"], key, algorithm)
    assert {**CLAIMS, "exp": NOW - 3600, "iat": NOW - 4205} == expired
    assert {**CLAIMS, "aud": elsewhere["aud"]} == elsewhere
    assert elsewhere["aud"] != "chat"
    assert "1" == jwt.get_unverified_header(str(found["expired"].text))["kid"]


@pytest.mark.parametrize("variant", ["garbage", "altered", "forged", "unsigned"])
def test_proves_nothing(variant: str):
    """No library takes these."""
    with pytest.raises(jwt.InvalidTokenError):
        read(made(jwt.encode(CLAIMS, KEY))[variant])


def test_forged_and_unsigned():
    """They say the same as the good one: whoever does not look at the signature takes them."""
    found = made(jwt.encode(CLAIMS, KEY))
    for variant in ("altered", "forged", "unsigned"):
        assert jwt.decode(str(found[variant].text), options={"verify_signature": False}) == CLAIMS
    assert "none" == jwt.get_unverified_header(str(found["unsigned"].text))["alg"]


def test_of_another_algorithm():
    """Where we cannot sign, forged is another user under the old signature."""
    good = jwt.encode(CLAIMS, KEY).split(".")
    head = jwt.utils.base64url_encode(b'{"alg":"EdDSA","typ":"JWT"}').decode()
    found = made(f"{head}.{good[1]}.{good[2]}", None, "")

    forged = str(found["forged"].text)
    assert "annax" == jwt.decode(forged, options={"verify_signature": False}, algorithms=["EdDSA"])["sub"]
    assert forged.endswith(good[2])
    assert UNKNOWN_KEY == found["expired"].why == found["wrong-audience"].why


OF_ANOTHER_SORT = {
    "another algorithm": (jwt.encode(CLAIMS, KEY * 2, algorithm="HS512"), "it is signed by HS512, not by HS256"),
    "another key": (jwt.encode(CLAIMS, KEY[::-1] + "x"), "it is signed by another key than tokens.key"),
}


@pytest.mark.parametrize(("token", "why"), OF_ANOTHER_SORT.values(), ids=OF_ANOTHER_SORT)
def test_of_another_sort(token: str, why: str):
    """A token that we cannot sign again is not signed in another way."""
    assert made(token)["expired"].why.startswith(why)


def test_of_no_time_and_nobody():
    """What a token does not say cannot be wrong in it."""
    found = made(jwt.encode({"sub": "anna"}, KEY))
    assert "its tokens have no exp: they never expire" == found["expired"].why
    assert "its tokens have no aud: they are for whoever takes them" == found["wrong-audience"].why


@pytest.mark.parametrize("token", ["a" * 40, "A" * 40, "session.of.three", "eyJhIjoxfQ.eyJhIjoxfQ.AAAA"])
def test_opaque(token: str):
    """Of a token that is no JWT one character is changed, not its case alone, and the rest cannot be made."""
    found = made(token)
    altered = str(found["altered"].text)

    assert 1 == sum(one != other for one, other in zip(token.lower(), altered.lower(), strict=True))
    assert {OPAQUE} == {found[each].why for each in ("forged", "unsigned", "expired", "wrong-audience")}


def scoped(claims: dict[str, Any], scope: Scope) -> dict[str, Made]:
    """Return all variants of a token with these claims and a scope, by their names."""
    good = jwt.encode({**CLAIMS, **claims}, KEY, algorithm="HS256")
    return {each.variant: each for each in variants(good, algorithm="HS256", key=KEY, now=NOW, scope=scope)}


LESS: dict[str, tuple[dict[str, Any], Scope, dict[str, Any]]] = {
    "of a text": (
        {"scope": "read chat write"},
        Scope(claim="scope", change=Without("chat")),
        {"scope": "read write"},
    ),
    "the only one": ({"scope": "chat"}, Scope(claim="scope", change=Without("chat")), {"scope": ""}),
    "of an array": ({"scp": ["read", "chat"]}, Scope(claim="scp", change=Without("chat")), {"scp": ["read"]}),
    "further in": (
        {"realm": {"roles": ["chat", "x"], "id": 1}},
        Scope(claim="realm.roles", change=Without("chat")),
        {"realm": {"roles": ["x"], "id": 1}},
    ),
    "a name with dots": (
        {"https://a.example/roles": "chat"},
        Scope(claim="https://a.example/roles", change=Without("chat")),
        {"https://a.example/roles": ""},
    ),
    "another value": ({"role": "admin"}, Scope(claim="role", change=Instead("guest")), {"role": "guest"}),
}


@pytest.mark.parametrize(("claims", "scope", "less"), LESS.values(), ids=LESS)
def test_underscoped(claims: dict[str, Any], scope: Scope, less: dict[str, Any]):
    """It says less, and all else as before."""
    found = scoped(claims, scope)

    assert {**CLAIMS, **claims, **less} == read(found["underscoped"])


def test_signed_again_as_it_was():
    """Whether signing again alone is refused can be told: the text is another, and what it says is not."""
    found = scoped({}, Scope(claim="scope", change=Without("chat")))

    assert read(found["signed-again"]) == read(found["good"])
    assert found["signed-again"].text != found["good"].text


def test_lookalike():
    """The name of the scope is within that of another one, the others stay."""
    found = read(scoped({"scope": "read chat"}, Scope(claim="scope", change=Without("chat")))["lookalike"])

    kept, other = found["scope"].split()
    assert ("read", True, True) == (kept, "chat" in other, other != "chat")


NOT_LESS: dict[str, tuple[dict[str, Any], Scope, str]] = {
    "no such claim": ({}, Scope(claim="scp", change=Without("chat")), "its tokens have no scp"),
    "nothing further in": ({"scp": 1}, Scope(claim="scp.x", change=Instead("y")), "its tokens have no scp.x"),
    "no such scope": (
        {"scope": "chats"},
        Scope(claim="scope", change=Without("chat")),
        "its tokens say in scope nothing that could be taken away",
    ),
    "that value already": (
        {"role": "guest"},
        Scope(claim="role", change=Instead("guest")),
        "its tokens say guest in role already",
    ),
}


@pytest.mark.parametrize(("claims", "scope", "why"), NOT_LESS.values(), ids=NOT_LESS)
def test_not_underscoped(claims: dict[str, Any], scope: Scope, why: str):
    """What a good token does not say cannot be taken from it."""
    assert (None, why) == (scoped(claims, scope)["underscoped"].text, scoped(claims, scope)["underscoped"].why)


def test_scope_without_key():
    """Without the key nothing is signed again."""
    good = jwt.encode(CLAIMS, KEY, algorithm="HS256")
    scope = Scope(claim="scope", change=Without("chat"))
    found = {each.variant: each for each in variants(good, algorithm=None, key="", now=NOW, scope=scope)}

    assert [UNKNOWN_KEY] * 3 == [found[each].why for each in ("signed-again", "underscoped", "lookalike")]
    opaque = {each.variant: each for each in variants("abc", algorithm=None, key="", now=NOW, scope=scope)}
    assert OPAQUE == opaque["underscoped"].why
