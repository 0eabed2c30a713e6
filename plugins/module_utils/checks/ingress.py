"""Every rule of every Ingress is routed by the ingress controller at its address."""

from __future__ import annotations

import dataclasses
import re
import secrets
from collections.abc import Iterator
from http import HTTPStatus

from ansible_collections.todo.platform.plugins.module_utils.checks.model import (
    Context,
    Outcome,
    Settings,
    plural,
    shorten,
)
from ansible_collections.todo.platform.plugins.module_utils.http import RequestError, Response
from ansible_collections.todo.platform.plugins.module_utils.kubectl import KubeObject

REGEX_CHARACTERS = re.compile(r"[\\*+?()\[\]{}|^$]")
"""Dots are left out: in a path they are far more often meant as dots."""


@dataclasses.dataclass(frozen=True)
class Rule:
    """One host and path of an Ingress. `path` is one that the rule must match."""

    ingress: str
    host: str
    path: str
    service: str


def check_ingress(settings: Settings, context: Context) -> Outcome:
    """Check each rule with its Host header. It counts as routed unless it is answered like a host that nobody has."""
    ingresses = context.cluster.objects("ingresses")
    rules = [rule for ingress in ingresses for rule in rules_of(ingress)]
    if not rules:
        return Outcome("skipped", "no Ingress rules")
    controller = context.ingress
    if controller is None:
        detail = f"{plural(len(rules), 'rule')} not tried: no address"
        return Outcome("warning", detail, "set validate_ingress_url", final=True)

    def request(host: str, path: str) -> Response:
        return controller.request(path, headers={"Host": host} if host else {}, timeout=settings["request_timeout"])

    def try_rule(rule: Rule) -> tuple[str, bool]:
        name = f"{rule.host or '*'}{rule.path}"
        try:
            response = request(rule.host, rule.path)
        except RequestError as error:
            return f"{name}: {error}", False
        if response.status == unrouted.status == HTTPStatus.NOT_FOUND and response.body == unrouted.body:
            return f"{name} is not routed to {rule.service} (the controller's own 404)", False
        if response.broken:
            return f"{name}: HTTP {response.status} from {rule.service}", False
        return f"{name} {response.status}", True

    try:
        unrouted = request(f"{secrets.token_hex(8)}.invalid", f"/{secrets.token_hex(8)}")
    except RequestError as error:
        address = f"{controller.host}:{controller.port}"
        return Outcome("failed", f"the ingress controller at {address}: {error}", "try: kubectl get pods -A")
    answers = context.each(try_rule, rules)
    bad = [text for text, good in answers if not good]
    if bad:
        names = ", ".join(sorted({rule.ingress for rule in rules}))
        hint = f"try: kubectl -n {context.cluster.namespace} describe ingress {names}"
        return Outcome("failed", shorten("; ".join(bad), 300), hint)
    return Outcome("ok", shorten(", ".join(text for text, _ in answers), 200))


def rules_of(ingress: KubeObject) -> Iterator[Rule]:
    """The rules of an Ingress; a wildcard host stands for one of its names."""
    name = ingress["metadata"]["name"]
    for rule in ingress["spec"].get("rules") or []:
        host = str(rule.get("host", "")).replace("*", "any", 1)
        for path in rule.get("http", {}).get("paths", []):
            service = path["backend"].get("service", {}).get("name", "a resource")
            yield Rule(name, host, sample_path(path.get("path") or "/", path.get("pathType")), service)


def sample_path(path: str, path_type: str | None) -> str:
    """A path that a rule matches: its own, or for a regular expression its literal beginning."""
    if path_type != "ImplementationSpecific":
        return path
    return f"/{REGEX_CHARACTERS.split(path.lstrip('^'), maxsplit=1)[0].lstrip('/')}"
