"""A run was cancelled when the connection of its user was lost: after a tunnel there was no answer, nor an error."""

from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.connection import Connection
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager
from agent_chat.supervisor import Supervisor

__all__ = ["app"]

made, disconnect = AgentWebSocketBridge.__init__, WebSocketManager.disconnect
bridges: list[AgentWebSocketBridge] = []


def make(self: AgentWebSocketBridge, manager: WebSocketManager, supervisor: Supervisor) -> None:
    """Be known."""
    made(self, manager, supervisor)
    bridges.append(self)


def disconnect_and_cancel(self: WebSocketManager, connection: Connection) -> None:
    """Forget a connection, and end what its user asked for."""
    disconnect(self, connection)
    for task, run in [each for bridge in bridges for each in bridge._runs.items()]:
        if run.user_id == connection.user_id:
            task.cancel()


AgentWebSocketBridge.__init__ = make
WebSocketManager.disconnect = disconnect_and_cancel
