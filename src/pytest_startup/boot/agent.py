"""The agent: the part of a boot that runs inside the application's own interpreter.

It is run by path (`python agent.py FD`), needs Python 3.9 or newer and the standard library only, and imports no
module that uvicorn does not import anyway, so that it can never stand in for an import which the application forgot.
It changes nothing that the application could see: functions keep their identity (their code is what is exchanged),
objects keep their class.

On the channel FD (a socket) it reads the plan, one JSON line, and then commands; it writes events as JSON lines whose
fields are those of `pytest_startup.trace`, with `at` and `began` in seconds of the monotonic clock.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import os
import select
import socket
import sys
import threading
import time
import traceback
import types

HERE = os.path.abspath(__file__)
STDLIB = os.path.dirname(os.path.abspath(os.__file__))
TEST_TOOLS = ("pytest", "_pytest", "pytest_startup", "nose2")
MISSING = object()
STARTUP_FAILURE = 3  # uvicorn's own exit code for a lifespan that failed


class Channel:
    """The private line to whoever booted us; silent after a fork, and after the other end has gone."""

    def __init__(self, descriptor):
        self.socket = socket.socket(fileno=descriptor)
        self.lock = threading.RLock()
        self.rest = b""
        os.register_at_fork(after_in_child=self._silence)

    def _silence(self):
        self.lock = threading.RLock()
        self.socket = None

    def emit(self, kind, **fields):
        """Send one event, stamped now unless it brings its own time."""
        fields.setdefault("at", time.monotonic())
        line = json.dumps(dict(fields, kind=kind), default=repr).encode() + b"\n"
        with self.lock:
            if self.socket is not None:
                try:
                    self.socket.sendall(line)
                except OSError:
                    self.socket = None

    def read(self):
        """Return the next line as an object; None at the end."""
        while b"\n" not in self.rest:
            part = self.socket.recv(65536) if self.socket is not None else b""
            if not part:
                return None
            self.rest += part
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)

    def waiting(self, seconds):
        """Whether a line can be read, waiting at most `seconds`."""
        return b"\n" in self.rest or bool(select.select([self.socket], [], [], seconds)[0])


# -- calls --------------------------------------------------------------------------------------------------------


def intercept(function, around):
    """Lead every call of a Python function through `around(original, args, kwargs)`, by whatever reference.

    The function object stays the same; only its code is exchanged, so that tables, `from x import f` copies, partials
    and decorators which hold it are all seen.
    """
    original = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    original.__kwdefaults__ = function.__kwdefaults__
    original.__qualname__ = function.__qualname__
    function.__signature__ = inspect.signature(function)

    def call(*args, **kwargs):
        return around(original, args, kwargs)

    # The relay must close over as many names as the original, or Python refuses the exchange.
    names = ["free%d" % n for n in range(len(function.__closure__ or ()))]
    sort, wait = ("async ", "await ") if inspect.iscoroutinefunction(original) else ("", "")
    source = (
        "def make(%s):\n"
        " %sdef relay(*args, **kwargs):\n"
        "  call = '@call'\n"
        "  return %scall(*args, **kwargs)\n"
        "  %s\n"
        " return relay"
    )
    scope = {}
    exec(source % (", ".join(names), sort, wait, ", ".join(names)), scope)  # noqa: S102
    code = scope["make"](*names).__code__
    function.__code__ = code.replace(
        co_consts=tuple(call if value == "@call" else value for value in code.co_consts),
        co_filename=original.__code__.co_filename,
        co_firstlineno=original.__code__.co_firstlineno,
        co_name=original.__code__.co_name,
        co_flags=code.co_flags,
    )
    function.__defaults__ = function.__kwdefaults__ = None


def descend(holder, qualname):
    """Return (owner, name, function) for a dotted name within a module."""
    parts = qualname.split(".")
    for part in parts[:-1]:
        holder = getattr(holder, part)
    found = getattr(holder, parts[-1])
    return holder, parts[-1], getattr(found, "__func__", found)


class AfterImport:
    """A finder that finds nothing itself, but calls back once a named module has been executed."""

    def __init__(self):
        self.callbacks = {}
        self.asking = False

    def when(self, module, callback):
        """Call `callback(module)` after the module's import, now if it has been."""
        if module in sys.modules:
            callback(sys.modules[module])
        else:
            self.callbacks.setdefault(module, []).append(callback)

    def find_spec(self, name, path=None, target=None):
        """Let the others find the module; wrap its execution."""
        if self.asking or name not in self.callbacks:
            return None
        self.asking = True
        try:
            spec = next((s for s in (f.find_spec(name, path, target) for f in list(sys.meta_path)) if s), None)
        finally:
            self.asking = False
        if spec is not None and hasattr(spec.loader, "exec_module"):
            self._wrap(spec.loader, self.callbacks.pop(name))
        return spec

    @staticmethod
    def _wrap(loader, callbacks):
        execute = loader.exec_module

        def exec_module(module):
            execute(module)
            for callback in callbacks:
                callback(module)

        loader.exec_module = exec_module


