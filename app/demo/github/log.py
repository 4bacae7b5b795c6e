"""Everything that went over the line, for tests to count and for the contract checkers to read."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. Bodies are JSON values, text, or None."""

    method: str
    path: str
    query: dict[str, list[str]]
    request_headers: dict[str, str] = field(repr=False)
    request_body: Any
    status: int
    response_headers: dict[str, str] = field(repr=False)
    response_body: Any = field(repr=False)

    @property
    def is_write(self) -> bool:
        """Whether it could change something that people see; minting a token or a GraphQL query is none."""
        if self.path.endswith("/graphql"):
            return isinstance(self.request_body, dict) and "mutation" in str(self.request_body.get("query"))[:20]
        return self.method not in ("GET", "HEAD") and not self.path.endswith("/access_tokens")

    def record(self) -> dict[str, Any]:
        """One line of an HTTP log."""
        return {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "req_headers": self.request_headers,
            "req_body": self.request_body,
            "status": self.status,
            "resp_headers": self.response_headers,
            "resp_body": self.response_body,
        }


class TrafficLog:
    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.webhooks: list[dict[str, Any]] = []

    @property
    def calls(self) -> int:
        return len(self.exchanges)

    @property
    def writes(self) -> int:
        return sum(exchange.is_write for exchange in self.exchanges)

    def list_writes(self) -> list[str]:
        """Method and path of each write, in order."""
        return [f"{exchange.method} {exchange.path}" for exchange in self.exchanges if exchange.is_write]

    def clear(self) -> None:
        self.exchanges.clear()
        self.webhooks.clear()

    def write_exchanges(self, path: Path) -> None:
        """JSON lines: method, path, query, req_headers, req_body, status, resp_headers, resp_body."""
        _write_lines(path, [exchange.record() for exchange in self.exchanges])

    def write_webhooks(self, path: Path) -> None:
        """JSON lines: event, payload."""
        _write_lines(path, self.webhooks)


def _write_lines(path: Path, records: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
