"""Is everybody kept out who should be, once it is ready, and nobody else?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import cors as origins
from pytest_startup.checks import headers as security_headers
from pytest_startup.checks import limits, messages, tokens

pytestmark = [
    pytest.mark.real_services,
    pytest.mark.startup,
    pytest.mark.security,
    pytest.mark.boot(exercise="security"),
]


@pytest.mark.row("I12", "W7")
def test_token(judge, token):
    """A request is served with a good token, and refused without one or with one that proves nothing."""
    judge(tokens.of_requests, token)


@pytest.mark.row("I12", "W6", "W7")
@pytest.mark.websocket
def test_socket_token(judge, socket_token):
    """A socket is kept with a good token, and refused without one or with one that proves nothing."""
    judge(tokens.of_sockets, socket_token)


@pytest.mark.row("C19")
def test_token_cache(judge, warm_token):
    """The first use of a good token needs nothing of the service whose part in it was fetched at startup."""
    judge(tokens.first_use, warm_token)


@pytest.mark.row("I11")
def test_limit(judge, limit):
    """As many requests are served as the limit allows, and those beyond it are refused, none by an error."""
    judge(limits.holds, limit)


@pytest.mark.row("I11")
@pytest.mark.multi_user
def test_limit_of_each_user(judge, limit):
    """Another user is served while one is beyond the limit."""
    judge(limits.counts_each_user, limit)


@pytest.mark.row("W10")
@pytest.mark.websocket
def test_message_limit(judge, message_limit):
    """As many frames are served as the limit allows a user, over all sockets, and those beyond it refused in words."""
    judge(messages.holds, message_limit)


@pytest.mark.row("W10")
@pytest.mark.websocket
@pytest.mark.multi_user
def test_message_limit_of_each_user(judge, message_limit):
    """A frame of another user is served while one is beyond the limit."""
    judge(messages.counts_each_user, message_limit)


@pytest.mark.row("W11")
@pytest.mark.websocket
@pytest.mark.business_value
def test_tier_limit(judge, tier_limit):
    """A tier has its own number, and a higher one is really served more."""
    judge(messages.tier, tier_limit)


@pytest.mark.row("W12")
@pytest.mark.websocket
@pytest.mark.performance
def test_message_burst(judge, message_limit):
    """Frames sent in one moment are all answered, in order, and none is dropped without a word."""
    judge(messages.burst, message_limit)


@pytest.mark.row("W9")
def test_security_headers(judge, headers):
    """Answers have the headers that they must, also where somebody is refused, or there is nothing."""
    judge(security_headers.hold, headers)


@pytest.mark.row("I13", "C22")
def test_allowed_origin(judge, cors):
    """Pages of allowed origins may ask and read what the contract says, credentials and all."""
    judge(origins.lets_in, cors)


@pytest.mark.row("I13", "C22")
def test_foreign_origin(judge, cors):
    """Pages of other origins may not: strangers, look-alikes, and those that say null."""
    judge(origins.keeps_out, cors)


@pytest.mark.row("I13", "C13", "W8")
@pytest.mark.websocket
def test_socket_origin(judge, socket_cors):
    """Pages of allowed origins have the socket, and those of other origins do not."""
    judge(origins.of_sockets, socket_cors)
