"""Whole scripts of users, made with a small application: forms, cookies, tokens, and sockets which stay open."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_startup.boot import record
from pytest_startup.checks import journeys
from pytest_startup.events.used import JourneyStepped
from pytest_startup.findings import Finding
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace
from pytest_startup.variation import Exercise, Variation

from .conftest import Writes

APPLICATION = """
    import asyncio, itertools, json
    from urllib.parse import parse_qs

    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
    from starlette.routing import Route, WebSocketRoute
    from starlette.websockets import WebSocket, WebSocketDisconnect

    numbers, sessions, tickets, connected = itertools.count(1), {}, {}, {}
    SALT = "salt."

    async def form(request):
        page = f'<form><input type=hidden name="csrfmiddlewaretoken" value="{SALT}c-123456"><input name="name"></form>'
        response = HTMLResponse(page)
        response.set_cookie("csrftoken", "c-123456")
        return response

    async def log_in(request):
        sent = {name: found[0] for name, found in parse_qs((await request.body()).decode()).items()}
        good = sent.get("csrfmiddlewaretoken") == SALT + request.cookies.get("csrftoken", "?")
        if not good or request.headers.get("origin") != f"http://{request.headers['host']}":
            return Response("CSRF", 403)
        session = f"session-{sent['name']}"
        sessions[session] = sent["name"]
        response = RedirectResponse("/home", 302)
        response.set_cookie("sessionid", session, httponly=True)
        return response

    async def home(request):
        name = sessions.get(request.cookies.get("sessionid"))
        if name is None:
            return RedirectResponse("/login", 302)
        ticket = f"ticket-{name}"
        tickets[ticket] = name
        return JSONResponse({"name": name, "ticket": ticket})

    async def log_out(request):
        sessions.pop(request.cookies.get("sessionid"), None)
        response = Response(status_code=204)
        response.delete_cookie("sessionid")
        return response

    async def tell(request):
        for socket in connected.get(request.path_params["name"], []):
            await socket.send_json({"type": "told", "number": next(numbers)})
        return Response(status_code=204)

    def shown(socket):
        way = socket.path_params["way"]
        if way == "header":
            return tickets.get(socket.headers.get("authorization", "")[7:]), None
        if way == "query":
            return tickets.get(socket.query_params.get("ticket")), None
        if way == "cookie":
            ours = socket.headers.get("origin") == f"http://{socket.headers['host']}"
            return sessions.get(socket.cookies.get("sessionid")) if ours or MODE == "any origin" else None, None
        offered = socket.scope["subprotocols"]
        return (tickets.get(offered[1]) if len(offered) == 2 else None), "chat.v2"

    async def talk(socket: WebSocket):
        if socket.path_params["way"] == "first":
            await socket.accept()
            name = tickets.get((await socket.receive_text()).removeprefix("ticket "))
            if name is None:
                await socket.send_json({"type": "error"})
                if MODE != "lets anybody stay":
                    await socket.close(4401)
                else:
                    await asyncio.sleep(30)
                return
        else:
            name, subprotocol = shown(socket)
            if name is None:
                await socket.close(1008)
                return
            await socket.accept(subprotocol if MODE != "no subprotocol" else None)
        connected.setdefault(name, []).append(socket)
        if MODE != "says nothing":
            await socket.send_json({"type": "welcome", "name": name})
        try:
            await serve(socket)
        except WebSocketDisconnect as left:
            print("LEFT", left.code, flush=True)
        connected[name].remove(socket)

    async def serve(socket):
        while True:
            said = await socket.receive_text()
            await socket.send_text("tick")
            if said == "bye":
                await socket.close(1000 if MODE != "ends badly" else 1011)
                return
            if MODE == "echoes twice":
                await socket.send_text(said)
            await socket.send_text(said)

    app = Starlette(routes=[
        Route("/login", form), Route("/login", log_in, methods=["POST"]), Route("/home", home),
        Route("/logout", log_out, methods=["POST"]), Route("/tell/{name}", tell, methods=["POST"]),
        WebSocketRoute("/ws/{way}", talk),
    ])
"""

CONTRACT = (
    """
[launch]
target = "app:app"
boot_timeout = 30
[health]
readiness = false

[[journeys]]
name = "form"
steps = [
    { get = "/home", status = 302, capture = { login = "header:Location" } },
    { get = "{login}", capture = { csrf = "input:csrfmiddlewaretoken", cookie = "cookie:csrftoken" } },
    { post = "{login}", FORM, status = 403 },
    { post = "{login}", status = 302, capture = { home = "header:location" }, FORM, HEADERS },
    { get = "{home}", gives = { name = "{nonce}" }, capture = { ticket = "ticket" } },
    { post = "/logout" },
    { get = "/home", status = 302 },
]

