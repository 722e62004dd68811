"""Tokens of our own, as whoever has the key reads them."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from pytest_startup.boot.means import Means
from pytest_startup.boot.minting import mint
from pytest_startup.boot.outgoing import Minting
from pytest_startup.boot.walk import Values, Walk
from pytest_startup.clock import Deadline
from pytest_startup.contract.reader import parse

KEY = "a key which is long enough, even for HS512: 64 bytes, and a few more of them"
PLAIN = Minting({"sub": "joe"}, KEY, None, "HS256", 3600.0, {}, 5.0)
PRIVATE = {
    "RS256": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}


def text(errand: Minting) -> str:
    """Return the token."""
    found = mint(errand, 1_000_000.9)
    assert found.failed == ""
    assert isinstance(found.value, dict)
    return str(found.value["token"])


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_shared_key(algorithm: str):
    """A token is good for whoever has the same key; its times are added."""
    token = text(replace(PLAIN, algorithm=algorithm, header={"kid": "k"}))
    claims = jwt.decode(token, KEY, [algorithm], options={"verify_exp": False, "verify_iat": False})
    assert {"sub": "joe", "iat": 1_000_000, "exp": 1_003_600} == claims
    assert {"alg": algorithm, "typ": "JWT", "kid": "k"} == jwt.get_unverified_header(token)


def test_times_that_are_given():
    """Times which the contract gives are left as they are."""
    token = text(replace(PLAIN, claims={"exp": 7, "iat": 5}))
    assert {"exp": 7, "iat": 5} == jwt.decode(token, options={"verify_signature": False})


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_private_key(algorithm: str, tmp_path: Path):
    """A token that is signed by a private key, from a file, is good for whoever has the public one."""
    private = PRIVATE[algorithm]
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(pem)
    token = text(replace(PLAIN, key="", key_file=tmp_path / "key.pem", algorithm=algorithm))
    options = {"verify_exp": False, "verify_iat": False}
    assert "joe" == jwt.decode(token, private.public_key(), [algorithm], options=options)["sub"]


def test_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Why there is none is told: no such file, no key at all, nobody to sign with it."""
    missing = mint(replace(PLAIN, key_file=tmp_path / "none.pem"), 0.0)
    assert missing.failed.startswith("no token: FileNotFoundError: ")
    assert mint(replace(PLAIN, algorithm="RS256"), 0.0).failed.startswith("no token: ")
    monkeypatch.setitem(sys.modules, "jwt", None)
    needed = "no token: RS256 needs PyJWT with cryptography beside pytest: pip install 'pytest-startup[jwt]'"
    assert needed == mint(replace(PLAIN, algorithm="RS256"), 0.0).failed


def test_a_step(tmp_path: Path):
    """A step fills its claims, knows where its file is, keeps the token, and has key and token masked."""
    steps = """
    { mint = { sub = "{nonce}", port = "{port}" }, key = "{secret.jwt}", capture = { token = "token" } },
    { mint = {}, key_file = "key.pem", algorithm = "RS256" }"""
    toml = f"[launch]\ntarget = 'a:a'\n[[journeys]]\nname = 'a'\nsteps = [{steps}]"
    contract = parse(toml, tmp_path / "startup.toml")
    known = {"port": "80", "secret": {"jwt": KEY}}
    walk = Walk(contract.journeys[0].steps, Values(known, "http://127.0.0.1:80", {"nonce": "n"}))
    assert str(walk.step and walk.step.action) == "mint a token by HS256"
    errand = walk.errand()
    assert errand is not None
    assert "" == walk.answered(Means().do(errand, Deadline.after(5, "a token")))
    token = str(walk.values.captured["token"])
    assert {"sub": "n", "port": "80"}.items() <= jwt.decode(token, KEY, ["HS256"]).items()
    assert {KEY, token} <= set(walk.secrets)
    later = walk.errand()
    assert isinstance(later, Minting)
    assert tmp_path / "key.pem" == later.key_file
