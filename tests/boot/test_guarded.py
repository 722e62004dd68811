"""Trying to get in: an application with tokens and one with sessions, each good in its own way, and bad in some."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_startup.boot.boot import Boot
from pytest_startup.checks import cors, limits, tokens
from pytest_startup.contract.model import Contract
from pytest_startup.contract.reader import read
from pytest_startup.contract.security import VARIANTS
from pytest_startup.events.guarded import LimitReached, NotTried, OriginTried, SecretTold, TokenNotMade, TokenShown
from pytest_startup.events.process import LogLine
from pytest_startup.findings import NotCovered, Verdict
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace
from pytest_startup.variation import PLAIN, Exercise, Variation

from .conftest import Boots, Writes

SECURITY = Variation(exercise=Exercise("security"))

APPLICATION = """
    import asyncio, base64, hashlib, hmac, json, os, time
    from urllib.parse import parse_qs

    bad, key = os.environ.get("BAD", ""), os.environ["KEY"].encode()
    sessions, counts = {}, {}

    def coded(data):
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    def sign(claims):
        head = ".".join(coded(json.dumps(part).encode()) for part in ({"alg": "HS256"}, claims))
        return head + "." + coded(hmac.new(key, head.encode(), hashlib.sha256).digest())

    def user_of(token):
        if bad == "nobody asks":
            return "anybody"
        try:
            head, body, signature = token.split(".")
            claims = json.loads(base64.urlsafe_b64decode(body + "=="))
            right = coded(hmac.new(key, (head + "." + body).encode(), hashlib.sha256).digest()) == signature
        except ValueError:
            return None
        if not right and bad != "unsigned":
            return None
        return claims["sub"] if claims["exp"] > time.time() or bad == "forever" else None

    def allowed(origin):
        return bad == "any origin" or origin in (None, "https://a.example")

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        await (socket if scope["type"] == "websocket" else request)(scope, headers, receive, send)

    async def socket(scope, headers, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        user = user_of(parse_qs(scope["query_string"].decode()).get("token", [""])[0])
        if user is None or not (allowed(headers.get("origin")) or bad == "socket from anywhere"):
            await asyncio.sleep(0.1)  # it asks somebody else
            await send({"type": "websocket.close", "code": 4401})
            return
        while (await receive())["type"] != "websocket.disconnect":
            pass

    async def request(scope, headers, receive, send):
        path, origin = scope["path"], headers.get("origin")
        rules = {"vary": "Origin"}
        if origin and allowed(origin):
            rules |= {"access-control-allow-origin": origin, "access-control-allow-headers": "authorization"}
        if scope["method"] == "OPTIONS":
            return await answer(send, 204, None, rules)
        if path == "/ready":
            secret = f"redis://:{key.decode()}@host" if bad == "tells" else "none"
            return await answer(send, 200, {"why": secret}, rules)
        if path == "/login":
            name = json.loads((await receive())["body"])["name"]
            sid = coded(os.urandom(18))
            sessions[sid] = name
            claims = {"sub": name, "exp": int(time.time()) + 600, "aud": "us"}
            told = {**rules, "set-cookie": f"sid={sid}; HttpOnly"}
            return await answer(send, 200, {"token": sign(claims), "name": name}, told)
        cookies = dict(each.split("=", 1) for each in headers.get("cookie", "").split("; ") if each)
        session = sessions.get(cookies.get("sid"), "anybody" if bad == "nobody asks" else None)
        user = session if path == "/page" else user_of(headers.get("authorization", "").removeprefix("Bearer "))
        if user is None:
            return await answer(send, *((302, {}, {"location": "/login"}) if path == "/page" else (401, {}, rules)))
        if path == "/counted":
            counted = "all" if bad == "all together" else user
            counts[counted] = counts.get(counted, 0) + 1
            if counts[counted] > (9 if bad == "too strict" else 12) and bad != "no limit":
                told = {"retry-after": "soon" if bad == "soon" else "Fri, 31 Dec 2049 23:59:59 GMT"}
                return await answer(send, 503 if bad == "an error" else 429, {}, told)
        await answer(send, 200, {}, rules)

    async def answer(send, status, document, headers):
        told = [(name.encode(), value.encode()) for name, value in headers.items()]
        body = b"" if document is None else json.dumps(document).encode()
        told.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send({"type": "http.response.body", "body": body})
"""

CONTRACT = """
[launch]
target = "app:app"
boot_timeout = 20
stop_timeout = 0.5
env = {{ KEY = "{{secret.key}}", BAD = "{bad}" }}
[health]
readiness = {{ path = "/ready" }}
[services.gone]
kind = "unavailable"
report = {{ field = "why", up = "none", away = "none" }}
[[journeys]]
name = "log-in"
steps = [{{ post = "/login", json = {{ name = "{{nonce}}" }}, capture = {{ token = "token" }} }}]
[[tokens]]
name = "jwt"
journey = "log-in"
token = "token"
algorithm = "HS256"
key = "{{secret.key}}"
requests = [{{ get = "/me", headers = {{ Authorization = "Bearer {{token}}" }} }}]
socket = "/ws?token={{token}}"
[[tokens]]
name = "session"
journey = "log-in"
cookie = "sid"
requests = [{{ get = "/page" }}]
refused_status = 302
[[limits]]
name = "counted"
journey = "log-in"
request = {{ get = "/counted", headers = {{ Authorization = "Bearer {{token}}" }} }}
allowed = 12
per = "user"
retry_after = true
[[cors]]
name = "pages"
paths = ["/me"]
origins = ["https://a.example"]
allow_headers = ["Authorization"]
journey = "log-in"
headers = {{ Authorization = "Bearer {{token}}" }}
socket = {{ path = "/ws", query = {{ token = "{{token}}" }} }}
"""


def judged(trace: Trace, contract: Contract) -> dict[str, Verdict]:
    """Return everything that is said of a boot."""
    said = {f"{each}, {way}": check(trace, contract, f"jwt:{each}") for each in VARIANTS for way, check in WAYS.items()}
    said |= {f"session {each}": tokens.of_requests(trace, contract, f"session:{each}") for each in VARIANTS}
    said |= {"limit": limits.holds(trace, contract, "counted")}
    said |= {"each user": limits.counts_each_user(trace, contract, "counted")}
    return said | {name: check(trace, contract, "pages") for name, check in ORIGINS.items()}


HEADERS = 'Authorization = "Bearer {token}"'
WAYS = {"request": tokens.of_requests, "socket": tokens.of_sockets}
ORIGINS = {"allowed": cors.lets_in, "foreign": cors.keeps_out, "socket": cors.of_sockets}
UNMADE = {f"session {each}" for each in ("forged", "unsigned", "expired", "wrong-audience")}
AUDIENCE = {"wrong-audience, request", "wrong-audience, socket"}
"""The small application does not look at it, ever: that is found in each of its boots."""


def both(*variants: str) -> set[str]:
    """Return the names of what is said of a token in these variants."""
    return {f"{each}, {way}" for each in variants for way in WAYS}


BAD = {
    "": set[str](),
    "forever": both("expired"),
    "unsigned": both("altered", "forged", "unsigned"),
    "nobody asks": both("missing", "garbage", "altered", "forged", "unsigned", "expired")
    | {"session missing", "session garbage", "session altered"}
    | {"each user"},
    "any origin": {"foreign", "socket"},
    "socket from anywhere": {"socket"},
    "no limit": {"limit"},
    "too strict": {"limit"},
    "an error": {"limit"},
    "soon": {"limit"},
    "all together": {"each user"},
}


@pytest.mark.parametrize(("bad", "expected"), BAD.items(), ids=[bad or "good" for bad in BAD])
def test_guarded(bad: str, expected: set[str], writes: Writes, boots: Boots):
    """What is wrong is found where it is, and nowhere else; what cannot be made is told."""
    contract = writes(APPLICATION, CONTRACT.format(bad=bad))
    said = judged(boots(contract, SECURITY), contract)

    found = {name for name, verdict in said.items() if verdict and not isinstance(verdict, NotCovered)}
    assert expected | AUDIENCE == found
    missing = {name for name, verdict in said.items() if isinstance(verdict, NotCovered)}
    assert UNMADE | ({"each user"} if bad in {"no limit", "an error"} else set()) == missing


def test_nothing_of_it_is_on_record(writes: Writes, boots: Boots):
    """No token stands in the trace, be it a bad one."""
    contract = writes(APPLICATION, CONTRACT.format(bad=""))
    trace = boots(contract, SECURITY)
    assert 2 * len(VARIANTS) + 4 == len(trace.all(TokenShown))
    assert 4 == len(trace.all(TokenNotMade))
    assert "eyJ" not in "".join(map(str, trace.events))
    assert {1} == {each.attempt for each in trace.all(LimitReached)}
    tried = {(each.origin[8:9], each.allowed) for each in trace.all(OriginTried)}
    assert {("a", True), ("a", False), ("", False)} <= tried  # strangers have any name


def test_headers_of_the_contract(writes: Writes, boots: Boots):
    """A key that stands in the contract is not on record either, where the application writes it to its log."""
    printing = APPLICATION.replace(
        "path, origin =", 'print("key:", headers.get("x-api-key"), flush=True)\n        path, origin ='
    )
    contract = CONTRACT.format(bad="").replace(
        'Authorization = "Bearer {token}" }', f'{HEADERS}, X-Api-Key = "WAY-test" }}'
    )
    for way in ("tokens", "limits", "cors"):
        before, table, after = contract.partition(f"[[{way}]]")
        contract = before + table + after.replace("WAY", f"open-sesame-for-{way}", 1)
    trace = boots(writes(printing, contract), SECURITY)
    assert any("key: ***" in each.text for each in trace.all(LogLine))
    assert "open-sesame" not in "".join(map(str, trace.events))


def test_an_answer_that_is_an_error(writes: Writes, boots: Boots):
    """What keeps a request from being sent is told without the secret in it."""
    bad = CONTRACT.format(bad="").replace(
        'request = { get = "/counted", headers = {',
        'request = { get = "/counted", headers = { X-Api-Key = "open\\nsesame",',
    )
    (reached, *_) = boots(writes(APPLICATION, bad), SECURITY).all(LimitReached)
    assert {"error: ValueError: Invalid header value b'***'"} == {*reached.answers, reached.other}


def test_the_journey_fails(writes: Writes, boots: Boots):
    """Who cannot log in can show nothing: that is told, and is no finding here."""
    contract = writes(APPLICATION, CONTRACT.format(bad="").replace('post = "/login"', 'post = "/sign-in"'))
    trace = boots(contract, SECURITY)
    assert {"the journey log-in failed"} == {each.reason for each in trace.all(NotTried)}
    assert all(isinstance(verdict, NotCovered) for verdict in judged(trace, contract).values())


def test_a_cookie_that_is_not_there(writes: Writes, boots: Boots):
    """A cookie that the journey does not leave behind cannot be shown."""
    contract = writes(APPLICATION, CONTRACT.format(bad="").replace('"sid"', '"session_id"'))
    (found,) = boots(contract, SECURITY).all(NotTried)
    assert ("session", "the journey log-in left no cookie session_id behind") == (found.name, found.reason)


def test_a_secret_in_health(writes: Writes, boots: Boots):
    """A secret that readiness tells is on record as told, and masked."""
    contract = writes(APPLICATION, CONTRACT.format(bad="tells"))
    trace = boots(contract, PLAIN)
    told = trace.all(SecretTold)
    assert ("why", "redis://:***@host") == (told[0].field, told[0].text)


def test_what_is_up_for_others(writes: Writes, boots: Boots, keeper: Keeper, tmp_path: Path):
    """Of an application that is up already tokens and origins are tried, and its limits are left to its users."""
    contract = writes(APPLICATION, CONTRACT.format(bad="forever"))
    with Boot(contract, keeper) as boot:
        assert boot.until_ready()
        boot.rest()
        toml = CONTRACT.format(bad="").replace('target = "app:app"', f'url = "http://127.0.0.1:{boot.port}"')
        elsewhere = "\n".join(
            line for line in toml.splitlines() if not line.startswith(("env = ", "algorithm", "key = "))
        )
        (tmp_path / "elsewhere.toml").write_text(elsewhere)
        there = read(tmp_path / "elsewhere.toml")
        trace = boots(there, SECURITY)

    assert [] == tokens.of_requests(trace, there, "jwt:forged")
    assert [] == cors.keeps_out(trace, there, "pages")
    limited = limits.holds(trace, there, "counted")
    assert isinstance(limited, NotCovered)
    assert "it is up for others as well, who would be refused with us" == limited.reason
