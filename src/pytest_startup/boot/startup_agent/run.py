"""Booting the application: import it, call its factory, and serve it as uvicorn's command line would."""

import importlib
import os
import sys
import threading
import traceback

from .calls import AfterImport
from .channel import Channel
from .clock import now
from .observer import Observer
from .turns import run_shuffled
from .words import HERE, describe

STARTUP_FAILURE = 3  # uvicorn's own exit code for a lifespan that failed


def fail(channel, target, stage, error):
    """Report that the target could not be had, and leave as the application's own failure would."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(HERE) and "importlib" not in frame.filename]
    text = "".join(traceback.format_list(own) + traceback.format_exception_only(type(error), error))
    channel.emit("ImportFailed", target=target, stage=stage, error=describe(error), traceback=text)
    sys.stderr.write(text)
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        raise error
    sys.exit(1)


def load(channel, target, module, attribute, factory):
    """Import the target and call its factory; every failure names its stage."""
    began = now()
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
    channel.emit("Imported", target=target, seconds=now() - began)
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
    observer.places.app = load(channel, plan["target"], plan["module"], plan["attribute"], plan["factory"])

    observer.time.begin()

    class Server(uvicorn.Server):
        async def startup(self, *args, **kwargs):
            observer.started()
            await super().startup(*args, **kwargs)
            if self.started and getattr(self, "servers", None):
                host, port = self.servers[0].sockets[0].getsockname()[:2]
                plan["port"] = port
                channel.emit("PortBound", host=host, port=port)

        def run(self, *args, **kwargs):
            if plan["seed"] is None:
                return super().run(*args, **kwargs)
            return run_shuffled(self.serve(*args, **kwargs), plan["seed"], channel)

    config = uvicorn.Config(observer.places.app, host=plan["host"], port=plan["port"], lifespan=plan["lifespan"])
    config.load()
    observer.health.asgi, config.loaded_app = config.loaded_app, observer
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
