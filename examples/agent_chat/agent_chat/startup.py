"""The seven phases of startup, in order. Each opens what the next ones need, and says how to close it."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from agent_chat import cache, database, issuer, llm
from agent_chat.agents import AgentRegistry, build_agents
from agent_chat.analytics import Analytics
from agent_chat.auth import Tokens
from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.checks import Checks, ServiceCheck
from agent_chat.farewell import Farewell
from agent_chat.handlers import ChatHandler, MessageHandlers, register_handlers
from agent_chat.heartbeat import Heartbeat
from agent_chat.identity import Identity
from agent_chat.limits import FREE, PRO, Limits
from agent_chat.logs import configure_logging
from agent_chat.migrations import migrate
from agent_chat.monitor import HealthMonitor
from agent_chat.orchestrator import Closing, Phase, started
from agent_chat.rate_limit import RateLimiter
from agent_chat.retry import retrying
from agent_chat.settings import Settings
from agent_chat.sockets import WebSocketManager
from agent_chat.store import Store
from agent_chat.supervisor import Supervisor
from agent_chat.tools import ToolDispatcher, ToolExecutor, build_tools

logger = logging.getLogger(__name__)


async def load_settings(app: FastAPI, _closing: Closing) -> None:
    """Read the environment; nothing else is worth a try when it is wrong."""
    app.state.settings = Settings.from_env(os.environ)


async def connect_dependencies(app: FastAPI, closing: Closing) -> None:
    """Prepare the tokens, reach the language model, and learn the keys of the auth service, where there is one."""
    settings: Settings = app.state.settings
    app.state.tokens = Tokens(settings.jwt_secret, seconds=settings.access_token_seconds)
    client = llm.LLM(
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key,
        model=settings.openai_model,
        seconds=settings.openai_timeout_seconds,
    )
    closing.push("llm", client.close)
    await retrying("llm", client.ping, seconds=settings.startup_retry_seconds, on=llm.TRANSIENT)
    app.state.llm = client
    app.state.identity = Identity(app.state.tokens, await reach_issuer(settings, closing))


async def reach_issuer(settings: Settings, closing: Closing) -> issuer.Issuer | None:
    """Return the auth service once its keys are known; None where none is configured."""
    if settings.auth_url is None:
        return None
    client = issuer.Issuer(settings.auth_url, settings.auth_issuer)
    closing.push("auth", client.close)
    await retrying("auth", client.fetch, seconds=settings.startup_retry_seconds, on=issuer.TRANSIENT)
    return client


async def open_database(app: FastAPI, closing: Closing) -> None:
    """Reach Postgres, bring its schema to head, and fill the pool."""
    settings: Settings = app.state.settings
    pool = database.Database(settings.database_url, pool_size=settings.database_pool_size)
    closing.push("database", pool.close)

    async def prepare() -> None:
        await migrate(pool.engine)  # in one transaction: broken off, it can begin again
        await pool.warm()

    await retrying("database", lambda: pool.reach(prepare), seconds=settings.startup_retry_seconds, on=(OSError,))
    app.state.database = pool
    app.state.store = Store(pool)


async def open_cache(app: FastAPI, closing: Closing) -> None:
    """Reach Redis, and count requests and messages in it."""
    settings: Settings = app.state.settings
    client = cache.Cache(settings.redis_url)
    closing.push("cache", client.close)
    await retrying("cache", client.ping, seconds=settings.startup_retry_seconds, on=cache.TRANSIENT)
    app.state.cache = client
    app.state.limiter = RateLimiter(client, per_minute=settings.rate_limit_per_minute)
    app.state.message_limiters = {
        FREE: RateLimiter(client, per_minute=settings.messages_per_minute_free),
        PRO: RateLimiter(client, per_minute=settings.messages_per_minute_pro),
    }


async def build_services(app: FastAPI, _closing: Closing) -> None:
    """Put together what answers: tools, agents and their supervisor."""
    dispatcher = ToolDispatcher(ToolExecutor(), build_tools(app.state.store))
    registry = AgentRegistry()
    for agent in build_agents(dispatcher):
        registry.register(agent)
    app.state.dispatcher = dispatcher
    app.state.registry = registry
    app.state.supervisor = Supervisor(registry, app.state.llm, app.state.store)


async def open_websocket(app: FastAPI, closing: Closing) -> None:
    """Connect the agents with the users: manager, bridge, and the handlers of what users send."""
    manager = WebSocketManager(limits_of(app.state.settings))
    closing.push("websocket manager", manager.close)
    bridge = AgentWebSocketBridge(manager, app.state.supervisor)
    closing.push("bridge", bridge.close)
    app.state.dispatcher.executor.connect(bridge)
    app.state.registry.connect(manager)
    handlers = MessageHandlers()
    register_handlers(handlers, ChatHandler(bridge, app.state.registry, app.state.message_limiters))
    app.state.manager, app.state.bridge, app.state.handlers = manager, bridge, handlers


def limits_of(settings: Settings) -> Limits:
    """Return what one user may have at once."""
    return Limits(
        connections={FREE: settings.max_connections_free, PRO: settings.max_connections_pro},
        reconnects=settings.reconnects_per_window,
        kept_frames=settings.kept_frames,
    )


async def finalize(app: FastAPI, closing: Closing) -> None:
    """Prove that events are delivered, begin to monitor, start what is optional, and try everything once."""
    state = app.state
    await state.bridge.verify()
    state.monitor = HealthMonitor(state.handlers, state.manager)
    closing.push("health monitor", state.monitor.close)
    state.monitor.start()
    state.heartbeat = build_heartbeat(state.manager, state.settings)
    closing.push("heartbeat", state.heartbeat.close)
    state.heartbeat.start()
    state.analytics = Analytics(state.settings.analytics_url)
    closing.push("analytics", state.analytics.close)
    state.analytics.start()
    state.checks = build_checks(app)
    closing.push("checks", state.checks.close)
    for report in (await state.checks.report()).values():
        logger.info("%s is %s", report["service"], report["status"])
    state.farewell = Farewell(state.manager.close)
    closing.push("farewell", state.farewell.close)
    state.farewell.start()


def build_heartbeat(manager: WebSocketManager, settings: Settings) -> Heartbeat:
    """Return what asks all connections whether somebody is still there."""
    return Heartbeat(manager, every=settings.heartbeat_seconds, timeout=settings.heartbeat_timeout_seconds)


def build_checks(app: FastAPI) -> Checks:
    """Return the checks of readiness."""
    state = app.state
    peer: issuer.Issuer | None = state.identity.issuer
    services = [
        ServiceCheck("database", state.database.ping, required=True),
        ServiceCheck("cache", state.cache.ping, required=True),
        ServiceCheck("llm", state.llm.ping, required=True),
        ServiceCheck("auth", peer.ping if peer is not None else None, required=False),
        ServiceCheck(
            "analytics",
            state.analytics.ping if state.analytics.configured else None,
            required=state.settings.analytics_required,
        ),
    ]

    def missing() -> list[str]:
        parts = [part for part, attached in state.bridge.health().items() if not attached]
        parts += [] if state.heartbeat.beats else ["heartbeat"]
        return parts if state.monitor.status == "healthy" else [*parts, f"handlers ({state.monitor.status})"]

    return Checks(services, missing)


PHASES = (
    Phase("init", load_settings, timeout=5.0),
    Phase("dependencies", connect_dependencies, timeout=5.0),
    Phase("database", open_database, timeout=8.0),
    Phase("cache", open_cache, timeout=5.0),
    Phase("services", build_services, timeout=5.0),
    Phase("websocket", open_websocket, timeout=5.0),
    Phase("finalize", finalize, timeout=5.0),
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start, serve, stop."""
    configure_logging(os.environ.get("LOG_LEVEL", "INFO"))
    async with started(app, PHASES):
        yield
