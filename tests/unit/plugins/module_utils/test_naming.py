"""Names that Kubernetes takes and refuses."""

from __future__ import annotations

import pytest
from ansible_collections.todo.platform.plugins.module_utils.naming import (
    duplicates,
    name_problem,
    nearest,
    suggestion,
)


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("todo-dev", "label", ""),
        ("0", "label", ""),
        ("a" * 63, "label", ""),
        ("a" * 64, "label", "64 characters, at most 63"),
        ("", "label", "is empty"),
        ("Todo", "label", "lower-case"),
        ("todo_dev", "label", "lower-case"),
        ("-todo", "label", "beginning"),
        ("todo-", "label", "ending"),
        ("todo.dev", "label", "hyphens"),
        ("todo\n", "label", "lower-case"),
        ("todo.dev", "subdomain", ""),
        ("todo..dev", "subdomain", "dots"),
        ("a" * 254, "subdomain", "at most 253"),
        ("1todo", "service", "beginning with a letter"),
        ("todo-1", "service", ""),
        ("a" * 53, "release", ""),
        ("a" * 54, "release", "at most 53"),
    ],
)
def test_name_problem(name: str, kind: str, words: str) -> None:
    problem = name_problem(name, kind)
    assert words in problem
    assert bool(problem) is bool(words)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("kubeadmin", "kubeadm"), ("mini-kube", "minikube"), ("exsting", "existing"), ("openshift", "")],
)
def test_nearest(name: str, expected: str) -> None:
    known = ["minikube", "kubeadm", "existing", "auto"]
    assert nearest(name, known) == expected
    assert suggestion(name, known) == (
        f"did you mean {expected}?" if expected else "known are auto, existing, kubeadm, minikube"
    )


def test_duplicates() -> None:
    assert duplicates(["b", "a", "b", "c", "a", "a"]) == ["b", "a"]
    assert duplicates([]) == []
