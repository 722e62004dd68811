"""A step which makes a token by itself, with the key that the application trusts: nobody has to log in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pytest_startup.contract import leaves
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot
from pytest_startup.contract.slots import Key, Option

SHARED_KEYS = ("HS256", "HS384", "HS512")
"""The algorithms whose key both sides have (RFC 7518, 3.2)."""

ALGORITHMS = (*SHARED_KEYS, "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


@dataclass(frozen=True, slots=True)
class Mint:
    """The claims of a JWT, and how it is signed: by `key`, or by what stands in the file `key_file`."""

    claims: Mapping[str, JsonValue] = field(hash=False)
    key: str = ""
    key_file: Path | None = None
    algorithm: str = "HS256"
    expires_in: float = 3600.0
    header: Mapping[str, JsonValue] = field(default_factory=dict, hash=False)

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from texts_of(self.claims)
        yield self.key
        yield from texts_of(self.header)

    def __str__(self) -> str:
        """Return what it is."""
        return f"mint a token by {self.algorithm}"


OPTION = Option(
    Key(
        "mint",
        leaves.TEMPLATED_JSON,
        "The claims of a JWT which is made and signed here; templates allowed in texts. `iat` and `exp` are added "
        "unless they are given. What comes of it is `{ token = ... }`.",
    ),
    (
        Key("key", leaves.TEMPLATED, "The key that signs it, as the application has it: `{secret.NAME}`.", ""),
        Key("key_file", leaves.PATH, "The file of the key instead, from the contract on: a PEM.", None),
        Key("algorithm", leaves.word(*ALGORITHMS), "How it is signed (RFC 7518, 3.1).", "HS256"),
        Key("expires_in", leaves.SECONDS, "Seconds until it expires.", 3600.0),
        Key("header", leaves.TEMPLATED_JSON, "More of its header, such as `kid`; templates allowed in texts.", {}),
    ),
    Mint,
)


def check(step: Raw, spot: Spot) -> None:
    """Note a token of which it is not clear by which key it is signed. It looks at the raw table of a step."""
    if "mint" not in step:
        return
    given = [each for each in ("key", "key_file") if each in step]
    if not given:
        (spot / "key").wrong("is missing: nobody takes a token that is not signed", fix='write key = "{secret.jwt}"')
    if len(given) > 1:
        (spot / "key_file").wrong("cannot be beside key: a token is signed by one", fix="keep one of them")
    if step.get("key") == "":
        (spot / "key").wrong("is empty", value="", fix='write key = "{secret.jwt}"')
