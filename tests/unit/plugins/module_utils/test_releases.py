"""Releases as data, and their content keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.releases import (
    Release,
    ReleaseError,
    chart_digest,
    key,
    merge,
    parse,
    parts,
    seconds,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    chart = tmp_path / "charts" / "web"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("name: web\nversion: 0.1.0\n")
    (chart / "templates" / "all.yaml").write_text("a: b\n")
    library = tmp_path / "charts" / "component"
    library.mkdir()
    (library / "Chart.yaml").write_text("name: component\n")
    (chart / "charts").mkdir()
    (chart / "charts" / "component").symlink_to(library)
    (tmp_path / "values.yaml").write_text("replicas: 1\nimage: {tag: a}\n")
    return tmp_path


def one(root: Path, defaults: dict[str, Any] | None = None, **said: Any) -> Release:
    return parse([{"name": "web", "chart": "charts/web", **said}], defaults or {}, "ns", root)[0]


def content_key(release: Release, helm: str = "v3.21") -> str:
    return key(parts(release, helm))


def test_what_is_not_said_has_a_default(root: Path) -> None:
    release = one(root, values=None, timeout=None)
    assert (release.namespace, release.timeout) == ("ns", 300)
    assert release.atomic and release.wait and release.present
    assert (release.chart.reference, release.values) == (str(root / "charts" / "web"), {})


def test_defaults_lie_under_what_is_said(root: Path) -> None:
    defaults = {
        "timeout": "90s",
        "atomic": False,
        "wait": None,
        "values": {"a": {"x": 1, "y": [1]}},
        "values_files": ["values.yaml"],
    }
    release = one(root, defaults, timeout="2m", values={"a": {"y": [2], "z": None}}, values_files=["values.yaml"])
    assert (release.timeout, release.atomic, release.wait) == (120, False, True)
    assert release.values == {"a": {"x": 1, "y": [2], "z": None}}
    assert list(release.chart.values_files) == [str(root / "values.yaml")] * 2


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"chart": "charts/nope/x"}, "release web: there is no chart at"),
        ({"chart": "charts/nope"}, "is not a path below .* and as a reference it needs a version"),
        ({"chart": "oci://host/web"}, "it needs a version"),
        ({"chart": None}, "chart is missing"),
        ({"values_files": ["nope.yaml"]}, "there is no file .*nope.yaml"),
        ({"timeout": "5 minutes"}, "timeout '5 minutes' is no duration"),
        ({"timeout": "0s"}, "is no duration"),
        ({"name": "Web"}, "name 'Web' is no DNS-1123 label of at most 53"),
        ({"name": "w" * 54}, "is no DNS-1123 label"),
        ({"namespace": "a.b"}, "namespace 'a.b' is no DNS-1123 label of at most 63"),
    ],
)
def test_wrong_data_says_what_is_wrong(root: Path, said: dict[str, Any], problem: str) -> None:
    with pytest.raises(ReleaseError, match=problem):
        one(root, **said)


def test_all_problems_at_once(root: Path) -> None:
    good = {"name": "web", "chart": "charts/web"}
    items = [{"name": "a", "chart": "x/y/z"}, {"name": "b"}, good, good]
    with pytest.raises(ReleaseError) as error:
        parse(items, {}, "ns", root)
    assert [line.partition(":")[0] for line in str(error.value).splitlines()] == [
        "release a", "release b", "release web is listed more than once",
    ]  # fmt: skip


def test_what_should_be_absent_needs_no_chart(root: Path) -> None:
    assert one(root, chart=None, state="absent", values_files=["nope"]).present is False


@pytest.mark.parametrize(("text", "total"), [("90s", 90), ("5m", 300), ("1h30m", 5400), ("300", 300), ("1m5s", 65)])
def test_seconds(text: str, total: int) -> None:
    assert seconds(text) == total


def test_merge_replaces_all_but_maps() -> None:
    under = {"a": {"b": 1, "c": 2}, "d": [1, 2], "e": {"f": 1}}
    assert merge(under, {"a": {"c": 3}, "d": [4], "e": None}) == {"a": {"b": 1, "c": 3}, "d": [4], "e": None}
    assert under["a"] == {"b": 1, "c": 2}


def test_the_key_is_the_content(root: Path) -> None:
    first = content_key(one(root, values={"a": 1, "b": {"c": 2}}))
    assert content_key(one(root, values={"b": {"c": 2}, "a": 1})) == first
    assert content_key(one(root, values={"a": 1, "b": {"c": 2}}, timeout="9m", atomic=False)) == first
    assert content_key(one(root, values={"a": 2, "b": {"c": 2}})) != first
    assert content_key(one(root, values={"a": "1", "b": {"c": 2}})) != first
    assert content_key(one(root, values={"a": 1, "b": {"c": 2}}), "v3.22") != first


@pytest.mark.parametrize(
    "file", ["templates/all.yaml", "Chart.yaml", "charts/component/Chart.yaml", "templates/new.yaml"]
)
def test_a_changed_file_of_the_chart_is_another_key(root: Path, file: str) -> None:
    chart = root / "charts" / "web"
    before = parts(one(root), "v3.21")
    (chart / file).write_text("changed: true\n")
    after = parts(one(root), "v3.21")
    assert [part for part in before if before[part] != after[part]] == ["chart"]


@pytest.mark.parametrize("file", ["templates/.all.yaml.swp", "templates/all.yaml~", ".git", "templates/all.yaml.bak"])
def test_an_editors_file_is_not_the_chart(root: Path, file: str) -> None:
    chart = root / "charts" / "web"
    before = chart_digest(one(root).chart)
    (chart / file).write_text("x")
    assert chart_digest(one(root).chart) == before


def test_a_renamed_template_is_another_chart(root: Path) -> None:
    before = chart_digest(one(root).chart)
    templates = root / "charts" / "web" / "templates"
    (templates / "all.yaml").rename(templates / "other.yaml")
    assert chart_digest(one(root).chart) != before


def test_a_link_in_a_circle_ends(root: Path) -> None:
    chart = root / "charts" / "web"
    (chart / "charts" / "again").symlink_to(chart)
    assert chart_digest(one(root).chart)


def test_an_archive_is_keyed_by_its_bytes_and_a_reference_by_its_version(root: Path) -> None:
    archive = root / "web.tgz"
    archive.write_bytes(b"1")
    first = chart_digest(one(root, chart="web.tgz").chart)
    archive.write_bytes(b"2")
    assert chart_digest(one(root, chart="web.tgz").chart) != first
    said = [("1.0.0", ""), ("1.0.1", ""), ("1.0.0", "https://host")]
    digests = {chart_digest(one(root, chart="repo/web", version=version, repo=repo).chart) for version, repo in said}
    assert len(digests) == 3


def test_values_files_count_by_what_they_say(root: Path) -> None:
    release = one(root, values_files=["values.yaml"])
    before = content_key(release)
    (root / "values.yaml").write_text("# a comment\nimage:\n  tag: a\nreplicas: 1\n")
    assert content_key(release) == before
    (root / "values.yaml").write_text("image: {tag: b}\nreplicas: 1\n")
    assert content_key(release) != before
    (root / "values.yaml").write_text("image: {tag\n")
    with pytest.raises(ReleaseError, match="is no YAML"):
        content_key(release)
