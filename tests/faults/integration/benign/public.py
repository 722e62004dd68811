"""Any page may read it, none with its visitor's credentials: there is nothing that belongs to anybody."""

from agent_chat import middleware
from agent_chat.main import app
from faults.integration.tampered import cors

__all__ = ["app"]

middleware.CORSMiddleware = cors(allow_origins=["*"], allow_credentials=False)
