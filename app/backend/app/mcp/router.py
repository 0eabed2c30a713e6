"""The route of the MCP server: whoever calls it is known and counted as anywhere else."""

from fastapi import APIRouter, Depends, Request, Response
from limits import RateLimitItemPerMinute
from starlette.types import Receive, Scope, Send

from app.dependencies import SettingsDep
from app.mcp.service import SCOPE_KEY, McpService
from app.ratelimit import RateLimiter
from app.tools.dependencies import ToolsetDep

router = APIRouter(include_in_schema=False)


class _Handover(Response):
    """An answer that the protocol's own server gives."""

    def __init__(self, service: McpService) -> None:
        super().__init__()
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._service.handle(scope, receive, send)


async def _count(request: Request, toolset: ToolsetDep, settings: SettingsDep) -> None:
    limiter: RateLimiter = request.app.state.limiter
    await limiter.hit(RateLimitItemPerMinute(settings.mcp_rate_limit), "mcp", str(toolset.user_id))


@router.post("/mcp", dependencies=[Depends(_count)])
async def mcp(request: Request, toolset: ToolsetDep) -> Response:
    """The tools, for programs that speak the Model Context Protocol."""
    request.scope[SCOPE_KEY] = toolset
    return _Handover(request.app.state.mcp)
