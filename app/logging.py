"""Structured logs: a fixed message, facts as fields, neither payloads nor secrets."""

import logging

import structlog


def configure_logging(log_format: str, *, level: int = logging.INFO) -> None:
    """`json` for machines, `console` for people. Called once, by whatever starts the process."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        # The default traceback prints the values of all variables, and some of them are secrets.
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if log_format == "json" else _as_is,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    # These say at info what we say ourselves, or print URLs.
    for name in ("httpx", "httpcore", "procrastinate", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _as_is(
    logger: structlog.typing.WrappedLogger,  # noqa: ARG001
    method: str,  # noqa: ARG001
    event: structlog.typing.EventDict,
) -> structlog.typing.EventDict:
    return event
