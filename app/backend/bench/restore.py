"""A backup of a million tasks brought back by our tool, and by plain pg_restore: `python -m bench.restore [USERS]`."""

import asyncio
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
from pyrage import decrypt, x25519

from bench.data import filled
from tests.postgres import PostgresServer

TOOL = Path(__file__).resolve().parents[3] / "roles/backup/files/image/backup.py"
USERS = 1000
ROUNDS = 3


async def main(users: int) -> dict[str, object]:
    """The seconds of each way, in turn, and how many rows there are."""
    server = PostgresServer()
    key = x25519.Identity.generate()
    try:
        async with filled(server.url, users) as settings:
            with tempfile.TemporaryDirectory() as folder:
                return await _measure(server.url, settings.database_dsns[0], Path(folder), key)
    finally:
        server.remove()


async def _measure(server_url: str, url: str, folder: Path, key: x25519.Identity) -> dict[str, object]:
    (folder / "scratch").mkdir()
    environment = os.environ | {
        "BACKUPS": str(folder),
        "TMPDIR": str(folder / "scratch"),
        "BACKUP_RECIPIENT": str(key.to_public()),
        "DATABASE_URL": url,
    }
    made = json.loads(_tool("create", environment))
    archive = folder / made["name"]
    with tarfile.open(fileobj=io.BytesIO(decrypt(archive.read_bytes(), [key]))) as tar:
        tar.extract("database.dump", folder, filter="data")

    def ours(target: str) -> None:
        own = environment | {"DATABASE_URL": target}
        # As the module does: once to see that it can be, and once to be sent.
        decrypt(archive.read_bytes(), [key])
        content = decrypt(archive.read_bytes(), [key])
        subprocess.run([TOOL, "receive"], env=own, input=content, stdout=subprocess.DEVNULL, check=True)
        _tool("apply", own)

    def plain(target: str) -> None:
        subprocess.run(["pg_restore", "--no-owner", f"--dbname={target}", folder / "database.dump"], check=True)

    seconds: dict[str, list[float]] = {"ours": [], "plain": []}
    for _ in range(ROUNDS):
        seconds["plain"].append(await _timed(plain, server_url))
        seconds["ours"].append(await _timed(ours, server_url))
    return {"rows": made["rows"], "bytes": made["size"], **seconds}


async def _timed(way: Callable[[str], None], server_url: str) -> float:
    """The seconds of a restore into an empty database."""
    connection = await asyncpg.connect(server_url)
    await connection.execute("DROP DATABASE IF EXISTS restored")
    await connection.execute("CREATE DATABASE restored")
    await connection.execute("CHECKPOINT")
    await connection.close()
    start = time.monotonic()
    way(server_url.rpartition("/")[0] + "/restored")
    return time.monotonic() - start


def _tool(verb: str, environment: dict[str, str]) -> str:
    return subprocess.run([TOOL, verb], env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else USERS))))
