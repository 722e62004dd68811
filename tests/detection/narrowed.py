"""The contract of a row without what none of its tests is about: nothing is booted, asked or waited for in vain."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

ABOUT: Mapping[str, str] = {
    "deliveries": r"deliver|recipient|_after_|_beside_",
    "tokens": r"token",
    "limits": r"limit|burst",
    "headers": r"headers",
    "cors": r"origin",
    "grace": r"grace",
    "traffic": r"traffic|request|not_ready_is_told|log_stays|outage|stall",
    "websocket.broadcasts": r"broadcast|restart_closes",
    "websocket.buffer": r"overflow|priorities|loss_is_told",
    "websocket.confirm": r"confirmed",
    "websocket.factory": r"manager_of_each",
    "websocket.heartbeat": r"heartbeat|quiet_client|dead_peer",
    "websocket.limit": r"connection_limit|connections_of_each",
    "websocket.reconnect": r"turn_goes_on|queue_after|state_after|backoff|storm_of_returns",
    "websocket.reconnect.backoff": r"backoff",
    "websocket.routes": r"route|payload",
    "websocket.settles": r"settle",
    "websocket.spoof": r"user_of_connection",
    "websocket.upgrades": r"upgrades",
}
"""Table of the contract -> what is in the names of the tests which need it."""

PEER = "auth"
"""The further application that the example uses, and can do without ..."""

NEEDS_PEER = re.compile(rf"\b{PEER}\b|single-sign-on|keys-rotated|benign\.unchanged")
"""... unless this is in the name of a row, of its tests, or in its changes."""


def narrow(document: dict[str, Any], tests: Collection[str]) -> None:
    """Take out of a contract what no test of a row is about."""
    for table, words in ABOUT.items():
        if not any(re.search(words, test) for test in tests):
            _remove(document, table)
    _without_other_journeys(document, tests)


def without_peer(document: dict[str, Any]) -> None:
    """Take the peer out of a contract, and every way of becoming a user by it."""
    document["launch"]["env"] = {name: text for name, text in document["launch"]["env"].items() if not _names(text)}
    del document["services"][PEER]
    for phase in document["phases"]:
        phase["needs"] = [need for need in phase.get("needs", []) if need != PEER]
    strangers = [each["name"] for each in document.get("journeys", []) if _names(each)]
    for table in {"journeys", "tokens", "limits", "headers", "cors"} & document.keys():
        kept = [each for each in document[table] if not _names(each) and each.get("journey") not in strangers]
        document[table] = kept


def _remove(document: dict[str, Any], path: str) -> None:
    """Take out what stands at a dotted path, where there is such a thing."""
    *parents, last = path.split(".")
    for name in parents:
        document = document.get(name, {})
    document.pop(last, None)


def _without_other_journeys(document: dict[str, Any], tests: Collection[str]) -> None:
    """Take out the journeys which nothing else in the contract speaks of, and no test."""
    said = json.dumps([value for name, value in document.items() if name != "journeys"])
    named = {name for test in tests for name in re.findall(r"\[(.*)\]", test)}
    document["journeys"] = [
        each for each in document.get("journeys", []) if each["name"] in named or json.dumps(each["name"]) in said
    ]


def _names(value: object) -> bool:
    return f"{{{PEER}." in json.dumps(value)
