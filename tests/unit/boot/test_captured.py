"""What a step takes out of an answer: its JSON, its head, its page, and the cookies which it leaves."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from pytest_startup.boot.captured import taken
from pytest_startup.boot.jar import Jar
from pytest_startup.boot.outgoing import Answer
from pytest_startup.boot.pages import Page
from pytest_startup.contract.reader import parse

PAGE = """<!doctype html><meta charset=utf-8><META NAME="csrf-token" CONTENT="m&amp;m">
<form><input type='hidden' name=csrf value="a&#39;b"><input name="csrf" value="second"><INPUT name=empty>
<input value="nameless"><meta property="og:title" content="x"><br/><p>an </b> <input name='late' value=caf\xe9>"""

HEAD = (("Content-Type", "text/html; charset=latin-1"), ("Location", "/next"), ("location", "/other"))
ANSWER = Answer("200", 200, HEAD, PAGE.encode("latin-1"))


def take(capture: str, answer: Answer = ANSWER) -> tuple[dict[str, object], str]:
    """Return what a GET with these captures takes."""
    toml = f"[launch]\ntarget = 'a:a'\n[[journeys]]\nname = 'a'\nsteps = [{{ get = '/', capture = {{ {capture} }} }}]"
    found, problem = taken(parse(toml).journeys[0].steps[0], answer, {"sid": "7"})
    return dict(found), problem


TAKEN = {
    "the first input of a name": ('x = "input:csrf"', "a'b"),
    "without a value": ('x = "input:empty"', ""),
    "in the encoding of the page": ('x = "input:late"', "caf\xe9"),
    "metadata": ('x = "meta:csrf-token"', "m&m"),
    "the first header of a name": ('x = "header:LOCATION"', "/next"),
    "a cookie": ('x = "cookie:sid"', "7"),
}


@pytest.mark.parametrize(("capture", "value"), TAKEN.values(), ids=TAKEN)
def test_taken(capture: str, value: str):
    """Beside the JSON of an answer, cookies, headers, inputs and metadata can be taken."""
    assert ({"x": value}, "") == take(capture)


MISSING = {
    'x = "input:nobody"': "x cannot be taken from the answer: it has no input nobody",
    'x = "meta:og:title"': "x cannot be taken from the answer: it has no meta og:title",
    'x = "header:X"': "x cannot be taken from the answer: it has no header X",
    'a = "cookie:sid", x = "cookie:csrf"': "x cannot be taken from the answer: it has no cookie csrf",
    'x = "cookie:"': "x cannot be taken from an answer that is not JSON",
    'a = "cookie:sid", x = "id"': "x cannot be taken from an answer that is not JSON",
}


@pytest.mark.parametrize(("capture", "problem"), MISSING.items(), ids=MISSING)
def test_missing(capture: str, problem: str):
    """What is not there is named."""
    assert ({}, problem) == take(capture)


@pytest.mark.parametrize("kind", ["text/html; charset=nonsense", "text/html", "<"])
def test_unknown_encoding(kind: str):
    """A page whose encoding is unknown is taken for UTF-8."""
    body = '<input name=a value="\xe9">'.encode()
    assert "\xe9" == Page(Answer("200", 200, (("content-type", kind),), body)).inputs["a"]


HOUR = 3600.0
SET = {
    "kept": (["sid=1; Path=/; HttpOnly"], "sid=1"),
    "changed": (["sid=1", "sid=2"], "sid=2"),
    "two": (["sid=1", "b = c=d"], "sid=1; b=c=d"),
    "taken back by its age": (["sid=1", "sid=; Max-Age=0"], ""),
    "taken back by its end": (["sid=1", 'sid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT'], ""),
    "which is not yet": ([f"sid=1; Expires={formatdate(4e9, usegmt=True)}"], "sid=1"),
    "the age counts": ([f"sid=1; Expires={formatdate(0)}; max-age=60"], "sid=1"),
    "nonsense": (["sid=1; Max-Age=soon; Expires=never", "alone", "=x"], "sid=1"),
    "an end which nobody can read": (["sid=1; Expires=soon"], "sid=1"),
}


@pytest.mark.parametrize(("set_", "header"), SET.values(), ids=SET)
def test_cookies(set_: list[str], header: str):
    """Cookies are kept as a browser keeps them, until they are taken back."""
    jar = Jar()
    for each in set_:
        jar.keep("http://a:1/x", Answer("200", 200, (("Set-Cookie", each), ("X", "y"))))
    assert header == jar.header("http://a:2/").get("Cookie", "")
    assert {} == jar.header("http://b/")
