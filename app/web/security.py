"""Who may use the REST API, and the forms of the pages: whoever has the admin token (`FLUXMIG_ADMIN_TOKEN`)."""

import hmac
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.services.context import AppContext
from app.web.dependencies import Context
from app.web.problems import ProblemDetail

AN_ADMIN = "an admin"
"""Who has the admin token, in the audit log and on what was made: it is no one person's."""
NOT_ADMIN = "This is not the admin token."

_bearer = HTTPBearer(auto_error=False, description="the admin token of this installation of fluxmig")


def is_admin(context: AppContext, token: str) -> bool:
    """Whether it is the admin token; the compare takes the same time for any guess."""
    expected = context.settings.admin_token.get_secret_value()
    return hmac.compare_digest(token.encode("utf-8", "surrogateescape"), expected.encode())


async def require_admin(
    context: Context, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> None:
    """Let the admin token pass. Raises ProblemDetail 401 otherwise."""
    if credentials is None:
        raise ProblemDetail(
            401,
            "Send the admin token as `Authorization: Bearer …`.",
            headers={"WWW-Authenticate": 'Bearer realm="fluxmig"'},
        )
    if not is_admin(context, credentials.credentials):
        raise ProblemDetail(
            401,
            NOT_ADMIN,
            headers={"WWW-Authenticate": 'Bearer realm="fluxmig", error="invalid_token"'},
        )


Admin = Depends(require_admin)
