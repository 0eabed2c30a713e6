"""What a person would look at when pods are not well: the likely causes, with events and last log lines."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.todo.platform.plugins.module_utils import diagnosis
from ansible_collections.todo.platform.plugins.module_utils.checks.cluster import Cluster, ClusterError
from ansible_collections.todo.platform.plugins.module_utils.checks.model import Context
from ansible_collections.todo.platform.plugins.module_utils.kubectl import annotations_of

HELM_STORAGE = "helm.sh/release.v1"


def explain(context: Context) -> list[str]:
    """The findings about every Helm release of the deployment, as lines of text."""
    cluster = context.cluster

    def logs(pod: str, container: str, previous: bool) -> list[str]:
        return [line.partition(" ")[2] for line in cluster.log(pod, container, diagnosis.LOG_LINES, previous)]

    try:
        objects = [one for kind in diagnosis.KINDS for one in cluster.objects(kind.partition(".")[0])]
        releases = sorted({name for one in objects if (name := annotations_of(one).get(diagnosis.RELEASE_ANNOTATION))})
        findings = [
            finding
            for release in releases
            for finding in diagnosis.diagnose(diagnosis.Snapshot(objects, release), logs)
        ]
    except ClusterError as error:
        return [str(error)]
    command = f"kubectl -n {cluster.namespace}"
    return [line for finding in findings for line in finding.lines(command)]


def redactor(cluster: Cluster) -> Callable[[str], str] | None:
    """What takes the values of the namespace's Secrets out of a text, or None if the Secrets can't be read."""
    try:
        return diagnosis.Redactor(one for one in cluster.objects("secrets") if one.get("type") != HELM_STORAGE)
    except ClusterError:
        return None
