"""What a form of our own pages sends. There is no cookie and no sign-in: a form that changes something asks for the
admin token, so a page of somebody else has nothing to send in a person's name."""

from urllib.parse import parse_qsl

from fastapi import Request

from app.web.bodies import BodyTooLarge, read_body
from app.web.problems import ProblemDetail

LIMIT = 16_000
_MOST_FIELDS = 20


async def read_form(request: Request) -> dict[str, str]:
    """Its fields, each as it came last. Raises ProblemDetail."""
    try:
        body = (await read_body(request, LIMIT)).decode("utf-8", "replace")
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except BodyTooLarge:
        raise ProblemDetail(413, f"The body is larger than {LIMIT} bytes.") from None
    except ValueError:
        raise ProblemDetail(400, f"The form has more than {_MOST_FIELDS} fields.") from None
