"""What the tests share."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Where asynchronous tests run."""
    return "asyncio"
