# SPDX-License-Identifier: Apache-2.0
"""Compares Kubernetes Secrets with what they should hold; documented in its module."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.todo.platform.plugins.module_utils.kubectl import (
    ClusterUnreachableError,
    Kubectl,
    KubectlError,
    as_objects,
)
from ansible_collections.todo.platform.plugins.module_utils.secretdata import (
    CHECKSUM,
    LiveSecret,
    SecretPlan,
    WantedSecret,
    equality_problems,
    managed_metadata,
    plan,
    wanted_secrets,
)

_SPEC = {
    "secrets": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "namespace": {"type": "str"},
            "type": {"type": "str", "default": "Opaque"},
            "data": {"type": "dict", "default": {}},
            "adopt": {"type": "bool", "default": True},
            "force": {"type": "bool", "default": False},
        },
    },
    "namespace": {"type": "str", "required": True},
    "equal": {"type": "list", "elements": "list", "default": []},
    "checksum_key": {"type": "str", "default": "", "no_log": True},
    "facts_only": {"type": "bool", "default": False},
    "deployment": {"type": "str", "required": True},
    "kubectl": {"type": "str", "default": "kubectl"},
    "kubeconfig": {"type": "path", "required": True},
    "context": {"type": "str", "default": ""},
}


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core has no types
    """Runs in Ansible's own process, so that values are in no file and on no command line on their way."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Compare, and say what is to be done."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, args = self.validate_argument_spec(argument_spec=_SPEC)
        wanted, problems = wanted_secrets(args["secrets"], args["namespace"])
        if problems:
            return result | _failure(problems)
        kubectl = Kubectl(args["kubectl"], args["kubeconfig"], args["context"] or None, variables=self._variables())
        reachable = True
        try:
            live, namespaces = read(kubectl, wanted)
        except KubectlError as error:
            # Before there is a cluster, check mode shows what a run would make.
            if not self._task.check_mode or not isinstance(error, ClusterUnreachableError):
                return result | _failure([str(error)])
            live, namespaces, reachable = {}, set(), False
        check_mode = bool(self._task.check_mode)
        found = facts(wanted, live, check_mode) if args["facts_only"] else compare(wanted, live, args, check_mode)
        missing = sorted({secret.namespace for secret in wanted} - namespaces)
        return result | found | ({} if "failed" in found else {"missing_namespaces": missing, "reachable": reachable})

    def _variables(self) -> dict[str, str]:
        """What the task's `environment` says, which Ansible gives to modules only."""
        told = self._task.environment or []
        merged: dict[str, str] = {}
        for one in told if isinstance(told, list) else [told]:
            merged |= self._templar.template(one) or {}
        return {name: str(value) for name, value in merged.items()}


def read(kubectl: Kubectl, wanted: Sequence[WantedSecret]) -> tuple[dict[str, LiveSecret], set[str]]:
    """The Secrets that are there, by namespace/name, and the namespaces that are there; one call a namespace.

    Raises KubectlError.
    """
    by_namespace: defaultdict[str, list[str]] = defaultdict(list)
    for secret in wanted:
        by_namespace[secret.namespace].append(f"secret/{secret.name}")
    live: dict[str, LiveSecret] = {}
    namespaces: set[str] = set()
    for namespace, names in by_namespace.items():
        command = ["get", *names, "--output=json", "--ignore-not-found"]
        try:
            text = kubectl.run(*command, f"namespace/{namespace}", namespace=namespace)
        except KubectlError as error:
            # Who may only use one namespace may not always look at it, and is told it when it is missing.
            if "namespaces" not in str(error) or "forbidden" not in str(error).lower():
                raise
            text = kubectl.run(*command, namespace=namespace)
            namespaces.add(namespace)
        for item in as_objects(text):
            if item["kind"] == "Namespace":
                namespaces.add(item["metadata"]["name"])
            else:
                live[f"{namespace}/{item['metadata']['name']}"] = LiveSecret.of(item)
    return live, namespaces


def compare(
    wanted: Sequence[WantedSecret], live: Mapping[str, LiveSecret], args: Mapping[str, Any], check_mode: bool
) -> dict[str, Any]:
    """The result of comparing Secrets with the cluster."""
    if not args["checksum_key"]:
        return _failure(["checksum_key is empty: read the vault first, it holds vault_checksum_key"])
    plans = [
        plan(secret, live.get(secret.label), key=args["checksum_key"], deployment=args["deployment"])
        for secret in wanted
    ]
    problems = [p.problem for p in plans if p.action == "refuse"]
    # A Secret made by hand keeps its values, so those are the ones that count.
    effective = {
        s.label: live[s.label].data if s.label in live and p.action in ("adopt", "none") else s.data
        for s, p in zip(wanted, plans, strict=True)
    }
    problems += equality_problems(args["equal"], effective, args["namespace"])
    if problems:
        return _failure(problems)
    entries = [
        _entry(index, secret, todo, args["deployment"])
        for index, (secret, todo) in enumerate(zip(wanted, plans, strict=True))
    ]
    pending = [entry for entry in entries if entry["action"] != "none"]
    return {
        "changed": check_mode and bool(pending),
        "secrets": entries,
        "pending": pending,
        "diff": [{"prepared": f"Secret {entry['summary']}\n"} for entry in pending],
        "ansible_facts": {
            "secrets_facts": {s.name: {"checksum": p.checksum} for s, p in zip(wanted, plans, strict=True)}
        },
    }


def facts(wanted: Sequence[WantedSecret], live: Mapping[str, LiveSecret], check_mode: bool) -> dict[str, Any]:
    """The result of learning the checksums that the last run put on the Secrets."""
    sums = {s.label: live[s.label].annotations.get(CHECKSUM) for s in wanted if s.label in live}
    unknown = [s.label for s in wanted if not sums.get(s.label)]
    if unknown and not check_mode:
        return _failure([f"Secret {label} is not there yet: run the secrets stage first" for label in unknown])
    return {
        "changed": False,
        "adopted": [
            {"namespace": s.namespace, "name": s.name}
            for s in wanted
            if sums.get(s.label) and not live[s.label].managed
        ],
        "ansible_facts": {"secrets_facts": {s.name: {"checksum": sums.get(s.label) or "unknown"} for s in wanted}},
    }


def _entry(index: int, secret: WantedSecret, todo: SecretPlan, deployment: str) -> dict[str, Any]:
    metadata = managed_metadata(deployment, todo.checksum)
    if todo.action == "adopt":
        del metadata["labels"]
    return {
        "index": index,
        "name": secret.name,
        "namespace": secret.namespace,
        "action": todo.action,
        "added": list(todo.added),
        "changed": list(todo.changed),
        "removed": list(todo.removed),
        "checksum": todo.checksum,
        "summary": f"{secret.label}: {todo.summary}",
        "metadata": {"name": secret.name, "namespace": secret.namespace} | metadata,
    }


def _failure(problems: Iterable[str]) -> dict[str, Any]:
    return {"failed": True, "changed": False, "msg": "\n".join(problems)}
