"""The HTTP API: accounts, threads, and what agents keep."""

import hmac
import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, status
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from agent_chat.auth import TokenError, Tokens, bearer, hash_password, verify_password
from agent_chat.cache import Cache
from agent_chat.identity import Identity
from agent_chat.limits import PRO
from agent_chat.models import Message, Thread, User
from agent_chat.settings import Settings
from agent_chat.store import Store, UnknownThreadError

router = APIRouter()

DRAFT_SECONDS = 24 * 3600.0


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain NUL")
    return text


Title = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_storable)]


class Credentials(BaseModel):
    """A name and a password."""

    username: Annotated[str, Field(min_length=3, max_length=64, pattern=r"^[A-Za-z0-9_.@+-]+$")]
    password: Annotated[str, Field(min_length=8, max_length=200)]


class UserOut(BaseModel):
    """A user, as others may see them."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    username: str
    tier: str


class Upgrade(BaseModel):
    """What makes a user "pro"."""

    voucher: Annotated[str, Field(min_length=1, max_length=200)]


class TokenOut(BaseModel):
    """A token, and the seconds until it expires."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the name of the scheme
    expires_in: int


class ThreadIn(BaseModel):
    """What a user may set on a thread."""

    title: Title


class Draft(BaseModel):
    """What a user has written and not sent yet."""

    text: Annotated[str, Field(max_length=10_000), AfterValidator(_storable)]


class ThreadOut(BaseModel):
    """A thread."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    title: str
    created_at: datetime
    updated_at: datetime


class MessageOut(BaseModel):
    """A message."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    run_id: str
    role: str
    content: str
    created_at: datetime


def get_store(request: Request) -> Store:
    """Return the store of the application."""
    store: Store = request.app.state.store
    return store


def get_cache(request: Request) -> Cache:
    """Return the cache of the application."""
    cache: Cache = request.app.state.cache
    return cache


def get_tokens(request: Request) -> Tokens:
    """Return what signs the tokens."""
    tokens: Tokens = request.app.state.tokens
    return tokens


def get_identity(request: Request) -> Identity:
    """Return what tells users by their tokens."""
    identity: Identity = request.app.state.identity
    return identity


def get_settings(request: Request) -> Settings:
    """Return the settings of the application."""
    settings: Settings = request.app.state.settings
    return settings


StoreNeeded = Annotated[Store, Depends(get_store)]
CacheNeeded = Annotated[Cache, Depends(get_cache)]
TokensNeeded = Annotated[Tokens, Depends(get_tokens)]
IdentityNeeded = Annotated[Identity, Depends(get_identity)]
SettingsNeeded = Annotated[Settings, Depends(get_settings)]


async def current_user(request: Request, store: StoreNeeded, identity: IdentityNeeded) -> User:
    """Return the user of the request's token; 401 without a good one."""
    try:
        user, _ = await identity.user(bearer(request.headers.get("authorization")) or "", store)
    except TokenError as error:
        raise _unauthorized("a valid token is needed") from error
    return user


CurrentUser = Annotated[User, Depends(current_user)]


@router.post("/auth/register", status_code=status.HTTP_201_CREATED, response_model=UserOut)
async def register(credentials: Credentials, store: StoreNeeded) -> User:
    """Open an account."""
    user = await store.add_user(credentials.username, await hash_password(credentials.password))
    if user is None:
        raise HTTPException(status.HTTP_409_CONFLICT, "this name is taken")
    return user


@router.post("/auth/login")
async def login(credentials: Credentials, store: StoreNeeded, tokens: TokensNeeded) -> TokenOut:
    """Exchange name and password for a token."""
    user = await store.find_user(credentials.username)
    known = await verify_password(credentials.password, user.password_hash if user else None)
    if user is None or not known:
        raise _unauthorized("wrong name or password")
    return TokenOut(access_token=tokens.issue(user.id), expires_in=int(tokens.seconds))


@router.post("/auth/upgrade", response_model=UserOut)
async def upgrade(upgrade: Upgrade, user: CurrentUser, store: StoreNeeded, settings: SettingsNeeded) -> User:
    """Make a user "pro"; the sockets that they open from now on are."""
    if settings.pro_voucher is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "there are no vouchers")
    if not hmac.compare_digest(upgrade.voucher.encode(), settings.pro_voucher.encode()):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "this voucher is not good")
    upgraded = await store.set_tier(user.id, PRO)
    if upgraded is None:
        raise _unauthorized("a valid token is needed")
    return upgraded


