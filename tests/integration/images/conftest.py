"""A small deployment whose images are built by the drill's own Docker engine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.docker_engine import PASSWORD
from tests.unit.tiny_deployment import ROOT, Deployment, Run


@dataclass
class Site:
    """A deployment of one small image on Debian's Python, and a machine that reaches no image registry."""

    deployment: Deployment
    source: Path
    variables: dict[str, Any]

    def describe(self, **more: Any) -> None:
        self.deployment.describe(**self.variables, **more)

    def run(self, *arguments: str, code: int = 0, **environment: str) -> Run:
        """Run the role."""
        run = self.deployment.run(*arguments, environment={"NO_PROXY": "127.0.0.1", **environment}, code=code)
        assert PASSWORD not in run.output
        return run


@pytest.fixture
def site(engine: None, tmp_path: Path) -> Site:
    source = tmp_path / "app"
    source.mkdir()
    (source / "Dockerfile").write_text(
        "ARG PYTHON_IMAGE\nFROM ${PYTHON_IMAGE}\n"
        "RUN --mount=type=secret,id=ca_bundle test -s /run/secrets/ca_bundle\nCOPY main.py /\n"
    )
    (source / "main.py").write_text("print('one')\n")
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt")).read_text())
    one = {"context": str(source), "dockerfile": str(source / "Dockerfile"), "bases": {"PYTHON_IMAGE": "python"}}
    made = Site(
        Deployment(tmp_path, canaries={PASSWORD}),
        source,
        {
            "images_components": [{"name": "drill", **one}],
            "images_root": str(tmp_path),
            "images_ca_bundle": str(bundle),
            "images_reachable": False,
            "cluster_facts": {
                "node_store": "docker",
                "bin_dir": str(ROOT / ".state/bin"),
                "profile": "",
                "ready": False,
            },
        },
    )
    made.describe()
    made.deployment.play(
        {"name": "Images", "ansible.builtin.include_role": {"name": "todo.platform.images"}},
    )
    return made
