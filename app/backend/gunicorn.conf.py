"""Gunicorn's configuration; the command line goes before it."""

import gc
import os
import shutil
import sys
import tempfile
from typing import Any

from app.logging import log_fatal, logging_config
from app.settings import ConfigurationError, load_settings

try:
    _settings = load_settings()
except ConfigurationError as error:
    log_fatal("refusing to start", error.problems)
    sys.exit(1)

bind = "0.0.0.0:8000"
workers = _settings.web_concurrency
worker_class = "app.server.Worker"
timeout = 120
# Longer than the idle connections of the proxies in front, so that none picks one that is being closed.
keepalive = 120
# Longer than the shutdown delay and the worker's own grace together.
graceful_timeout = 20 + round(_settings.shutdown_delay)
# The application is imported once; the workers share its memory.
preload_app = True
# The root file system is read-only.
worker_tmp_dir = next(path for path in ("/dev/shm", "/tmp") if os.access(path, os.W_OK))  # noqa: S108
control_socket_disable = True
# The workers' figures add up in files that each of them maps; the library looks for the folder when it is imported.
_metrics_folder = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="metrics-", dir=worker_tmp_dir)
logconfig_dict = logging_config(_settings)

# Importing makes next to no garbage, and looking for it takes a sixth of the time.
gc.disable()


def pre_fork(_server: object, _worker: object) -> None:
    """Keep the collector off what the workers share, or each would get a copy of it."""
    gc.freeze()


def post_fork(_server: object, _worker: object) -> None:
    """Collect in the worker."""
    gc.enable()


def child_exit(_server: object, worker: Any) -> None:
    """Take what a worker held out of the sum; what it counted stays."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415  # the application is not loaded yet

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_server: object) -> None:
    """Leave nothing behind."""
    shutil.rmtree(_metrics_folder)
