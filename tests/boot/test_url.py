"""An application that is up already, where it speaks TLS."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pytest_startup.checks import journeys
from pytest_startup.contract.reader import parse
from pytest_startup.events.edge import Probed
from pytest_startup.events.process import NeverReady, Ready
from pytest_startup.events.used import JourneyStepped
from pytest_startup.findings import NotCovered
from pytest_startup.variation import Exercise, Variation

from .conftest import Boots

USE = Variation(exercise=Exercise("use"))
ASKING = {
    "sql": '{ sql = "select 1", rows = 1 }',
    "redis": '{ redis = ["PING"] }',
    "hears": '{ redis = ["SUBSCRIBE", "news"] }, { hears = "news", max_seconds = 0.2 }',
    "one by its name": '{ redis = ["PING"], service = "redis" }',
}


class Healthy(BaseHTTPRequestHandler):
    """Answers to anything."""

    def do_GET(self) -> None:
        """Be well."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file with a key and a certificate of its own for 127.0.0.1."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + dt.timedelta(days=1))
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = builder.add_extension(address, critical=False).sign(key, hashes.SHA256())
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*form) + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def port(certificate: Path) -> Iterator[int]:
    """Serve with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HTTPServer(("127.0.0.1", 0), Healthy) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield server.server_port
        server.shutdown()
        serving.join()


@pytest.mark.parametrize("steps", ASKING.values(), ids=ASKING)
def test_it_has_its_own_services(boots: Boots, steps: str):
    """A journey which asks a service of ours is not made, and not judged; the others are."""
    with HTTPServer(("127.0.0.1", 0), Healthy) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        launch = f'[launch]\nurl = "http://127.0.0.1:{server.server_port}"\n[health]\nreadiness = "/ready"\n'
        theirs = f"[services.postgres]\n[services.redis]\n[[journeys]]\nname = 'asks'\nsteps = [{steps}]\n"
        contract = parse(f"{launch}{theirs}[[journeys]]\nname = 'gets'\nsteps = [{{ get = '/' }}]\n")
        trace = boots(contract, USE)
        server.shutdown()
        serving.join()
    assert {"gets"} == {each.journey for each in trace.all(JourneyStepped)}
    assert [] == journeys.completes(trace, contract, "gets")
    unseen = journeys.completes(trace, contract, "asks")
    assert isinstance(unseen, NotCovered)
    assert "has its own" in unseen.reason


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "not trusted"])
def test_tls(boots: Boots, port: int, certificate: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool):
    """Health is asked over TLS, and a certificate that nobody vouches for is an answer of its own."""
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    launch = f'[launch]\nurl = "https://127.0.0.1:{port}"\nboot_timeout = 1.5\n'
    trace = boots(parse(launch + '[health]\nreadiness = "/ready"\n'))
    assert trusted is (trace.first(Ready) is not None)
    assert trusted is (trace.first(NeverReady) is None)
    answers = {event.answer for event in trace.all(Probed, role="readiness")}
    assert trusted is any(answer == "200" for answer in answers)
    assert trusted is not any("CERTIFICATE_VERIFY_FAILED" in answer for answer in answers)
