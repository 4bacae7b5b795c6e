"""Who may use the REST API: whoever has the admin token (`FLUXMIG_ADMIN_TOKEN`)."""

import hmac
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.web.dependencies import Context
from app.web.problems import ProblemDetail

_bearer = HTTPBearer(auto_error=False, description="the admin token of this installation of fluxmig")


async def require_admin(
    context: Context, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> None:
    """Let the admin token pass. Raises ProblemDetail 401 otherwise; the compare takes the same time for any guess."""
    if credentials is None:
        raise ProblemDetail(
            401,
            "Send the admin token as `Authorization: Bearer …`.",
            headers={"WWW-Authenticate": 'Bearer realm="fluxmig"'},
        )
    expected = context.settings.admin_token.get_secret_value()
    if not hmac.compare_digest(credentials.credentials.encode(), expected.encode()):
        raise ProblemDetail(
            401,
            "This is not the admin token.",
            headers={"WWW-Authenticate": 'Bearer realm="fluxmig", error="invalid_token"'},
        )


Admin = Depends(require_admin)
