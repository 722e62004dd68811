"""What is blotted out of a log, and which names are those of secrets."""

from __future__ import annotations

import pytest

from pytest_startup.boot.recorder import Mask, Recorder, is_sensitive
from pytest_startup.events.process import LogLine

FORMS = {
    "plain": "login with s3/cr et+1",
    "in a query": 'GET /ws?token=s3%2Fcr+et%2B1 HTTP/1.1" 101',
    "in a path": "GET /s3%2Fcr%20et%2B1",
    "in a path, slashes kept": "GET /s3/cr%20et%2B1",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_forms(text: str):
    """A secret is blotted out however a URL has it."""
    assert "***" in Mask(["s3/cr et+1"])(text)
    assert "cr" not in Mask(["s3/cr et+1"])(text)


def test_in_json():
    """A secret is blotted out as JSON has it, in a frame that was logged."""
    assert Mask(['quo"ted'])('{"password": "quo\\"ted"}') == '{"password": "***"}'


def test_one_within_another():
    """Of two secrets which hold the same text, the longer one is blotted out as a whole."""
    assert Mask(["letmein"]).and_of(["letmein-at-once"])("letmein-at-once, or letmein") == "***, or ***"


TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJvd2wifQ.c2lnbmVkIGJ5IG5vYm9keQ"
CUT = {
    "at the end": (f"the body began with {TOKEN[:30]}", "the body began with ***"),
    "shown in short": (
        f'nothing was expected, not "{TOKEN[:20]}...", it said',
        'nothing was expected, not "***...", it said',
    ),
    "twelve characters": (TOKEN[:12], "***"),
    "too little of it": (f"not {TOKEN[:11]}", f"not {TOKEN[:11]}"),
    "goes on as something else": (f"{TOKEN[:20]} and so on", f"{TOKEN[:20]} and so on"),
    "another one before it": (f"{TOKEN[:20]}! {TOKEN[:40]}...", f"{TOKEN[:20]}! ***..."),
    "one of two that begin alike": (f"not {TOKEN[:16]}", "not ***"),
    "quoted in a URL": ("/ws?token=s3%2Fcr+et%2B1%2Fan", "/ws?token=***"),
}


@pytest.mark.parametrize(("text", "masked"), CUT.values(), ids=CUT)
def test_cut_off(text: str, masked: str):
    """Of a secret at which a text was cut off, the beginning is blotted out as well."""
    assert masked == Mask([TOKEN, f"{TOKEN[:16]}another", "s3/cr et+1/and more of it"])(text)


def test_lines_so_far():
    """A line that was quicker than we is masked afterwards, also where the secret stands in a URL."""
    recorder = Recorder(Mask(()))
    recorder.line("stdout", "GET /ws?token=a%2Fsecret")
    recorder.keep_secret(["a/secret"])
    assert [each.text for each in recorder.trace().all(LogLine)] == ["GET /ws?token=***"]


@pytest.mark.parametrize(
    "name",
    ["JWT_SECRET", "OPENAI_API_KEY", "X_Auth_Token", "authorization", "AWS_ACCESS_KEY_ID", "SECRET_KEY", "sessionid"],
)
def test_names_of_secrets(name: str):
    """One rule for variables, headers and fields."""
    assert is_sensitive(name)


@pytest.mark.parametrize(
    "name", ["AUTH_URL", "KEYS", "Accept", "TOKEN_STORE", "PRIVATE_NETWORK", "SESSION_COOKIE_NAME", "username", "api"]
)
def test_names_of_others(name: str):
    """What is no secret is shown."""
    assert not is_sensitive(name)
