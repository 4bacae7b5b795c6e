"""What routes ask for: the context of the application, and one transaction a request."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.services.context import AppContext


def get_context(request: Request) -> AppContext:
    context = request.app.state.context
    assert isinstance(context, AppContext)
    return context


Context = Annotated[AppContext, Depends(get_context)]


async def get_session(context: Context) -> AsyncIterator[AsyncSession]:
    """A transaction that is committed before the answer is sent."""
    async with context.database.transaction() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session, scope="function")]
