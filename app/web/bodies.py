"""Raw bodies of limited size, as signatures need them."""

from fastapi import Request


class BodyTooLarge(Exception):
    """The body is larger than allowed; what came so far was thrown away."""


async def read_body(request: Request, limit: int) -> bytes:
    """The body, whatever it claims to be. Raises BodyTooLarge as soon as it has passed `limit` bytes."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise BodyTooLarge
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge
        chunks.append(chunk)
    return b"".join(chunks)
