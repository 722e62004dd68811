"""A registry on loopback which serves one image, so that pulling is tested without a network.

It speaks as much of the distribution protocol (https://distribution.github.io/distribution/spec/api/) as a daemon needs
to pull: one manifest, by tag or digest, and its blobs. Daemons take registries at 127.0.0.0/8 without TLS.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar"


def digest(data: bytes) -> str:
    """Return the name under which a registry keeps this."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _described(data: bytes, kind: str) -> dict[str, object]:
    return {"mediaType": kind, "size": len(data), "digest": digest(data)}


def contents(image: str) -> tuple[bytes, dict[str, bytes]]:
    """Return the manifest of a local image, and all blobs by their digests."""
    saved = subprocess.run(["docker", "save", image], capture_output=True, check=True, timeout=60).stdout
    with tarfile.open(fileobj=io.BytesIO(saved)) as archive:

        def member(name: str) -> bytes:
            file = archive.extractfile(name)
            assert file is not None
            return file.read()

        (listed,) = json.loads(member("manifest.json"))
        config, layers = member(listed["Config"]), [member(name) for name in listed["Layers"]]
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": _described(config, CONFIG),
        "layers": [_described(layer, LAYER) for layer in layers],
    }
    return json.dumps(manifest).encode(), {digest(blob): blob for blob in (config, *layers)}


@contextmanager
def serving(image: str) -> Iterator[str]:
    """Serve a local image, and give the name under which it can be pulled: 127.0.0.1:PORT/served:1."""
    manifest, blobs = contents(image)

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer with what the path names."""
            name = self.path.rpartition("/")[2]
            if self.path == "/v2/":
                self._answer(200, b"{}", "application/json")
            elif "/manifests/" in self.path and name in {"1", digest(manifest)}:
                self._answer(200, manifest, MANIFEST)
            elif "/blobs/" in self.path and name in blobs:
                self._answer(200, blobs[name], "application/octet-stream")
            else:
                self._answer(
                    404, b'{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "no such"}]}', "application/json"
                )

        do_HEAD = do_GET  # noqa: N815  # named by the library

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Docker-Content-Digest": digest(body)}
            for header, value in headers.items():
                self.send_header(header, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # named by the library
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_port}/served:1"
        finally:
            server.shutdown()
