"""Templates: how the address of a service reaches the application."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_startup.contract.mistakes import ContractError
from pytest_startup.contract.templates import (
    Address,
    Reference,
    TemplateError,
    Values,
    escape,
    expand,
    fields_of,
    references,
    segments,
)

POSTGRES = Address(protocol="postgres", host="127.0.0.1", port=5432, user="u@x", password="p /+", database="d?b")
VALUES: Values = {
    "host": "127.0.0.1",
    "port": "8000",
    "python": "/usr/bin/python3",
    "root": "/srv/with space",
    "secret": {"jwt": "s3cret"},
    "postgres": POSTGRES,
    "redis": Address(protocol="redis", host="127.0.0.1", port=6379, password="p/w", database="3"),
    "open": Address(protocol="redis", host="::1", port=6379),
    "named": Address(protocol="redis", host="localhost", port=6379, user="me"),
    "llm": Address(protocol="llm", host="127.0.0.1", port=9000, key="sk-1"),
    "search": Address(protocol="search", host="127.0.0.1", port=8123),
}

EXPANDED = {
    "": "",
    "plain": "plain",
    "{host}:{port}": "127.0.0.1:8000",
    "{python} {root}": "/usr/bin/python3 /srv/with space",
    "{secret.jwt}": "s3cret",
    "{postgres.url}": "postgresql://u%40x:p%20%2F%2B@127.0.0.1:5432/d%3Fb",
    "{postgres.url:postgresql+asyncpg}": "postgresql+asyncpg://u%40x:p%20%2F%2B@127.0.0.1:5432/d%3Fb",
    "{postgres.host} {postgres.port} {postgres.user} {postgres.password} {postgres.database}": (
        "127.0.0.1 5432 u@x p /+ d?b"
    ),
    "{redis.url}": "redis://:p%2Fw@127.0.0.1:6379/3",
    "{redis.url:valkey}": "valkey://:p%2Fw@127.0.0.1:6379/3",
    "{redis.password} {redis.database}": "p/w 3",
    "{open.url}": "redis://[::1]:6379",
    "{named.url}": "redis://me@localhost:6379",
    "{llm.url} {llm.key}": "http://127.0.0.1:9000/v1 sk-1",
    "{search.url} {search.url:clickhouse}": "http://127.0.0.1:8123 clickhouse://127.0.0.1:8123",
    '{{"a": {{}}, "b": {port}}}': '{"a": {}, "b": 8000}',
    "{{{port}}}": "{8000}",
    "a\n{port}\0": "a\n8000\0",
}

NOT_ONE = "is not a template such as {postgres.url} or {port}"
BRACES = "write {{ and }} for literal braces"
MALFORMED = {
    "{": ("{", NOT_ONE, BRACES),
    "a}": ("}", NOT_ONE, BRACES),
    "{}": ("{}", NOT_ONE, BRACES),
    "{ port }": ("{ port }", NOT_ONE, BRACES),
    "{a.b.c}": ("{a.b.c}", NOT_ONE, BRACES),
    "{a{port}": ("{", NOT_ONE, BRACES),
    "{port}}": ("}", NOT_ONE, BRACES),
    "{a.url:}": ("{a.url:}", NOT_ONE, BRACES),
    "{pört}": ("{pört}", NOT_ONE, BRACES),
    "{postgres.host:x}": ("{postgres.host:x}", "has a scheme, which only a url can have", "remove the scheme"),
    "{port:x}": ("{port:x}", "has a scheme, which only a url can have", "remove the scheme"),
}

NOTHING = [
    "{nobody}",
    "{nobody.url}",
    "{postgres}",
    "{postgres.key}",
    "{llm.password}",
    "{port.url}",
    "{secret}",
    "{secret.x}",
]


@pytest.mark.parametrize("text", EXPANDED)
def test_expands(text: str):
    """Each template becomes what it stands for; user, password and database are encoded in a URL only."""
    assert EXPANDED[text] == expand(text, VALUES)


@pytest.mark.parametrize("text", MALFORMED)
def test_malformed(text: str):
    """What is in braces and no template is refused, with the fragment and the way out."""
    with pytest.raises(TemplateError) as caught:
        segments(text)

    assert MALFORMED[text] == (caught.value.fragment, caught.value.problem, caught.value.fix)


@pytest.mark.parametrize("text", [*NOTHING, "{secret.url:x}"])
def test_stands_for_nothing(text: str):
    """A template which stands for nothing is an error, never an empty text."""
    with pytest.raises(ContractError) as caught:
        expand(f"x={text}", VALUES)

    expected = f"{text}: is a template which stands for nothing here; write {{{{ and }}}} for literal braces"
    assert [expected] == [str(mistake) for mistake in caught.value.mistakes]


def test_references():
    """All references are found, in order, and can be written again."""
    text = "{postgres.url:postgresql+asyncpg}{{no}} {port} {secret.jwt}"
    expected = [
        Reference("postgres", "url", "postgresql+asyncpg"),
        Reference("port"),
        Reference("secret", "jwt"),
    ]

    assert expected == list(references(text))
    assert ["{postgres.url:postgresql+asyncpg}", "{port}", "{secret.jwt}"] == [str(each) for each in expected]


@pytest.mark.parametrize("protocol", ["postgres", "redis", "llm", "other"])
def test_parts(protocol: str):
    """An address has every part that its protocol promises."""
    address = Address(protocol=protocol, host="h", port=1)

    assert {"host", "port", "url"} <= set(fields_of(protocol))
    assert all(isinstance(address.part(name), str) for name in fields_of(protocol))


def test_address_masks():
    """Neither password nor key are in the repr of an address."""
    assert "hunter2" not in repr(Address(protocol="llm", host="h", port=1, password="hunter2", key="hunter2"))


@given(st.text())
def test_escaped(text: str):
    """An escaped text expands to itself."""
    assert text == expand(escape(text), {})


WORDS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,5}", fullmatch=True)


@given(st.lists(st.text().map(escape) | st.builds(Reference, WORDS, WORDS, st.just("")).map(str)))
def test_round_trip(parts: list[str]):
    """A text is what its segments are when they are written again."""
    text = "".join(parts)

    assert text == "".join(escape(each) if isinstance(each, str) else str(each) for each in segments(text))


@given(st.text(alphabet="{}a.:1+ ") | st.text())
def test_any_text(text: str):
    """Any text is a template or a `TemplateError`, never another error."""
    try:
        found = segments(text)
    except TemplateError:
        return

    assert all(isinstance(each, str | Reference) for each in found)
