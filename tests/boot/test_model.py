"""A model that fails while it is used: by a place in the application, and by a request of its users."""

from __future__ import annotations

import pytest

from pytest_startup.checks import models
from pytest_startup.contract.failing import WAYS
from pytest_startup.events.guarded import ModelUsed
from pytest_startup.events.process import Exited
from pytest_startup.findings import NotCovered
from pytest_startup.variation import Exercise, Variation

from .conftest import Boots, Writes

MODEL = Variation(exercise=Exercise("model", "llm"))

APPLICATION = """
    import asyncio, json, os, time, urllib.request

    bad, url = os.environ.get("BAD", ""), os.environ["LLM"]
    state = {"failed": False}

    def complete():
        body = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
        headers = {"Content-Type": "application/json", "Authorization": "Bearer " + os.environ["KEY"]}
        request = urllib.request.Request(url + "/chat/completions", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=60 if bad == "patient" else 0.5) as answer:
            return json.loads(answer.read())["choices"][0]["message"]["content"]

    async def ask():
        if bad == "broken" and state["failed"]:
            raise RuntimeError("not again")
        if bad == "breaker" and time.monotonic() < state.get("until", 0):
            raise RuntimeError("the circuit is open")
        for _ in range(8 if bad == "eager" else 1):
            try:
                return await asyncio.to_thread(complete)
            except Exception as error:
                state["failed"], state["until"], last = True, time.monotonic() + 3, error
        if bad == "canned":
            return "Let me think about it."
        raise last

    async def ready():
        if bad == "unforgiving" and state["failed"]:
            return False
        try:
            return bool(await asyncio.to_thread(complete))
        except Exception:
            return bad == "always ready"

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["path"] == "/ask":
            await receive()
            try:
                await answer(send, 200, {"answer": await ask()})
            except Exception as error:
                if bad == "dies":
                    os._exit(3)
                await answer(send, 502, {"error": str(error)})
        else:
            await answer(send, 200 if scope["path"] != "/ready" or await ready() else 503, {})

    async def answer(send, status, document):
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(document).encode()})
"""

CONTRACT = """
[launch]
target = "app:app"
boot_timeout = 20
stop_timeout = 0.5
env = {{ LLM = "{{llm.url}}", KEY = "{{llm.key}}", BAD = "{bad}" }}
[health]
liveness = "/live"
readiness = {{ path = "/ready", not_ready_status = [503], max_seconds = 2.0 }}
[[journeys]]
name = "ask"
steps = [{{ get = "/live" }}, {{ post = "/ask", json = {{ text = "{{nonce}}" }} }}]
[services.llm]
replies = [{{ text = "fine" }}]
failure = {{ {use}journey = "ask", max_seconds = 2.0, max_requests = 2, readiness = "not-ready" }}
"""
PLACE = 'use = "app:ask()", '
TOLD, BACK = {f"{way}: told" for way in WAYS}, {f"{way}: back" for way in WAYS}

BAD: dict[str, set[str]] = {
    "": set(),
    "canned": TOLD,
    "eager": TOLD,
    "patient": {"falls-silent: told"},
    "broken": {"throttles: back"},
    "breaker": set(),
    "unforgiving": BACK,
    "always ready": {f"{way}: health" for way in WAYS},
}
BY_A_REQUEST = ("", "canned")
CASES = [pytest.param(bad, PLACE, expected, id=bad or "good") for bad, expected in BAD.items()]
CASES += [pytest.param(bad, "", BAD[bad], id=f"{bad or 'good'}, by a request") for bad in BY_A_REQUEST]


@pytest.mark.parametrize(("bad", "use", "expected"), CASES)
def test_model(bad: str, use: str, expected: set[str], writes: Writes, boots: Boots):
    """Every failure of the model is told in time, over when it is, and no matter of liveness."""
    contract = writes(APPLICATION, CONTRACT.format(bad=bad, use=use))
    trace = boots(contract, MODEL)
    said = {
        f"{way}: {name}": check(trace, contract, f"llm:{way}")
        for way in WAYS
        for name, check in (("told", models.is_told), ("health", models.keeps_health), ("back", models.is_over))
    }

    found = {name for name, verdict in said.items() if verdict and not isinstance(verdict, NotCovered)}
    assert expected <= found <= expected | (BACK if bad == "broken" else set())
    assert {True} == {each.works for each in trace.all(ModelUsed, when="before")}


def test_it_dies(writes: Writes, boots: Boots):
    """An application that ends with its model is found out, and the rest is not tried."""
    contract = writes(APPLICATION, CONTRACT.format(bad="dies", use=""))
    trace = boots(contract, MODEL)
    assert trace.first(Exited, asked=False) is not None
    verdict = models.keeps_health(trace, contract, "llm:throttles")
    assert not isinstance(verdict, NotCovered)
    assert "it ended with code 3" in {each.observed for each in verdict}
    assert isinstance(models.is_told(trace, contract, "llm:errs"), NotCovered)
