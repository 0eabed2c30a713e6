"""A short form of `make fuzz`."""

import json
from typing import Any

import pytest

from tests.fuzzing import accepted, fuzz, target, things

pytestmark = pytest.mark.anyio


async def test_no_request_breaks_the_application_or_its_own_document(database_url: str, database: Any) -> None:
    arguments = ("--phases", "fuzzing", "--max-examples", "2", "--seed", "1", "--workers", "2")
    async with target(database_url) as (server, admin):
        known = json.dumps(await things(admin, 10))
        report = await fuzz(server, *arguments, FUZZ_TOKEN=admin.access_token, FUZZ_THINGS=known)
    assert report["exit_code"] == 0
    operations = report["operations"]
    assert operations["tested"] == operations["total"]
    # It got through the door.
    assert len(+accepted(report)) > operations["total"] / 2
