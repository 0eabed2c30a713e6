"""The route of the MCP server: whoever calls it is known and counted as anywhere else."""

from fastapi import APIRouter, Request, Response
from limits import RateLimitItemPerMinute
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import Receive, Scope, Send

from app.auth.dependencies import PrincipalDep
from app.dependencies import DatabaseDep, SettingsDep
from app.mcp.server import SCOPE_KEY
from app.ratelimit import RateLimiter
from app.tasks.dependencies import task_limits
from app.tools.toolset import Toolset

router = APIRouter(include_in_schema=False)


class _Handover(Response):
    """An answer that the protocol's own server gives."""

    def __init__(self, manager: StreamableHTTPSessionManager) -> None:
        super().__init__()
        self._manager = manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._manager.handle_request(scope, receive, send)


@router.post("/mcp")
async def mcp(request: Request, principal: PrincipalDep, database: DatabaseDep, settings: SettingsDep) -> Response:
    """The tools, for programs that speak the Model Context Protocol."""
    limiter: RateLimiter = request.app.state.limiter
    await limiter.hit(RateLimitItemPerMinute(settings.mcp_rate_limit), "mcp", str(principal.user.id))
    request.scope[SCOPE_KEY] = Toolset.of(principal.user, database, task_limits(settings))
    return _Handover(request.app.state.mcp)