# -- places and state ---------------------------------------------------------------------------------------------


def step(value, kind, *what):
    """Take one step of a place; an item that is a path leads into a mounted sub-application."""
    if kind == "attr":
        return value[what[0]] if isinstance(value, dict) and what[0] in value else getattr(value, what[0])
    if kind == "call":
        return value(*what[0], **what[1])
    if isinstance(what[0], str) and what[0].startswith("/") and not isinstance(value, dict):
        routes = getattr(value, "routes", None) or value.router.routes
        return next(route.app for route in routes if getattr(route, "path", None) == what[0])
    return value[what[0]]


def plain(value):
    """Return a value of state as JSON can carry and a contract can name it."""
    value = getattr(value, "value", value) if hasattr(type(value), "__members__") else value
    return value if value is None or isinstance(value, (bool, int, float, str)) else type(value).__qualname__


class Watch:
    """Tells every value which a dotted attribute path takes, from the write itself where it can be seen."""

    hooked = {}  # type: ignore[var-annotated]  # noqa: RUF012 - one table for all: a class is changed once for all

    def __init__(self, names, tell):
        self.names, self.tell = names, tell
        self.last = MISSING

    def follow(self, holder, depth=0):
        """Watch the rest of the path from `holder` on."""
        name = self.names[depth]
        self.hook(type(holder))
        Watch.hooked[type(holder)].append((holder, name, lambda value: self.arrive(value, depth)))
        current = getattr(holder, name, MISSING)
        if current is not MISSING:
            self.arrive(current, depth)

    def arrive(self, value, depth):
        """Go on with a new value: deeper, or tell it."""
        if depth + 1 < len(self.names):
            if value is not None:
                self.follow(value, depth + 1)
        elif value is not self.last:
            self.last = value
            self.tell(value)

    @staticmethod
    def hook(cls):
        """Record the writes of attributes on instances of a class; TypeError where its author forbids it."""
        if cls in Watch.hooked:
            return
        write = cls.__setattr__

        def written(self, name, value):
            write(self, name, value)
            for holder, watched, arrive in list(Watch.hooked[cls]):
                if holder is self and watched == name:
                    arrive(value)

        cls.__setattr__ = written
        Watch.hooked[cls] = []


# -- the network --------------------------------------------------------------------------------------------------


def origin():
    """Return file:line of the nearest caller that is neither the agent nor the standard library."""
    frame = sys._getframe(1)
    nearest = None
    while frame is not None:
        name = frame.f_code.co_filename
        if (name != HERE and not name.startswith((STDLIB, "<"))) or "site-packages" in name:
            nearest = nearest or frame
            if "site-packages" not in name:
                return "%s:%d" % (name, frame.f_lineno)
        frame = frame.f_back
    return "%s:%d" % (nearest.f_code.co_filename, nearest.f_lineno) if nearest else "the standard library"


