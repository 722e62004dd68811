"""Is everybody kept out who should be, once it is ready, and nobody else?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import cors as origins
from pytest_startup.checks import limits, tokens

pytestmark = [
    pytest.mark.real_services,
    pytest.mark.startup,
    pytest.mark.security,
    pytest.mark.boot(exercise="security"),
]


@pytest.mark.row("I12")
def test_token(judge, token):
    """A request is served with a good token, and refused without one or with one that proves nothing."""
    judge(tokens.of_requests, token)


@pytest.mark.row("I12")
@pytest.mark.websocket
def test_socket_token(judge, socket_token):
    """A socket is kept with a good token, and refused without one or with one that proves nothing."""
    judge(tokens.of_sockets, socket_token)


@pytest.mark.row("I11")
def test_limit(judge, limit):
    """As many requests are served as the limit allows, and those beyond it are refused, none by an error."""
    judge(limits.holds, limit)


@pytest.mark.row("I11")
@pytest.mark.multi_user
def test_limit_of_each_user(judge, limit):
    """Another user is served while one is beyond the limit."""
    judge(limits.counts_each_user, limit)


@pytest.mark.row("I13", "C22")
def test_allowed_origin(judge, cors):
    """Pages of allowed origins may ask and read what the contract says, credentials and all."""
    judge(origins.lets_in, cors)


@pytest.mark.row("I13", "C22")
def test_foreign_origin(judge, cors):
    """Pages of other origins may not: strangers, look-alikes, and those that say null."""
    judge(origins.keeps_out, cors)


@pytest.mark.row("I13", "C13")
@pytest.mark.websocket
def test_socket_origin(judge, socket_cors):
    """Pages of allowed origins have the socket, and those of other origins do not."""
    judge(origins.of_sockets, socket_cors)
