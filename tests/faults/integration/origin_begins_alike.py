"""The pattern of allowed origins had no end: a phishing page on a domain that began as ours was one of us."""

from agent_chat import middleware
from agent_chat.main import app
from faults.integration.tampered import cors

__all__ = ["app"]

middleware.CORSMiddleware = cors(allow_origins=[], allow_origin_regex=r"https://app\.example\.com.*")
