"""What is kept in the database: users, threads, messages, runs and the state of agents."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from agent_chat.database import Database
from agent_chat.models import AgentState, Message, RunRecord, Thread, User, new_id

TITLE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Run:
    """One turn: the message of a user in a thread, and the agent which answers it."""

    id: str
    thread_id: str
    user_id: str
    agent: str
    content: str


class UnknownThreadError(LookupError):
    """The user has no such thread."""


class Store:
    """Queries, each in a session of its own which is given back when it is done."""

    def __init__(self, database: Database) -> None:
        self._session = database.session

    async def add_user(self, username: str, password_hash: str) -> User | None:
        """Add a user; None when the name is taken."""
        user = User(id=new_id(), username=username, password_hash=password_hash)
        try:
            async with self._session.begin() as session:
                session.add(user)
        except IntegrityError:
            return None
        return user

    async def add_guest(self, user_id: str, username: str) -> User | None:
        """Add a user who has no password here, unless somebody was faster; None when the name is another's."""
        row = insert(User).values(id=user_id, username=username, password_hash="")
        async with self._session.begin() as session:
            await session.execute(row.on_conflict_do_nothing())
        return await self.get_user(user_id)

    async def find_user(self, username: str) -> User | None:
        """Return the user of this name."""
        async with self._session() as session:
            return await session.scalar(select(User).where(User.username == username))

    async def get_user(self, user_id: str) -> User | None:
        """Return the user with this id."""
        async with self._session() as session:
            return await session.get(User, user_id)

    async def set_tier(self, user_id: str, tier: str) -> User | None:
        """Put a user into another tier; None when there is no such user."""
        query = update(User).where(User.id == user_id).values(tier=tier)
        async with self._session.begin() as session:
            user: User | None = await session.scalar(query.returning(User))
        return user

    async def add_thread(self, user_id: str, title: str) -> Thread:
        """Add an empty thread."""
        thread = Thread(id=new_id(), user_id=user_id, title=title)
        async with self._session.begin() as session:
            session.add(thread)
        return thread

    async def threads(self, user_id: str, limit: int = 50) -> Sequence[Thread]:
        """Return the threads of a user, the one used last first."""
        query = select(Thread).where(Thread.user_id == user_id).order_by(Thread.updated_at.desc())
        async with self._session() as session:
            return (await session.scalars(query.limit(limit))).all()

    async def get_thread(self, user_id: str, thread_id: str) -> Thread:
        """Return a thread of this user. Raises `UnknownThreadError`."""
        query = select(Thread).where(Thread.id == thread_id, Thread.user_id == user_id)
        async with self._session() as session:
            thread = await session.scalar(query)
        if thread is None:
            raise UnknownThreadError(thread_id)
        return thread

    async def rename_thread(self, user_id: str, thread_id: str, title: str) -> Thread:
        """Give a thread another title. Raises `UnknownThreadError`."""
        query = update(Thread).where(Thread.id == thread_id, Thread.user_id == user_id).values(title=title)
        async with self._session.begin() as session:
            thread: Thread | None = await session.scalar(query.returning(Thread))
        if thread is None:
            raise UnknownThreadError(thread_id)
        return thread

    async def delete_thread(self, user_id: str, thread_id: str) -> None:
        """Delete a thread with all that belongs to it. Raises `UnknownThreadError`."""
        query = delete(Thread).where(Thread.id == thread_id, Thread.user_id == user_id).returning(Thread.id)
        async with self._session.begin() as session:
            if await session.scalar(query) is None:
                raise UnknownThreadError(thread_id)

    async def messages(self, thread_id: str, limit: int = 50) -> Sequence[Message]:
        """Return the newest messages of a thread, in the order in which they were said."""
        query = select(Message).where(Message.thread_id == thread_id)
        async with self._session() as session:
            newest = await session.scalars(query.order_by(Message.created_at.desc()).limit(limit))
            return newest.all()[::-1]

    async def search_messages(self, user_id: str, words: str, limit: int = 5) -> Sequence[Message]:
        """Return the newest messages of a user which contain `words`."""
        query = select(Message).join(Thread, Thread.id == Message.thread_id).where(Thread.user_id == user_id)
        query = query.where(Message.content.icontains(words, autoescape=True))
        async with self._session() as session:
            return (await session.scalars(query.order_by(Message.created_at.desc()).limit(limit))).all()

    async def begin_run(self, user_id: str, thread_id: str | None, agent: str, content: str) -> Run:
        """Keep what the user said, in a new thread when there is none yet, and the run that answers it."""
        if thread_id is None:
            thread_id = (await self.add_thread(user_id, content[:TITLE_LENGTH])).id
        else:
            await self.get_thread(user_id, thread_id)
        run = Run(new_id(), thread_id, user_id, agent, content)
        async with self._session.begin() as session:
            session.add(RunRecord(id=run.id, thread_id=thread_id, agent=agent, status="running", tools=[]))
            session.add(Message(thread_id=thread_id, run_id=run.id, role="user", content=content))
            await session.execute(update(Thread).where(Thread.id == thread_id).values(updated_at=func.now()))
        return run

    async def complete_run(self, run: Run, answer: str, tools: list[str]) -> None:
        """Keep the answer, and count the turn in the state of the agent."""
        done = {"status": "completed", "tools": tools, "finished_at": func.now()}
        async with self._session.begin() as session:
            session.add(Message(thread_id=run.thread_id, run_id=run.id, role="assistant", content=answer))
            await session.execute(update(RunRecord).where(RunRecord.id == run.id).values(done))
        await self.put_agent_state(run.user_id, run.agent, {"last_run_id": run.id, "last_tools": tools})

    async def end_run(self, run: Run, status: str, error: str) -> None:
        """Keep why a run has no answer."""
        done = {"status": status, "error": error, "finished_at": func.now()}
        async with self._session.begin() as session:
            await session.execute(update(RunRecord).where(RunRecord.id == run.id).values(done))

    async def agent_state(self, user_id: str, agent: str) -> dict[str, Any] | None:
        """Return what the agent keeps for the user."""
        async with self._session() as session:
            record = await session.get(AgentState, (user_id, agent))
        return None if record is None else record.state

    async def put_agent_state(self, user_id: str, agent: str, state: dict[str, Any]) -> None:
        """Keep the state, in place of an earlier one."""
        row = insert(AgentState).values(user_id=user_id, agent=agent, state=state)
        kept = {"state": row.excluded.state, "updated_at": func.now()}
        async with self._session.begin() as session:
            await session.execute(row.on_conflict_do_update(index_elements=["user_id", "agent"], set_=kept))

    async def delete_agent_state(self, user_id: str, agent: str) -> None:
        """Forget the state, if there is any."""
        query = delete(AgentState).where(AgentState.user_id == user_id, AgentState.agent == agent)
        async with self._session.begin() as session:
            await session.execute(query)
