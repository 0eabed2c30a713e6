"""A release that can't work is taken back by itself and says why; people who use the application notice nothing."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration import own
from tests.integration.drill import RECORDS
from tests.integration.faults import FAULTS, Fault
from tests.product.platform import ROOT, Run, kubectl, play, told

pytestmark = pytest.mark.usefixtures("drilled")


@pytest.fixture(scope="module")
def people() -> list[own.Person]:
    return [own.Person() for _ in range(3)]


def releases(fault: Fault) -> list[Any]:
    """The inventory's releases, one of them with the fault."""
    listed = own.deployment()["release_releases"]
    [release] = [one for one in listed if isinstance(one, dict) and one["name"] == fault.release]
    release["timeout"] = fault.timeout
    release["hooks_key"] = fault.hooks_key or release.get("hooks_key", "")
    values = release["values"]
    for key, value in fault.values.items():
        both = isinstance(value, dict) and isinstance(values.get(key), dict)
        values[key] = {**values[key], **value} if both else value
    return list(listed)


def components(fault: Fault, folder: Path) -> list[dict[str, Any]]:
    """The images, the backend's out of sources with the fault."""
    sources = folder / "app"
    shutil.copytree(ROOT / "app", sources, ignore=shutil.ignore_patterns("frontend", "charts", "__pycache__"))
    for name, text in fault.sources.items():
        with (sources / name).open("a") as file:
            file.write(text)
    images = yaml.safe_load((ROOT / "app/application.yml").read_text())["application_images"]
    images["backend"] |= {"context": str(sources), "dockerfile": str(sources / "docker/backend/Dockerfile")}
    return list(images.values())


@contextmanager
def beside(fault: Fault) -> Iterator[None]:
    """What is there while the fault is."""
    if fault.beside:
        kubectl("create", *fault.beside, namespace=own.NAMESPACE)
    yield
    if fault.beside:
        kubectl("delete", fault.beside[0], "drill", namespace=own.NAMESPACE)


def said(output: str) -> str:
    """The messages of a run."""
    return "\n".join(json.loads(text) for text in re.findall(r'"msg": ("(?:[^"\\]|\\.)*")', output))


def message(output: str, fault: Fault) -> str:
    """The line that names the cause, without what is of this run only."""
    line = next(line.strip() for line in output.splitlines() if fault.said[0] in line)
    return re.sub(r"-[0-9a-f]{6,10}-[a-z0-9]{5}\b|(?<=migrate)-[a-z0-9]{5}\b", "", line)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_nobody_notices(fault: Fault, people: list[own.Person], tmp_path: Path) -> None:
    before = own.containers()
    variables: dict[str, Any] = {"release_releases": releases(fault)}
    tags = "release"
    if fault.sources:
        variables["images_components"] = components(fault, tmp_path)
        tags = "images,release"
    extra = tmp_path / "extra.json"
    extra.write_text(json.dumps(variables))
    with beside(fault), own.load(people) as outcomes:
        as_json = {"ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}
        run = play("--tags", tags, "-e", f"@{extra}", inventory=str(own.INVENTORY), environment=as_json)
    failed = Run(run.code, said(run.output))
    told(failed, *fault.said)
    RECORDS["faults"].append(
        {
            "fault": fault.what,
            "message": message(failed.output, fault),
            "requests": outcomes.total(),
            "failed": outcomes.total() - outcomes["answered"],
        }
    )
    assert own.containers() == before
    assert outcomes.keys() == {"answered"}, outcomes


def test_after_all_that_a_run_changes_nothing() -> None:
    back = own.run()
    assert back.code == 0, back.output[-4000:]
    assert own.run().changed == 0
