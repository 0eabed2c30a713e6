"""Requests to the backend other than those of the tools."""

from typing import Any

import httpx2
from pydantic import BaseModel

_TIMEOUT = 5


class ApiRequest(BaseModel):
    """A request between services."""

    method: str
    url: str
    headers: dict[str, str] = {}
    body: Any = None


class ApiResponse(BaseModel):
    """The answer to it."""

    status_code: int
    headers: dict[str, str]
    body: Any


class BackendClient:
    """The backend at an address."""

    def __init__(self, url: str) -> None:
        self._client = httpx2.AsyncClient(base_url=url, timeout=_TIMEOUT, trust_env=False)

    async def send(self, request: ApiRequest) -> ApiResponse:
        """Ask the backend; raises httpx2.HTTPError if nobody answers."""
        response = await self._client.request(
            request.method,
            request.url,
            headers=request.headers,
            json=request.body if request.body is not None else None,
        )
        is_json = response.headers.get("content-type", "").startswith("application/json")
        body = response.json() if is_json else response.text
        return ApiResponse(status_code=response.status_code, headers=dict(response.headers), body=body)

    async def failure(self) -> str | None:
        """Why the backend is not well; None if it is."""
        try:
            response = await self.send(ApiRequest(method="GET", url="/health"))
        except (httpx2.HTTPError, ValueError) as error:
            return type(error).__name__
        return None if response.status_code == httpx2.codes.OK else f"HTTP {response.status_code}"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()
