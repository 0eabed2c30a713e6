"""Each chart stands alone under bare Helm, and the library exists once."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from .charts import APPLICATIONS, CHARTS, COMPONENTS, SYSTEMS, default_values, helm, render


@pytest.mark.parametrize("chart", [*APPLICATIONS, *SYSTEMS])
def test_lint_is_clean(chart: str) -> None:
    output = helm("lint", "--strict", str(CHARTS / chart))
    assert "[WARNING]" not in output
    assert "[ERROR]" not in output


@pytest.mark.parametrize("chart", [*APPLICATIONS, *SYSTEMS])
def test_a_package_renders_like_its_source(chart: str, tmp_path: Path) -> None:
    helm("package", str(CHARTS / chart), "--destination", str(tmp_path))
    (package,) = tmp_path.iterdir()
    with tarfile.open(package) as archive:
        names = archive.getnames()
        assert not any(member.issym() for member in archive)
    assert f"{chart}/charts/component/Chart.yaml" in names
    assert f"{chart}/values.schema.json" in names
    release = ("--namespace", "here", chart)
    assert helm("template", *release, str(package)) == helm("template", *release, str(CHARTS / chart))


@pytest.mark.parametrize("chart", [*APPLICATIONS, *SYSTEMS])
def test_the_library_is_a_link(chart: str) -> None:
    link = CHARTS / chart / "charts" / "component"
    assert link.is_symlink()
    assert link.resolve() == CHARTS / "component"
    assert not link.readlink().is_absolute()


@pytest.mark.parametrize("chart", COMPONENTS)
def test_components_share_one_schema(chart: str) -> None:
    link = CHARTS / chart / "values.schema.json"
    assert link.is_symlink()
    assert link.resolve() == CHARTS / "component" / "component.schema.json"


@pytest.mark.parametrize("chart", [*APPLICATIONS, *SYSTEMS])
def test_rendering_twice_gives_the_same(chart: str) -> None:
    command = ("template", chart, str(CHARTS / chart))
    assert helm(*command) == helm(*command)
    namespace = default_values(chart).get("namespace", "here")
    assert {manifest["metadata"]["namespace"] for manifest in render(chart).manifests} == {namespace}
