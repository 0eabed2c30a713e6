"""What tests of several parts share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.charts.api_server import TOOLS, ApiServer, api_server
from tests.charts.charts import find_tool


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A real API server; whoever uses it makes namespaces of their own."""
    if absent := [name for name in TOOLS if find_tool(name) is None]:
        pytest.skip(f"needs {', '.join(absent)}, which only the embedded cluster (make up) brings")
    with api_server(tmp_path_factory.mktemp("control-plane")) as running:
        yield running