@router.get("/auth/me", response_model=UserOut)
async def me(user: CurrentUser) -> User:
    """Tell whose token it is."""
    return user


@router.post("/threads", status_code=status.HTTP_201_CREATED, response_model=ThreadOut)
async def add_thread(thread: ThreadIn, user: CurrentUser, store: StoreNeeded) -> Thread:
    """Begin an empty thread."""
    return await store.add_thread(user.id, thread.title)


@router.get("/threads", response_model=list[ThreadOut])
async def list_threads(user: CurrentUser, store: StoreNeeded) -> list[Thread]:
    """List the threads of the user, the one used last first."""
    return list(await store.threads(user.id))


@router.get("/threads/{thread_id}/messages", response_model=list[MessageOut])
async def list_messages(thread_id: str, user: CurrentUser, store: StoreNeeded) -> list[Message]:
    """List what was said in a thread."""
    try:
        await store.get_thread(user.id, thread_id)
    except UnknownThreadError as error:
        raise _no_thread() from error
    return list(await store.messages(thread_id))


@router.patch("/threads/{thread_id}", response_model=ThreadOut)
async def rename_thread(
    thread_id: str, thread: ThreadIn, user: CurrentUser, store: StoreNeeded, cache: CacheNeeded
) -> Thread:
    """Give a thread another title, and tell the user's other devices, whichever instance they are connected to."""
    try:
        renamed = await store.rename_thread(user.id, thread_id, thread.title)
    except UnknownThreadError as error:
        raise _no_thread() from error
    await cache.publish(f"threads:{user.id}", json.dumps({"renamed": thread_id, "title": thread.title}))
    return renamed


@router.delete("/threads/{thread_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_thread(thread_id: str, user: CurrentUser, store: StoreNeeded) -> None:
    """Delete a thread and everything in it."""
    try:
        await store.delete_thread(user.id, thread_id)
    except UnknownThreadError as error:
        raise _no_thread() from error


@router.put("/threads/{thread_id}/draft", status_code=status.HTTP_204_NO_CONTENT)
async def keep_draft(thread_id: str, draft: Draft, user: CurrentUser, store: StoreNeeded, cache: CacheNeeded) -> None:
    """Keep what the user has not sent yet, for a day."""
    try:
        await store.get_thread(user.id, thread_id)
    except UnknownThreadError as error:
        raise _no_thread() from error
    await cache.set(f"draft:{thread_id}", draft.text, DRAFT_SECONDS)


@router.get("/threads/{thread_id}/draft")
async def get_draft(thread_id: str, user: CurrentUser, store: StoreNeeded, cache: CacheNeeded) -> Draft:
    """Return what the user has not sent yet."""
    try:
        await store.get_thread(user.id, thread_id)
    except UnknownThreadError as error:
        raise _no_thread() from error
    return Draft(text=await cache.get(f"draft:{thread_id}") or "")


@router.get("/agents/{agent}/state")
async def get_agent_state(agent: str, user: CurrentUser, store: StoreNeeded) -> dict[str, Any]:
    """Tell what an agent keeps for the user."""
    return await store.agent_state(user.id, agent) or {}


@router.put("/agents/{agent}/state", status_code=status.HTTP_204_NO_CONTENT)
async def put_agent_state(agent: str, state: dict[str, Any], user: CurrentUser, store: StoreNeeded) -> None:
    """Have an agent keep something for the user."""
    await store.put_agent_state(user.id, agent, state)


@router.delete("/agents/{agent}/state", status_code=status.HTTP_204_NO_CONTENT)
async def delete_agent_state(agent: str, user: CurrentUser, store: StoreNeeded) -> None:
    """Make an agent forget."""
    await store.delete_agent_state(user.id, agent)


def _unauthorized(message: str) -> HTTPException:
    return HTTPException(status.HTTP_401_UNAUTHORIZED, message, {"WWW-Authenticate": "Bearer"})


def _no_thread() -> HTTPException:
    return HTTPException(status.HTTP_404_NOT_FOUND, "you have no such thread")
