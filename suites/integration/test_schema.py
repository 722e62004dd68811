"""Are the tables those which the code expects, and does it notice when they are not?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import schema

pytestmark = [pytest.mark.real_services, pytest.mark.startup, pytest.mark.boot(exercise="schema")]


@pytest.mark.row("I8")
def test_schema_at_head(judge, database):
    """Once it is ready no migration is pending, and no model differs from its table."""
    judge(schema.is_at_head, database)


@pytest.mark.row("I8")
def test_readable_tables(judge, database):
    """Every table is there, and can be read by a second connection."""
    judge(schema.is_readable, database)


@pytest.mark.row("C4")
@pytest.mark.error_recovery
def test_newer_schema(judge, database):
    """On the schema of a later release it does what the contract says: it ends and says why, unless told otherwise."""
    judge(schema.newer_is_noticed, database)
