"""A request or a socket as the contract has it, ready to be sent by somebody in particular. No input, no output."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from pytest_startup.boot.outgoing import Namespace, Outgoing, Upgrade
from pytest_startup.boot.socket_errands import text_of
from pytest_startup.boot.values import Values, secrets_in
from pytest_startup.chat.frames import document_of
from pytest_startup.contract.security import Asked
from pytest_startup.contract.sockets import SocketClient


def request(asked: Asked, values: Values, without: str = "", more: Mapping[str, str] | None = None) -> Outgoing:
    """Return a request with `more` headers; what would hold the template `without` is left out."""
    headers = _texts(asked.headers, values, without)
    body = None
    if asked.json is not None:
        document = {name: item for name, item in asked.json.items() if not _holds(item, without)}
        body, headers = json.dumps(values.filled(document)).encode(), {"Content-Type": "application/json", **headers}
    url = _url(asked.request.url, values, without)
    return Outgoing(asked.request.method, url, {**(more or {}), **headers}, body, asked.max_seconds)


def upgrade(client: SocketClient, values: Values, without: str = "", more: Mapping[str, str] | None = None) -> Upgrade:
    """Return a socket with `more` headers; what would hold the template `without` is left out."""
    url = _url(client.path, values, without)
    query = _texts(client.query, values, without)
    if query:
        url += ("&" if "?" in url else "?") + urlencode(query)
    headers = {**(more or {}), **_texts(client.headers, values, without)}
    subprotocols = tuple(values.text(each) for each in client.subprotocols if not _holds(each, without))
    frames = tuple(text_of(values.filled(each)) for each in client.first if not _holds(each, without))
    auth = {name: values.filled(item) for name, item in client.auth.items() if not _holds(item, without)}
    namespace = Namespace(client.namespace, auth) if client.is_socketio else None
    return Upgrade(url, headers, subprotocols, frames, namespace)


def secrets_of(asked: Outgoing | Upgrade) -> Iterator[str]:
    """Yield what is to be masked of what is sent: in headers, in the query, in a body or frames."""
    said = map(document_of, asked.first) if isinstance(asked, Upgrade) else map(json.loads, filter(None, [asked.body]))
    yield from secrets_in([asked.headers, dict(parse_qsl(urlsplit(asked.url).query)), *said])
    if isinstance(asked, Upgrade) and asked.namespace is not None:
        yield from secrets_in(asked.namespace.auth)


def _texts(texts: Mapping[str, str], values: Values, without: str) -> dict[str, str]:
    return {name: values.text(text) for name, text in texts.items() if not _holds(text, without)}


def _holds(value: Any, without: str) -> bool:  # noqa: ANN401 (JSON)
    return bool(without) and f"{{{without}}}" in json.dumps(value, default=dict)


def _url(url: str, values: Values, without: str) -> str:
    return values.url(url.replace(f"{{{without}}}", "") if without else url)