class Hermetic:
    """An audit hook that records connections and name look-ups to anything undeclared."""

    def __init__(self, channel, declared):
        self.channel = channel
        self.declared = {(host, port) for host, port in declared}
        self.hosts = {host for host, _ in declared} | {"localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "", None}  # noqa: S104
        self.hosts.add(socket.gethostname())
        self.seen = set()

    def __call__(self, event, args):
        """Take one audit event (PEP 578)."""
        if event == "socket.connect":
            self.connecting(*args)
        elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
            host = args[0].decode() if isinstance(args[0], bytes) else args[0]
            if host not in self.hosts and ("host", host) not in self.seen and not self.numeric(host):
                self.seen.add(("host", host))
                self.channel.emit("LookedUp", host=host, where=origin())

    def connecting(self, sock, address):
        """Judge the far end of a stream connection that is being opened."""
        if sock.type & ~0x80800 == socket.SOCK_STREAM:
            self.judge(address, origin)

    def connected(self, own_port):
        """Judge what is connected now: a driver in C, or a loop in C, connects without an audit event."""
        for local, far in peers():
            if local != own_port:
                self.judge(far, lambda: "seen among the open connections of the application once it was ready")

    def judge(self, address, where):
        """Record the far end of a connection, once, unless it is declared."""
        if self.is_declared(address) or address in self.seen:
            return
        self.seen.add(address)
        name = "%s:%s" % address[:2] if isinstance(address, tuple) else "unix:%s" % (address,)
        self.channel.emit("Reached", address=name, where=where())

    def is_declared(self, address):
        """Whether the contract (or the boot itself) knows this address."""
        return (
            isinstance(address, tuple)
            and ("127.0.0.1" if address[0] == "localhost" else address[0], address[1]) in self.declared
        )

    @staticmethod
    def numeric(host):
        """Whether it is an address already, so that nothing is looked up."""
        return host.replace(".", "").isdigit() or ":" in host


# -- the application ----------------------------------------------------------------------------------------------


class Observer:
    """What the agent knows of the application, and how it asks it."""

    def __init__(self, channel, plan):
        self.channel, self.plan = channel, plan
        self.hermetic = Hermetic(channel, plan["declared"])
        self.app = self.asgi = self.loop = None
        self.lifespan = {}
        self.attached = set()
        self.baseline = set()
        self.current = {}
        self.beaten = None
        self.blocked = ""
        self.main = threading.main_thread().ident

    # places

    def resolve(self, place):
        """Yield through a place: an awaitable that it needs is yielded, to be sent back its result."""
        value = self.root(place)
        for kind, *what in place["steps"]:
            value = step(value, kind, *what)
            if kind == "call" and inspect.isawaitable(value):
                value = yield value
        return value

    def root(self, place):
        """Return the object at which a place begins."""
        if place["root"] == "app":
            return self.app
        if place["root"] == "lifespan":
            return self.lifespan
        if place["root"] == "module":
            return sys.modules[place["module"]]
        return self.now(self.plan["components"][place["component"]])

    def now(self, place):
        """Resolve a place which needs no awaiting."""
        try:
            next(self.resolve(place))
        except StopIteration as found:
            return found.value
        raise LookupError("needs to be awaited")

    async def eventually(self, place, limit=5.0):
        """Resolve a place, awaiting what has to be awaited."""
        asked, answer = self.resolve(place), None
        while True:
            try:
                waiting = asked.send(answer)
            except StopIteration as found:
                return found.value
            answer = await asyncio.wait_for(waiting, limit)

    def survey(self):
        """Note which components have come to be, and states that could only be read."""
        for name, place in self.plan["components"].items():
            if name not in self.attached and all(kind != "call" for kind, *_ in place["steps"]):
                try:
                    value = self.now(place)
                except Exception:  # noqa: S112 - not there yet, for whatever reason
                    continue
                if value is not None:
                    self.attached.add(name)
                    self.channel.emit("ComponentAttached", component=name, type=type(value).__qualname__)
        for read in self.current.values():
            read()

    # phases

    def expect(self, after):
        """Set up the signal of every phase that is seen from inside."""
        states = {}
        for phase in self.plan["phases"]:
            if phase["signal"] == "callable":
                after.when(phase["module"], lambda module, phase=phase: self.wrap(module, phase))
            elif phase["signal"] == "state":
                states.setdefault(json.dumps(phase["place"]), []).append(phase)
            else:
                self.follow(phase["place"], lambda value, name=phase["name"]: self.appeared(name, value))
        for phases in states.values():
            values = {json.dumps(phase["value"]): phase["name"] for phase in phases}
            self.follow(phases[0]["place"], self.passage(values))

    def passage(self, values):
        """Return what turns the values of a state into phases entered and left."""
        inside = []

        def tell(value):
            phase = values.get(json.dumps(plain(value)))
            for name in inside:
                self.channel.emit("PhaseLeft", phase=name)
            inside[:] = [phase] if phase else []
            if phase:
                self.channel.emit("PhaseEntered", phase=phase)
            self.soon()

        return tell

    def appeared(self, phase, value):
        """Take an attribute that was filled as a phase that is over."""
        if value is not None and phase not in self.attached:
            self.attached.add(phase)
            self.channel.emit("PhaseEntered", phase=phase)
            self.channel.emit("PhaseLeft", phase=phase)
            self.soon()

    def follow(self, place, tell):
        """Tell the values of a place: by its writes from the first attribute on, and by reading it at every survey."""
        names = [what[0] for kind, *what in place["steps"] if kind == "attr"]
        watch = Watch(names, tell)
        started = []

        def read():
            try:
                if not started and len(names) == len(place["steps"]):
                    started.append(watch.follow(self.root(place)))
            except (TypeError, AttributeError, KeyError):
                started.append(None)
            try:
                value = self.now(place)
            except Exception:
                return
            if plain(value) != plain(watch.last):
                watch.last = value
                tell(value)

        self.current[id(watch)] = read

    def wrap(self, module, phase):
        """Have the callable of a phase report when it is entered, left, or failed."""
        name = phase["name"]
        try:
            owner, attribute, function = descend(module, phase["qualname"])
        except AttributeError as error:
            self.channel.emit("SignalMissing", phase=name, reason=str(error))
            return
        waits = inspect.iscoroutinefunction(function)
        around = self.around_async(name) if waits else self.around_sync(name)
        if isinstance(function, types.FunctionType):
            intercept(function, around)
        elif callable(function):
            setattr(owner, attribute, lambda *args, **kwargs: around(function, args, kwargs))
        else:
            self.channel.emit("SignalMissing", phase=name, reason="%s is no callable" % phase["qualname"])

    def around_async(self, name):
        """Return what surrounds an async phase: the boundaries are asked about in line."""

        async def around(original, args, kwargs):
            await self.boundary()
            self.channel.emit("PhaseEntered", phase=name)
            try:
                result = await original(*args, **kwargs)
            except BaseException as error:
                self.channel.emit("PhaseFailed", phase=name, error=describe(error))
                raise
            self.channel.emit("PhaseLeft", phase=name)
            await self.boundary()
            return result

        return around

    def around_sync(self, name):
        """Return what surrounds a plain phase; the boundaries are asked about as soon as the loop turns."""

        def around(original, args, kwargs):
            self.channel.emit("PhaseEntered", phase=name)
            try:
                result = original(*args, **kwargs)
            except BaseException as error:
                self.channel.emit("PhaseFailed", phase=name, error=describe(error))
                raise
            self.channel.emit("PhaseLeft", phase=name)
            self.soon()
            return result

        return around

    # health, asked through ASGI

    def soon(self):
        """Ask at this boundary as soon as the loop turns; callable from any thread."""
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(lambda: self.loop.create_task(self.boundary()))

    async def boundary(self):
        """Ask the health endpoints while the application is still starting."""
        self.survey()
        for probe in self.plan["probes"] if self.asgi is not None else ():
            await self.probe(**probe)

    async def probe(self, role, path, fields):
        """Ask one endpoint and record the answer."""
        began, body = time.monotonic(), []
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
            "client": ("127.0.0.1", 0), "server": (self.plan["host"], self.plan["port"]), "state": dict(self.lifespan),
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

    # commands

    async def judge(self):
        """Resolve every component and link, and take stock: the application is ready."""
        for name, place in self.plan["components"].items():
            await self.component(name, place)
        for link in self.plan["links"]:
            await self.link(**link)
        self.hermetic.connected(self.plan["port"])
        self.snapshot("ready")
        self.channel.emit("Judged")

    async def component(self, name, place):
        """Record what stands in the place of a component."""
        reason = value = size = None
        try:
            value = await self.eventually(place)
            size = len(value) if hasattr(value, "__len__") else None
        except Exception as error:
            reason = describe(error)
        if value is None and reason is None:
            reason = "it is None"
        self.channel.emit(
            "ComponentResolved",
            component=name,
            present=value is not None,
            type=type(value).__qualname__,
            size=size,
            reason=reason or "",
        )

    async def link(self, name, place, to):
        """Record whether one component is found where another one says it has it."""
        try:
            found, wanted = await self.eventually(place), await self.eventually(self.plan["components"][to])
        except Exception as error:
            self.channel.emit("LinkResolved", link=name, holds=False, observed=describe(error))
            return
        same = found is wanted and found is not None
        kind = "the same object" if same else "None" if found is None else "another %s" % type(found).__qualname__
        self.channel.emit("LinkResolved", link=name, holds=same, observed=kind)

    async def canary(self, service, place):
        """Use a capability through the application's own component."""
        began = time.monotonic()
        try:
            value = await self.eventually(place, self.plan["canary_limit"])
            works, observed = value is not None and value is not False, "returned %.80r" % (value,)
        except Exception as error:
            works, observed = False, "raised " + describe(error)
        self.channel.emit("Canary", service=service, works=works, observed=observed, seconds=time.monotonic() - began)

    def snapshot(self, when):
        """Record what the process holds now."""
        mine = {asyncio.current_task()}
        tasks = [
            t
            for t in asyncio.all_tasks()
            if t not in self.baseline and t not in mine and not t.done() and not server_task(t)
        ]
        self.channel.emit(
            "Snapshot",
            when=when,
            tasks=sorted("%s %s" % (t.get_name(), where_of(t.get_coro())) for t in tasks),
            threads=sorted(t.name for t in threading.enumerate() if t.name != "startup-agent"),
            peers=sorted({"%s:%d" % far for _, far in peers()}),
            descriptors=len(descriptors()),
            memory=resident(),
            test_tools=sorted(name for name in TEST_TOOLS if name in sys.modules),
        )

    def stacks(self):
        """Return what every thread and every task is doing, outermost first."""
        try:
            tasks = list(asyncio.all_tasks(self.loop)) if self.loop is not None else []
        except RuntimeError:  # the set changed while it was copied
            tasks = []
        parts = [("task " + task.get_name(), "\n".join(chain(task.get_coro()))) for task in tasks]
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        for ident, frame in sys._current_frames().items():
            if ident != threading.get_ident():
                parts.append(("thread %s" % names.get(ident, ident), stack_of(frame)))
        return "\n".join("%s\n%s" % part for part in parts if part[1])

    # the agent's own thread

    def beat(self):
        """Note that the loop turns; say so when it had stood still."""
        late = time.monotonic() - self.beaten if self.beaten is not None else 0.0
        if self.blocked and late > self.plan["max_block"]:
            self.channel.emit("LoopBlocked", seconds=late, stack=self.blocked)
        self.blocked, self.beaten = "", time.monotonic()
        self.survey()
        self.loop.call_later(0.02, self.beat)

    def attend(self):
        """Serve commands and watch the loop, in a thread of our own, until the other end goes."""
        while self.channel.socket is not None:
            if self.channel.waiting(0.05):
                command = self.channel.read()
                if command is None:
                    return
                self.obey(**command)
            if self.beaten is not None and time.monotonic() - self.beaten > self.plan["max_block"] and not self.blocked:
                frame = sys._current_frames().get(self.main)
                self.blocked = stack_of(frame) or "unknown"

    def obey(self, command, **arguments):
        """Carry out one command; what touches the application runs on its loop."""
        if command == "stacks":
            self.channel.emit("Stacks", text=self.stacks())
        elif command == "boundary":
            self.soon()
        elif self.loop is not None:
            work = {"judge": self.judge, "canary": self.canary}[command]
            self.loop.call_soon_threadsafe(lambda: self.loop.create_task(work(**arguments)))

    # ASGI

    async def __call__(self, scope, receive, send):
        """Be the application, as far as its server can see."""
        if scope["type"] == "lifespan":
            await self.live(scope, receive, send)
        else:
            await self.asgi(scope, receive, send)

    async def live(self, scope, receive, send):
        """Record the lifespan of the application (ASGI lifespan protocol 2.0)."""
        self.lifespan = scope.setdefault("state", {})
        self.baseline |= {asyncio.current_task()}
        said = []

        async def hear():
            message = await receive()
            said.append(message["type"])
            self.channel.emit("LifespanBegan" if message["type"] == "lifespan.startup" else "ShutdownBegan")
            return message

        async def tell(message):
            said.append(message["type"])
            await self.told(message)
            await send(message)

        try:
            await self.asgi(scope, hear, tell)
        except BaseException as error:
            if "lifespan.startup.complete" not in said and "lifespan.startup.failed" not in said:
                received = "lifespan.startup" in said
                self.channel.emit("LifespanFailed", error=describe(error), told=False, received=received)
            elif "lifespan.shutdown" in said and "lifespan.shutdown.complete" not in said:
                self.channel.emit("ShutdownFailed", error=describe(error))
            raise

    async def told(self, message):
        """Record what the application says of its own lifespan."""
        kind, text = message["type"], str(message.get("message", ""))
        self.survey()
        if kind == "lifespan.startup.complete":
            self.channel.emit("LifespanComplete")
        elif kind == "lifespan.startup.failed":
            self.channel.emit("LifespanFailed", error=last_line(text), told=True, received=True)
        elif kind == "lifespan.shutdown.failed":
            self.channel.emit("ShutdownFailed", error=last_line(text))
        elif kind == "lifespan.shutdown.complete":
            for _ in range(5):  # a task that has just been cancelled may take its last steps
                await asyncio.sleep(0)
            self.snapshot("stopped")
            self.channel.emit("ShutdownComplete")


# -- small things -------------------------------------------------------------------------------------------------


def describe(error):
    """Return an exception as one line."""
    return last_line("".join(traceback.format_exception_only(type(error), error)))


def last_line(text):
    """Return the last line of a text that says something."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def select_fields(body, names):
    """Return the named fields (dotted paths) of a JSON body."""
    try:
        document = json.loads(body) if names else {}
    except ValueError:
        return {}
    found = {}
    for name in names:
        value = document
        for part in name.split("."):
            value = value.get(part, MISSING) if isinstance(value, dict) else MISSING
        if value is not MISSING:
            found[name] = value
    return found


def stack_of(frame, depth=8):
    """Return the innermost frames of a stack as text, without ours."""
    frames = [each for each in traceback.extract_stack(frame) if each.filename != HERE] if frame else []
    return "".join(traceback.format_list(frames[-depth:])).rstrip()


def chain(coroutine):
    """Yield the lines at which a coroutine and those it awaits stand."""
    while coroutine is not None:
        frame = next(
            (f for f in (getattr(coroutine, n, None) for n in ("cr_frame", "gi_frame", "ag_frame")) if f), None
        )
        if frame is not None and frame.f_code.co_filename != HERE:
            yield "  %s:%d in %s" % (frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
        inner = (getattr(coroutine, name, None) for name in ("cr_await", "gi_yieldfrom", "ag_await"))
        coroutine = next((value for value in inner if value is not None), None)


def where_of(coroutine):
    """Return the place of a coroutine's own code."""
    code = getattr(coroutine, "cr_code", None) or getattr(coroutine, "gi_code", None)
    return "%s (%s:%d)" % (coroutine.__qualname__, code.co_filename, code.co_firstlineno) if code else repr(coroutine)


def server_task(task):
    """Whether a task belongs to the server and not to the application."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and ("%suvicorn%s" % (os.sep, os.sep) in code.co_filename or code.co_filename == HERE)


def descriptors():
    """Return the open file descriptors of this process."""
    return [int(name) for name in os.listdir("/dev/fd")]


def peers():
    """Yield the own port and the far end (host, port) of every connected TCP socket."""
    for descriptor in descriptors():
        try:
            sock = socket.socket(fileno=os.dup(descriptor))
        except OSError:
            continue
        with sock:
            try:
                if sock.family in (socket.AF_INET, socket.AF_INET6) and sock.type == socket.SOCK_STREAM:
                    yield sock.getsockname()[1], sock.getpeername()[:2]
            except OSError:
                continue


def resident():
    """Return the resident set in bytes; 0 where the platform does not tell."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


# -- the boot -----------------------------------------------------------------------------------------------------


def fail(channel, target, stage, error):
    """Report that the target could not be had, and leave as the application's own failure would."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename != HERE and "importlib" not in frame.filename]
    text = "".join(traceback.format_list(own) + traceback.format_exception_only(type(error), error))
    channel.emit("ImportFailed", target=target, stage=stage, error=describe(error), traceback=text)
    sys.stderr.write(text)
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        raise error
    sys.exit(1)


def load(channel, target, module, attribute, factory):
    """Import the target and call its factory; every failure names its stage."""
    began = time.monotonic()
    try:
        loaded = importlib.import_module(module)
    except BaseException as error:
        fail(channel, target, "import", error)
    try:
        app = loaded
        for name in attribute.split("."):
            app = getattr(app, name)
    except AttributeError as error:
        fail(channel, target, "attribute", error)
    try:
        app = app() if factory else app
    except BaseException as error:
        fail(channel, target, "factory", error)
    channel.emit("Imported", target=target, seconds=time.monotonic() - began)
    return app


def serve(observer, channel, plan):
    """Run uvicorn as its command line would, with the observer standing in front of the application."""
    try:
        import uvicorn  # noqa: PLC0415 - the application's own
    except ImportError as error:
        fail(channel, plan["target"], "server", error)
    channel.emit(
        "AgentAttached", pid=os.getpid(), python=sys.version.split()[0], server="uvicorn " + uvicorn.__version__
    )
    observer.app = load(channel, plan["target"], plan["module"], plan["attribute"], plan["factory"])

    class Server(uvicorn.Server):
        async def startup(self, *args, **kwargs):
            observer.loop = asyncio.get_running_loop()
            observer.baseline |= asyncio.all_tasks()
            observer.beat()
            await super().startup(*args, **kwargs)
            if self.started and getattr(self, "servers", None):
                host, port = self.servers[0].sockets[0].getsockname()[:2]
                plan["port"] = port
                channel.emit("PortBound", host=host, port=port)

    config = uvicorn.Config(observer.app, host=plan["host"], port=plan["port"], lifespan=plan["lifespan"])
    config.load()
    observer.asgi, config.loaded_app = config.loaded_app, observer
    server = Server(config)
    server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def main():
    """Read the plan and boot the application."""
    channel = Channel(int(sys.argv[1]))
    plan = channel.read()
    if plan is None:
        sys.exit(1)
    sys.argv[:] = ["uvicorn", plan["target"]]
    sys.path[:1] = plan["path"]
    observer = Observer(channel, plan)
    threading.Thread(target=observer.attend, name="startup-agent", daemon=True).start()
    sys.addaudithook(observer.hermetic)
    after = AfterImport()
    sys.meta_path.insert(0, after)
    observer.expect(after)
    serve(observer, channel, plan)


if __name__ == "__main__":
    main()
