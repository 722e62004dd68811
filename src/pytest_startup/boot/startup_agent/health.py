"""Health, asked through ASGI: it can be answered long before there is a port to ask on."""

import asyncio

from .clock import now
from .words import describe, select_fields


class Health:
    """Asks the health endpoints of the application, as a request that comes from nowhere."""

    def __init__(self, channel, places, plan):
        self.channel, self.places, self.plan = channel, places, plan
        self.asgi = None

    async def ask(self):
        """Ask every endpoint of the plan."""
        for probe in self.plan["probes"] if self.asgi is not None else ():
            await self.probe(**probe)

    async def probe(self, role, path, fields):
        """Ask one endpoint and record the answer."""
        began, body = now(), []
        try:
            answer = await asyncio.wait_for(self.request(path, body), self.plan["probe_limit"])
        except asyncio.TimeoutError:
            answer = "timeout"
        except Exception as error:
            answer = "error: " + describe(error)
        found = select_fields(b"".join(body), fields)
        self.channel.emit("Probed", vantage="inside", role=role, path=path, answer=answer, began=began, fields=found)

    async def request(self, path, body):
        """Send one GET through ASGI; return the status as text, filling `body`."""
        path, _, query = path.partition("?")
        host = ("%s:%d" % (self.plan["host"], self.plan["port"])).encode()
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(b"host", host), (b"accept", b"*/*"), (b"user-agent", b"startup-probe")],
            "client": ("127.0.0.1", 0), "server": (self.plan["host"], self.plan["port"]),
            "state": dict(self.places.lifespan),
        }  # fmt: skip
        status, gone, asked = [], asyncio.Event(), []

        async def receive():
            if asked:
                await gone.wait()
                return {"type": "http.disconnect"}
            asked.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            if message["type"] == "http.response.start":
                status.append(str(message["status"]))
            elif message["type"] == "http.response.body":
                body.append(message.get("body", b""))
                if not message.get("more_body"):
                    gone.set()

        await self.asgi(scope, receive, send)
        return status[0] if status else "error: no response"
