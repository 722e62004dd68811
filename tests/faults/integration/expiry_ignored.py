"""Tokens were checked without their time: who had left the company a year ago could still read along."""

from functools import partial

import jwt

from agent_chat import auth
from agent_chat.main import app
from faults.integration.tampered import library

__all__ = ["app"]

auth.jwt = library(decode=partial(jwt.decode, leeway=10**9))
