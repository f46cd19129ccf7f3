"""Logs: JSON on standard error, one object a line, whoever writes it. Patient data never stands in them."""

from __future__ import annotations

import logging
import sys

import structlog

_LIBRARIES = ("aiormq", "aio_pika", "uvicorn", "asyncio", "aiosqlite", "sqlalchemy")


def logs(level: str) -> None:
    """Set up logging for the process.

    Args:
        level: debug, info, warning or error; what libraries say of their own is for debug only, since they may quote
            what they carry.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = Relay()
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.INFO if level == "debug" else logging.CRITICAL)


class Relay(logging.Handler):
    """Hands what libraries log to the log of everybody."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record as JSON."""
        structlog.get_logger(record.name).log(record.levelno, record.getMessage())
