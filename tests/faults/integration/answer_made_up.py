"""When the model failed, users were told "Let me get back to you" as its answer: nobody saw that it was down."""

from collections.abc import Sequence

from agent_chat.llm import LLM, Completion, LLMError
from agent_chat.main import app

__all__ = ["app"]

complete = LLM.complete


async def always(self: LLM, messages: Sequence[object], tools: Sequence[object]) -> Completion:
    """Answer, in any case."""
    try:
        return await complete(self, messages, tools)
    except LLMError:
        return Completion(text="Let me get back to you on that.")


LLM.complete = always
