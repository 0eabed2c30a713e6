"""What is there before a chart is installed by hand: namespaces, Secrets, a database, and Helm itself."""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.product.platform import ROOT, STATE, kubectl

CHARTS = ROOT / "app/charts"


def helm(*arguments: str, namespace: str, stdin: str | None = None) -> None:
    """Run Helm in a namespace."""
    argv = [str(STATE / "bin/helm"), "--kubeconfig", str(STATE / "kubeconfig"), "--namespace", namespace, *arguments]
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@contextmanager
def namespace(name: str) -> Iterator[str]:
    """A namespace that was not there before, and is gone afterwards with all that it holds."""
    kubectl("create", "namespace", name)
    try:
        yield name
    finally:
        kubectl("delete", "namespace", name)


def secret(name: str, kind: str = "Opaque", *, namespace: str, **values: str) -> None:
    """Make a Secret, as people do with kubectl, but without showing it to every user of the machine."""
    manifest = {"apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": {"name": name}, "stringData": values}
    kubectl("create", "--filename=-", stdin=json.dumps(manifest), namespace=namespace)


def certificate(name: str, host: str, *, namespace: str) -> str:
    """Make a Secret with a certificate that a host signs for itself, and return that."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", "-"]
    command = ["openssl", "req", "-x509", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", *key]
    made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    private, begin, rest = made.partition("-----BEGIN CERTIFICATE-----")
    secret(name, "kubernetes.io/tls", namespace=namespace, **{"tls.key": private, "tls.crt": begin + rest})
    return begin + rest


def database(*, namespace: str, name: str = "todo") -> str:
    """Install a PostgreSQL of its own; its address."""
    password = secrets.token_urlsafe(24)
    secret("postgres", namespace=namespace, POSTGRES_PASSWORD=password)
    values = {"secretName": "postgres", "database": {"name": name}, "resources": {"requests": {"cpu": "25m"}}}
    chart = str(CHARTS / "postgres")
    helm("install", "postgres", chart, "--wait", "--values=-", namespace=namespace, stdin=json.dumps(values))
    address = kubectl("get", "service", "postgres", "-o", "jsonpath={.spec.clusterIP}", namespace=namespace)
    return f"postgresql://postgres:{password}@{address}:5432/{name}"
