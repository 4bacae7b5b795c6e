"""uvicorn without its own signal handling: whoever runs the loop decides when to stop, and cleans up afterwards.

uvicorn raises the signal once more when it has shut down, which would end the process before the worker and the
bundled PostgreSQL have been stopped in order.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn


class Server(uvicorn.Server):
    """Ends when `should_exit` is set."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
