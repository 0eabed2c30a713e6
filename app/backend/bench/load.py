"""A closed loop of requests over kept connections, on the loopback only: `python -m bench.load`, a process of its own.

It reads what to send as JSON from its input and writes the latencies of the answers, in seconds, to its output.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field

import uvloop

BOUND = 120
"""Seconds after which the longest run ends."""


@dataclass(frozen=True)
class Load:
    """One request, over and over, on so many connections for so long (in seconds)."""

    port: int
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    connections: int = 16
    seconds: float = 5.0
    status: int = 200

    def request(self) -> bytes:
        """The request as it goes over the wire."""
        content = self.body.encode()
        headers = {"Host": f"127.0.0.1:{self.port}", **self.headers}
        if content:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(content))}
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + content


async def run(load: Load) -> list[float]:
    """The latencies of one load; raises RuntimeError if an answer has another status."""
    end = time.perf_counter() + min(load.seconds, BOUND)
    found = await asyncio.gather(*(_connection(load, end) for _ in range(load.connections)))
    return [latency for latencies in found for latency in latencies]


async def _connection(load: Load, end: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", load.port)
    request, wanted, latencies = load.request(), b" %d " % load.status, []
    while (start := time.perf_counter()) < end:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if wanted not in head[:16]:
            raise RuntimeError(head.decode())
        _, _, length = head.partition(b"\r\ncontent-length:")
        await reader.readexactly(int(length.split(b"\r\n", 1)[0]))
        latencies.append(time.perf_counter() - start)
    writer.close()
    return latencies


async def start(load: Load) -> list[float]:
    """The latencies of one load, from a process of its own, so that nobody waits for this one."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.load"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate(json.dumps(asdict(load)).encode())
    if process.returncode:
        raise RuntimeError(f"{load.method} {load.path}: not every answer was {load.status}")
    latencies: list[float] = json.loads(output)
    return latencies


if __name__ == "__main__":
    json.dump(uvloop.run(run(Load(**json.load(sys.stdin)))), sys.stdout)
