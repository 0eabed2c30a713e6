"""Stand-ins of S3 and Cloudinary, which keep files in memory and check that requests are signed."""

import asyncio
import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.postgres import free_port

SECRET = "storage-secret-5d1c"
KEY = "storage-key"


class StorageServer(ABC):
    """What both stand-ins have in common."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.broken = False
        self.url = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator["StorageServer"]:
        port = free_port()
        config = uvicorn.Config(Starlette(routes=self.routes()), "127.0.0.1", port, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve())  # noqa: SLF001  # serve() would take the signals over
        while not server.started:
            await asyncio.sleep(0.01)
        self.url = f"http://127.0.0.1:{port}"
        yield self
        server.should_exit = True
        await serving

    @abstractmethod
    def routes(self) -> list[Route]: ...


class S3Server(StorageServer):
    def routes(self) -> list[Route]:
        return [
            Route("/{bucket}/{path:path}", self.serve, methods=["GET", "PUT"]),
            Route("/{bucket}", self.delete, methods=["POST"]),
        ]

    def refuses(self, request: Request) -> bool:
        signed = request.headers.get("authorization", "")
        return self.broken or not signed.startswith("AWS4-HMAC-SHA256") or f"Credential={KEY}/" not in signed

    async def serve(self, request: Request) -> Response:
        path = request.path_params["path"]
        if self.refuses(request):
            return Response("<Error><Code>AccessDenied</Code></Error>", 403)
        if request.method == "PUT":
            self.files[path] = await request.body()
            return Response(headers={"ETag": '"1"'})
        if path not in self.files:
            return Response("<Error><Code>NoSuchKey</Code></Error>", 404)
        modified = "Sun, 22 Nov 2026 12:00:00 GMT"
        return Response(self.files[path], headers={"ETag": '"1"', "Last-Modified": modified})

    async def delete(self, request: Request) -> Response:
        if self.refuses(request) or "delete" not in request.query_params:
            return Response("<Error><Code>AccessDenied</Code></Error>", 403)
        paths = re.findall("<Key>(.*?)</Key>", (await request.body()).decode())
        for path in paths:
            self.files.pop(path, None)
        deleted = "".join(f"<Deleted><Key>{path}</Key></Deleted>" for path in paths)
        return Response(f"<DeleteResult>{deleted}</DeleteResult>", media_type="application/xml")


class CloudinaryServer(StorageServer):
    def routes(self) -> list[Route]:
        actions = {"upload": self.upload, "destroy": self.destroy, "download": self.download}
        return [Route(f"/v1_1/cloud/raw/{name}", action, methods=["GET", "POST"]) for name, action in actions.items()]

    def refuses(self, parameters: dict[str, str]) -> bool:
        unsigned = {"file", "api_key", "signature", "resource_type", "cloud_name"}
        text = "&".join(f"{name}={parameters[name]}" for name in sorted(parameters.keys() - unsigned))
        signature = hashlib.sha1(f"{text}{SECRET}".encode()).hexdigest()  # noqa: S324  # as Cloudinary does
        return self.broken or parameters["api_key"] != KEY or parameters["signature"] != signature

    async def upload(self, request: Request) -> Response:
        async with request.form() as form:
            content = form["file"]
            assert not isinstance(content, str)
            parameters = {name: value for name, value in form.items() if isinstance(value, str)}
            if self.refuses(parameters) or parameters["type"] != "private":
                return JSONResponse({"error": {"message": f"Invalid Signature {SECRET}"}}, 401)
            self.files[parameters["public_id"]] = await content.read()
            return JSONResponse({"public_id": parameters["public_id"]})

    async def destroy(self, request: Request) -> Response:
        async with request.form() as form:
            parameters = {name: value for name, value in form.items() if isinstance(value, str)}
        if self.refuses(parameters):
            return JSONResponse({"error": {"message": "Invalid Signature"}}, 401)
        known = self.files.pop(parameters["public_id"], None) is not None
        return JSONResponse({"result": "ok" if known else "not found"})

    async def download(self, request: Request) -> Response:
        parameters = {name: values[0] for name, values in parse_qs(request.url.query).items()}
        if self.refuses(parameters) or parameters["public_id"] not in self.files:
            return Response(status_code=404)
        return Response(self.files[parameters["public_id"]])