[[journeys]]
name = "sockets"
steps = [
    { get = "/login", capture = { csrf = "input:csrfmiddlewaretoken" } },
    { post = "/login", FORM, headers = { Origin = "{origin}" }, status = 302 },
    { get = "/home", capture = { ticket = "ticket" } },
    { connect = "/ws/header", headers = { Authorization = "Bearer {ticket}" }, on = "header" },
    { receive = { type = "welcome", name = "{nonce}" }, on = "header", next = true },
    { connect = "/ws/query", query = { ticket = "{ticket}" }, on = "query" },
    { connect = "/ws/cookie", headers = { Origin = "{origin}" }, on = "cookie" },
    { connect = "/ws/subprotocol", subprotocols = ["chat.v2", "{ticket}"], on = "subprotocol", CHOSEN },
    { connect = "/ws/first", first = "ticket {ticket}", on = "first" },
    { receive = { type = "welcome" }, on = "first", capture = { name = "name" } },
    { connect = "/ws/header", refused = [403, 1008] },
    { connect = "/ws/query", query = { ticket = "no" }, refused = 403 },
    { connect = "/ws/cookie", headers = { Origin = "https://example.com" }, refused = 403 },
    { connect = "/ws/subprotocol", subprotocols = ["chat.v2"], refused = 403 },
    { connect = "/ws/first", first = "ticket no", refused = 4401, max_seconds = 1 },
    { say = "hello {name}", on = "query" },
    { receive = ["hello *", { type = "welcome" }], on = "query", capture = { hello = "0" } },
    { leave = 1000, on = "query" },
    { leave = 0, on = "cookie" },
    { post = "/tell/{name}" },
    { receive = { type = "told" }, on = "header", next = true, capture = { number = "number" } },
    { receive = { type = "told" }, on = "subprotocol" },
    { quiet = 0.1, on = "header" },
    { say = "bye", on = "first" },
    { closes = 1000, on = "first" },
    { connect = "/ws/query", query = { ticket = "{ticket}" }, ignored = ["tick", { type = "welcome" }], on = "query" },
    { say = ["{number}", "{hello}"], on = "query" },
    { receive = "{number}", on = "query", next = true },
    { receive = "{hello}", on = "query", next = true },
    { quiet = 0.1, on = "query" },
]
""".replace("FORM", 'form = { csrfmiddlewaretoken = "{csrf}", name = "{nonce}" }')
    .replace("HEADERS", 'headers = { Origin = "{origin}", Referer = "{origin}{login}" }')
    .replace("CHOSEN", 'gives = { subprotocol = "chat.v2" }')
)
Walked = Callable[[str], tuple[Trace, dict[str, list[Finding]]]]
USE = Variation(exercise=Exercise("use"))


@pytest.fixture
def walked(writes: Writes, keeper: Keeper) -> Walked:
    """Have both journeys made with an application in this mode."""

    def walk(mode: str) -> tuple[Trace, dict[str, list[Finding]]]:
        contract = writes(f"MODE = {mode!r}\n" + _dedented(APPLICATION), CONTRACT)
        trace = record(contract, keeper, USE)
        found = {each.name: journeys.completes(trace, contract, each.name) for each in contract.journeys}
        return trace, {name: verdict for name, verdict in found.items() if isinstance(verdict, list)}

    return walk


def _dedented(source: str) -> str:
    return "\n".join(line[4:] for line in source.splitlines())


def test_whole_scripts(walked: Walked):
    """A form with its token, and every way in which a socket tells who its user is, work by contract alone."""
    trace, found = walked("well")
    assert {"form": [], "sockets": []} == found
    told = [event.text for event in trace.events if getattr(event, "text", "").startswith("LEFT")]
    assert {"LEFT 1000"} < set(told)
    answers = {each.request: each.answer for each in trace.all(JourneyStepped, journey="sockets")}
    assert '{"subprotocol": "chat.v2"}' == answers["connect /ws/subprotocol on subprotocol"]
    assert not any("c-123456" in str(event) or "ticket-" in str(event) for event in trace.all(JourneyStepped))


WRONG = {
    "any origin": "to be refused by 403 was expected, not a socket, and on it",
    "no subprotocol": '{"subprotocol": "chat.v2"} was expected, not {"subprotocol": null}',
    "lets anybody stay": 'to be refused by 4401 was expected, not a socket, and on it {"type": "error"} after',
    "says nothing": '{"type": "welcome", "name": ',
    "echoes twice": " was expected next, not ",
    "ends badly": "closed 1000 was expected, not closed 1011",
}


@pytest.mark.parametrize(("mode", "problem"), WRONG.items(), ids=WRONG)
def test_what_goes_wrong(walked: Walked, mode: str, problem: str):
    """What an application does otherwise is told by what came instead."""
    _, found = walked(mode)
    assert [] == found["form"]
    assert [True] == [problem in each.observed for each in found["sockets"]], found["sockets"]
