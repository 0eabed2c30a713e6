"""The application without Kubernetes is what its document writes, and asks for nothing that nobody gives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "app/docker/compose.yaml"
DOCUMENT = ROOT / "tests/charts/documents/todo-app/docker-compose.yaml"
INVENTORY = ROOT / "inventories/todo-app/group_vars/all/deployment.yml"


def services(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text())["services"]
    return loaded


def test_every_documented_service_is_there_with_its_settings_and_ports() -> None:
    ours = services(COMPOSE)
    for name, documented in services(DOCUMENT).items():
        assert documented["environment"].keys() <= ours[name]["environment"].keys()
        inside = [port.rpartition(":")[2] for port in ours[name]["ports"]]
        assert inside == [port.rpartition(":")[2] for port in documented["ports"]]
    wanted = services(DOCUMENT)["postgres"]["healthcheck"]
    healthcheck = ours["postgres"]["healthcheck"]
    # Over TCP, as the server that prepares the data listens on the socket only.
    assert healthcheck == {**wanted, "test": ["CMD-SHELL", f"{wanted['test'][1]} -h 127.0.0.1"]}


def test_what_has_no_default_is_written_from_the_vault() -> None:
    secret = yaml.safe_load(INVENTORY.read_text())["secrets_items"][0]
    asked = re.findall(r"\$\{(\w+)(:[-?])?", COMPOSE.read_text())
    assert {name for name, default in asked if default != ":-"} <= secret["data"].keys()


def test_what_is_built_is_there() -> None:
    for service in services(COMPOSE).values():
        if build := service.get("build"):
            context = (COMPOSE.parent / build["context"]).resolve()
            assert context.is_dir()
            assert (context / build["dockerfile"]).resolve().is_file()
