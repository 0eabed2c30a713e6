"""The application with answers that take their time."""

import asyncio
from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse

from app.main import create_app

app = create_app()


@app.get("/events")
async def events() -> StreamingResponse:
    """Has no end of its own."""

    async def parts() -> AsyncIterator[str]:
        while True:
            yield "data: more\n\n"
            await asyncio.sleep(0.05)

    return StreamingResponse(parts(), media_type="text/event-stream")


@app.get("/export")
async def export(length: int | None = None) -> StreamingResponse:
    """Has an end, that comes after the server was told to stop."""

    async def parts() -> AsyncIterator[str]:
        yield "begin "
        while not app.state.lifecycle.stopping:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        yield "the end"

    headers = {"Content-Length": str(len("begin ") + length)} if length else {}
    return StreamingResponse(parts(), media_type="application/json", headers=headers)
