"""Releases that can't work: what is wrong with each, and what the message must say. The docs have the same list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.product.platform import ROOT

LATEST = max(path.name for path in (ROOT / "app/backend/app/migrations/versions").glob("[0-9]*.py"))[:4]
MIGRATION = f'''
"""A column that is there already."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{LATEST}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("title", sa.Text()))
'''


@dataclass(frozen=True)
class Fault:
    """One fault of a release.

    `values` go over the release's own, `sources` are added to files of the application, and `beside` is what
    `kubectl create` makes first, under the name `drill`.
    """

    what: str
    said: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    release: str = "todo-backend"
    timeout: str = "90s"
    hooks_key: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()


def probe(path: str, **more: int) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": 8000}, "periodSeconds": 1, "timeoutSeconds": 5, **more}


FAULTS = (
    Fault(
        "the image is in no registry",
        ("image nowhere:none cannot be pulled", "--tags images"),
        {"image": {"repository": "nowhere", "tag": "none", "pullPolicy": "IfNotPresent"}},
    ),
    Fault(
        "the image is not in the node and must not be pulled",
        ("image nowhere:none is not in the node, and its policy is never to pull it",),
        {"image": {"repository": "nowhere", "tag": "none", "pullPolicy": "Never"}},
    ),
    Fault(
        "the image has an impossible name",
        ("is no valid image name",),
        {"image": {"repository": "Nowhere//x", "tag": "none", "pullPolicy": "IfNotPresent"}},
    ),
    Fault(
        "the new code crashes at its start",
        ("crashes with exit code 1", "the new code forgot something"),
        sources={"backend/app/main.py": "\nraise RuntimeError('the new code forgot something')\n"},
    ),
    Fault(
        "a migration fails",
        ("the migration failed with exit code 1", 'column "title" of relation "tasks" already exists'),
        sources={"backend/app/migrations/versions/9999_again.py": MIGRATION},
    ),
    Fault(
        "a migration takes too long",
        ("the migration took too long",),
        {"migration": {"command": ["sleep", "600"], "deadlineSeconds": 10}},
        hooks_key="drill",
    ),
    Fault(
        "a setting of the backend is wrong",
        ("refusing to start: LOG_LEVEL: Input should be 'debug'",),
        {"config": {"LOG_LEVEL": "loud"}},
    ),
    Fault(
        "a setting of the frontend would publish a key",
        ("crashes with exit code", "NEXT_PUBLIC_OPENAI_API_KEY"),
        {"config": {"NEXT_PUBLIC_OPENAI_API_KEY": "none"}},
        release="todo-frontend",
    ),
    Fault(
        "the Secret lacks a key",
        ("its configuration is wrong: couldn't find key NOWHERE in Secret", "--tags secrets"),
        {"secretEnv": {"DATABASE_URL": "NOWHERE", "JWT_SECRET": "JWT_SECRET"}},
    ),
    Fault(
        "the Secret is missing",
        ('secret "nowhere" not found', "--tags secrets"),
        {"secretName": "nowhere"},
    ),
    Fault(
        "readiness never passes",
        ("its readiness probe (GET :8000/nowhere) never passes: HTTP probe failed with statuscode: 404",),
        {"readinessProbe": probe("/nowhere")},
        timeout="20s",
    ),
    Fault(
        "the start never ends",
        ("its startup probe (GET :8000/nowhere) never passes",),
        {"startupProbe": probe("/nowhere", failureThreshold=600)},
        timeout="20s",
    ),
    Fault(
        "the memory does not suffice",
        ("killed for using more memory than its limit",),
        {"resources": {"requests": {"cpu": "40m", "memory": "32Mi"}, "limits": {"memory": "32Mi"}}},
    ),
    Fault(
        "no node has that much room",
        ("a pod of todo-backend requests 64 CPU", "lower its requests, or use larger nodes"),
        {"resources": {"requests": {"cpu": "64"}, "limits": {"cpu": "64"}}},
    ),
    Fault(
        "no node is of the kind that is asked for",
        ("cannot be scheduled: 0/", "affinity/selector"),
        {"nodeSelector": {"disk": "nowhere"}},
        timeout="15s",
    ),
    Fault(
        "the namespace's quota is used up",
        ("the namespace's quota is used up",),
        {"config": {"EDITION": "too many"}},
        beside=("quota", "drill", "--hard=pods=4"),
    ),
    Fault(
        "the service account is missing",
        ("its service account does not exist",),
        {"serviceAccountName": "nowhere"},
    ),
    Fault(
        "no volume can be had",
        ("no volume was given to it (storage class: nowhere)",),
        {"volumes": {"more": {"path": "/more", "size": "1Gi", "storageClass": "nowhere"}}},
        timeout="20s",
    ),
    Fault(
        "the port is taken",
        ("NodePort 32123 of todo-backend belongs to drill", "take another one"),
        {"service": {"type": "NodePort", "nodePort": 32123}},
        beside=("service", "nodeport", "drill", "--tcp=80", "--node-port=32123"),
    ),
    Fault(
        "a value is misspelt",
        ("'replicaCout' not allowed",),
        {"replicaCout": 2},
    ),
    Fault(
        "a probe asks in two ways",
        ("readinessProbe needs one of httpGet, tcpSocket and exec",),
        {"readinessProbe": {"httpGet": {"path": "/readyz", "port": 8000}, "tcpSocket": {"port": 8000}}},
    ),
)
