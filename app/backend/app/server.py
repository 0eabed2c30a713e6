"""Gunicorn's worker."""

from typing import Any, ClassVar

from uvicorn_worker import UvicornWorker


class Worker(UvicornWorker):  # type: ignore[misc]  # the package has no types
    """A Uvicorn worker that ends open streams at shutdown, where Uvicorn would wait for them for ever."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        **UvicornWorker.CONFIG_KWARGS,
        "timeout_graceful_shutdown": 15,
        "access_log": False,
        "server_header": False,
    }
