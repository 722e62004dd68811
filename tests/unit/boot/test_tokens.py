"""What is made of a token: read by a library of tokens."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from pytest_startup.boot.tokens import OPAQUE, UNKNOWN_KEY, Made, variants
from pytest_startup.contract.security import VARIANTS

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
