"""Connecting to an application: by TCP, and by TLS over it."""

from __future__ import annotations

import socket
import ssl


def opened(host: str, port: int, seconds: float, *, secure: bool) -> socket.socket:
    """Connect, `secure` by TLS, to the first address of a host which takes the connection.

    Raises `OSError`; `TimeoutError` where one step (to connect, to read once, to write once) takes over `seconds`.
    """
    refused: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        stream = socket.socket(family, kind, protocol)
        if secure:  # before it is connected: `ssl` loses a socket which is reset before it is wrapped
            stream = ssl.create_default_context().wrap_socket(stream, server_hostname=host)
        try:
            stream.settimeout(seconds)
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a question may be several frames
            stream.connect(address)
        except OSError as error:
            stream.close()
            refused = error
        else:
            return stream
    raise refused
