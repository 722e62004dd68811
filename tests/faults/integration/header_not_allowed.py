"""Authorization was missing among the allowed headers: curl could do everything, no browser anything."""

from agent_chat import middleware
from agent_chat.main import app
from faults.integration.tampered import cors

__all__ = ["app"]

middleware.CORSMiddleware = cors(allow_headers=["Content-Type"])
