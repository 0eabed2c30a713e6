"""The route of the MCP server: whoever calls it is known and counted as anywhere else."""

from fastapi import APIRouter, Depends, Request, Response
from limits import RateLimitItemPerMinute
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import Receive, Scope, Send

from app.dependencies import SettingsDep
from app.mcp.server import SCOPE_KEY
from app.ratelimit import RateLimiter
from app.tools.dependencies import ToolsetDep

router = APIRouter(include_in_schema=False)


class _Handover(Response):
    """An answer that the protocol's own server gives."""

    def __init__(self, manager: StreamableHTTPSessionManager) -> None:
        super().__init__()
        self._manager = manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._manager.handle_request(scope, receive, send)


async def _count(request: Request, toolset: ToolsetDep, settings: SettingsDep) -> None:
    limiter: RateLimiter = request.app.state.limiter
    await limiter.hit(RateLimitItemPerMinute(settings.mcp_rate_limit), "mcp", str(toolset.user_id))


@router.post("/mcp", dependencies=[Depends(_count)])
async def mcp(request: Request, toolset: ToolsetDep) -> Response:
    """The tools, for programs that speak the Model Context Protocol."""
    request.scope[SCOPE_KEY] = toolset
    return _Handover(request.app.state.mcp)
