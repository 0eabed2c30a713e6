"""Gunicorn's configuration; the command line goes before it."""

import gc
import os
import sys

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
logconfig_dict = logging_config(_settings)

# Importing makes next to no garbage, and looking for it takes a sixth of the time.
gc.disable()


def pre_fork(_server: object, _worker: object) -> None:
    """Keep the collector off what the workers share, or each would get a copy of it."""
    gc.freeze()


def post_fork(_server: object, _worker: object) -> None:
    """Collect in the worker."""
    gc.enable()
