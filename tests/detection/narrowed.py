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
}
"""Table of the contract -> what is in the names of the tests which need it."""

PEER = "auth"
"""The further application that the example uses, and can do without ..."""

NEEDS_PEER = re.compile(rf"{PEER}|single-sign-on|keys-rotated")
"""... unless this is in the names of tests, or in a fault."""


def narrow(document: dict[str, Any], tests: Collection[str], told: str) -> None:
    """Take out of a contract what no test of a row needs; `told` is whatever else may speak of the peer."""
    for table, words in ABOUT.items():
        if not any(re.search(words, test) for test in tests):
            document.pop(table, None)
    if not NEEDS_PEER.search(" ".join([*tests, told])):
        _without_peer(document)


def _without_peer(document: dict[str, Any]) -> None:
    """Take the peer out, and every way of becoming a user by it."""
    document["launch"]["env"] = {name: text for name, text in document["launch"]["env"].items() if not _names(text)}
    del document["services"][PEER]
    for phase in document["phases"]:
        phase["needs"] = [need for need in phase.get("needs", []) if need != PEER]
    strangers = [each["name"] for each in document.get("journeys", []) if _names(each)]
    for table in {"journeys", "tokens", "limits", "headers", "cors"} & document.keys():
        kept = [each for each in document[table] if not _names(each) and each.get("journey") not in strangers]
        document[table] = kept


def _names(value: object) -> bool:
    return f"{{{PEER}." in json.dumps(value)
