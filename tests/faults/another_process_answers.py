"""The server of the last release still held the port: the new one never listened, and all probes were green.

Run as a program: `python -m faults.another_process_answers PORT`. The first process stays up and does nothing; a second
one, which has left its group and its environment, answers. It ends with the first.
"""

import json
import os
import signal
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

HEALTHY = json.dumps({"ready": True, "startup_complete": True, "in_progress": False}).encode()


class Leftover(BaseHTTPRequestHandler):
    """Answers on the health endpoints as a good application does."""

    def do_GET(self) -> None:
        """Be healthy, and know nothing else."""
        healthy = self.path.startswith("/health/")
        self.send_response(200 if healthy else 404)
        self.end_headers()
        self.wfile.write(HEALTHY if healthy else b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def answer(port: int, lifeline: int) -> None:
    """Serve until the other end of the lifeline is closed."""
    server = HTTPServer(("127.0.0.1", port), Leftover)
    threading.Thread(target=server.serve_forever).start()
    os.read(lifeline, 1)
    server.shutdown()
    server.server_close()


def leave_behind(port: str) -> tuple[int, int]:
    """Start the leftover as a daemon; return the ends that keep it alive, and that say when it has gone."""
    (ours, lifeline), (gone, held) = socket.socketpair(), socket.socketpair()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            ours.close()
            gone.close()
            held.set_inheritable(True)
            lifeline.set_inheritable(True)
            os.execve(sys.executable, [sys.executable, __file__, port, str(lifeline.fileno())], {})
        os._exit(0)
    os.wait()
    lifeline.close()
    held.close()
    return ours.detach(), gone.detach()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        answer(int(sys.argv[1]), int(sys.argv[2]))
    else:
        alive, gone = leave_behind(sys.argv[1])
        signal.signal(signal.SIGTERM, lambda *_: os.close(alive))
        os.read(gone, 1)
