"""Every origin was allowed, credentials and all, to be rid of an error: any page could act for its visitors."""

from agent_chat import middleware
from agent_chat.main import app
from faults.integration.tampered import cors

__all__ = ["app"]

middleware.CORSMiddleware = cors(allow_origin_regex=".*")
