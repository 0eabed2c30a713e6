"""A short form of `make fuzz`."""

from typing import Any

import pytest

from tests.fuzzing import accepted, rounds, target

pytestmark = pytest.mark.anyio


async def test_no_request_breaks_the_application_or_its_own_document(database_url: str, database: Any) -> None:
    arguments = ("--phases", "fuzzing", "--max-examples", "2", "--seed", "1", "--workers", "2")
    async with target(database_url) as (server, admin):
        reports = await rounds(server, admin, 10, *arguments)
    for report in reports:
        assert report["exit_code"] == 0
        assert report["operations"]["tested"] == report["operations"]["total"]
    with_token, without = (len(+accepted(report)) for report in reports)
    # Most of what a caller may do was done, and a stranger may do little.
    assert with_token > report["operations"]["total"] / 2
    assert without < 10
