"""Every variable that a document gives to a component is in a test of that component which changes it, and looks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[2] / "app"
# What the documents' ConfigMaps, Secrets and containers name. API_PORT does what it does in todo-app's chart.
BACKEND = """
    API_HOST API_LOG_LEVEL API_PREFIX API_TITLE API_VERSION ANTHROPIC_API_KEY BETTER_AUTH_SECRET CLOUDINARY_API_KEY
    CLOUDINARY_API_SECRET CLOUDINARY_CLOUD_NAME CORS_ORIGINS DATABASE_URL DEBUG ENVIRONMENT JWT_ALGORITHM
    JWT_EXPIRATION_HOURS JWT_EXPIRE_DAYS JWT_EXPIRY JWT_SECRET LOG_FORMAT LOG_LEVEL OPENAI_API_KEY
    PASSWORD_HASH_ALGORITHM PASSWORD_HASH_ROUNDS SCHEDULER_ENABLED SCHEDULER_JOBS_PATH SECRET_KEY
"""
FRONTEND = """
    BETTER_AUTH_SECRET BETTER_AUTH_URL NEXT_PUBLIC_API_URL NEXT_PUBLIC_APP_NAME NEXT_PUBLIC_LOG_LEVEL
    NEXT_PUBLIC_OPENAI_API_KEY NODE_ENV
"""
AGENT = "AGENT_NAME BACKEND_URL MCP_SERVER_HOST OPENAI_API_KEY"


@pytest.mark.parametrize(
    ("names", "test"),
    [
        (BACKEND, "backend/tests/test_documented_variables.py"),
        (FRONTEND, "frontend/tests/server/server.test.ts"),
        (AGENT, "agent/tests/test_service.py"),
    ],
    ids=["backend", "frontend", "agent"],
)
def test_every_documented_variable_is_tried(names: str, test: str) -> None:
    tried = set(re.findall(r"\w+", (APP / test).read_text()))
    assert set(names.split()) - tried == set()
