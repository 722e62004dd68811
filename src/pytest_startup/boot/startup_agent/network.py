"""What the process is connected to, and what it tries to reach."""

import os
import socket
import sys

from .words import HERE

STDLIB = os.path.dirname(os.path.abspath(os.__file__))


def origin():
    """Return file:line of the nearest caller that is neither the agent nor the standard library."""
    frame = sys._getframe(1)
    nearest = None
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith((HERE, STDLIB, "<")) or ("site-packages" in name and not name.startswith(HERE)):
            nearest = nearest or frame
            if "site-packages" not in name:
                return "%s:%d" % (name, frame.f_lineno)
        frame = frame.f_back
    return "%s:%d" % (nearest.f_code.co_filename, nearest.f_lineno) if nearest else "the standard library"


class Hermetic:
    """An audit hook that records connections and name look-ups to anything undeclared.

    `watched` are services by name whose connections will be refused: every attempt to connect to them is reported.
    """

    def __init__(self, channel, declared, watched):
        self.channel = channel
        self.watched = {tuple(address): service for service, address in watched.items()}
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
            self.attempt(address)
            self.judge(address, origin)

    def attempt(self, address):
        """Report an attempt to connect to a service which may refuse it."""
        service = self.watched.get(normal(address))
        if service is not None:
            self.channel.emit("Attempted", service=service)

    def watch_loop(self, loop):
        """See what a loop written in C connects to, as no audit event tells of it."""
        if self.watched and type(loop).__module__.partition(".")[0] == "uvloop":
            watch_connections(type(loop), self.attempt)

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
        return normal(address) in self.declared

    @staticmethod
    def numeric(host):
        """Whether it is an address already, so that nothing is looked up."""
        return host.replace(".", "").isdigit() or ":" in host


def normal(address):
    """Return the host and port of an address, whichever way it names this machine; None of other families."""
    if not isinstance(address, tuple):
        return None
    return ("127.0.0.1" if address[0] == "localhost" else address[0], address[1])


def watch_connections(cls, attempt):
    """Call `attempt((host, port))` ahead of every connection that a class of event loops makes by itself."""
    connect = cls.create_connection

    def create_connection(self, factory, host=None, port=None, *args, **kwargs):
        attempt((host, port))
        return connect(self, factory, host, port, *args, **kwargs)

    cls.create_connection = create_connection


def descriptors():
    """Return the open file descriptors of this process."""
    return [int(name) for name in os.listdir("/dev/fd")]


def peers():
    """Yield the own port and the far end (host, port) of every connected TCP socket."""
    for descriptor in descriptors():
        try:
            copy = os.dup(descriptor)
        except OSError:
            continue
        try:
            sock = socket.socket(fileno=copy)
        except OSError:
            os.close(copy)  # no socket: a pipe that we kept open would never end for whoever reads it
            continue
        with sock:
            try:
                if sock.family in (socket.AF_INET, socket.AF_INET6) and sock.type == socket.SOCK_STREAM:
                    yield sock.getsockname()[1], sock.getpeername()[:2]
            except OSError:
                continue
