"""The JSON Schema of a contract, for editors: `python -m pytest_startup.contract.schema` prints it.

It knows what a table can know alone; names which refer to one another are checked by the reader.
"""

from __future__ import annotations

import json
import sys

from pytest_startup.contract.kinds import Schema
from pytest_startup.contract.model import CONTRACT

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> Schema:
    """Return the schema of a `startup.toml`."""
    head = {
        "$schema": DIALECT,
        "title": "startup.toml",
        "description": "What an application promises of its startup.",
    }
    return head | CONTRACT.schema()


def main() -> None:
    """Print the schema."""
    sys.stdout.write(json.dumps(schema(), indent=2) + "\n")


if __name__ == "__main__":
    main()
