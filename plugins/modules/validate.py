#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Run the post-deployment checklist of one deployment."""

from __future__ import annotations

DOCUMENTATION = r"""
module: validate
short_description: Run the post-deployment checklist of a deployment and write its report
version_added: "0.1.0"
description:
  - Runs a list of checks against one namespace, all at the same time, and repeats those that do not pass until they do
    or their time is over.
  - Never fails because of a check. The result says how each one ended; whoever calls it decides.
  - Writes C(report.html), C(report.json) and C(junit.xml) into O(report_dir). They describe the run, not the
    deployment, so the module is never changed.
extends_documentation_fragment: todo.platform.kubectl
options:
  deployment:
    description: The name of the deployment.
    type: str
    required: true
  namespace:
    description: The namespace of the deployment.
    type: str
    required: true
  selector:
    description: Label selector that narrows what belongs to the deployment, where a namespace holds several.
    type: str
    default: ""
  ingress_url:
    description: Where the ingress controller listens, for example C(http://127.0.0.1).
    type: str
  node_ip:
    description: An address of a node, to show the addresses of NodePorts.
    type: str
    default: ""
  images:
    description: For V(images), the digests that a node may report of an image, by the image as pods name it.
    type: dict
    default: {}
  checks:
    description: The checklist.
    type: list
    elements: dict
    required: true
    suboptions:
      type:
        description:
          - V(pods), workloads have their replicas, pods are Running and ready, restarts do not grow.
          - V(images), containers run the image that was built under its tag.
          - V(services), each has ready endpoints, and answers if it speaks HTTP.
          - V(probes), all liveness, readiness and startup probes are asked directly.
          - V(http), one GET is answered as expected.
          - V(page), an HTML page loads with its scripts and style sheets.
          - V(story), requests in a row pass on what they learn.
          - V(ingress), each rule is routed by the ingress controller.
          - V(hpa), autoscalers have their metrics.
          - V(logs), no errors in the logs. New ones are a failure, earlier ones a warning. Runs after all others.
          - V(network_policy), network policies are named, and tried with packets.
        type: str
        required: true
        choices: [pods, images, services, probes, http, page, story, ingress, hpa, logs, network_policy]
      name:
        description: What the check is called.
        type: str
      writes:
        description: The check writes into the application, see O(writing).
        type: bool
        default: false
      optional:
        description: A failure is only a warning.
        type: bool
        default: false
      timeout:
        description: Seconds until a check that does not pass has failed, if that is less than O(timeout).
        type: float
      request_timeout:
        description: Seconds for one request.
        type: float
        default: 10
      max_restarts:
        description: For V(pods), as many new restarts of a container are a failure.
        type: int
        default: 3
      restart_window:
        description: For V(pods), seconds that a restart counts as recent.
        type: float
        default: 600
      service:
        description: For V(http), V(page) and V(story), a Service of the namespace.
        type: str
      port:
        description: The port of O(checks[].service), a number or a name; its first one if not given.
        type: str
      url:
        description: For V(http), V(page) and V(story), a URL that this machine reaches; paths are added to it.
        type: str
      ingress:
        description: For V(http), V(page) and V(story), a host name that the ingress controller routes.
        type: str
      verify:
        description: Whether the certificate of O(checks[].url) must be valid.
        type: bool
        default: true
      path:
        description: For V(http) and V(page), the path to get.
        type: str
        default: /
      headers:
        description: For V(http) and V(page), headers to send.
        type: dict
      expect:
        description: For V(http) and V(page), what the answer must be like.
        type: dict
        suboptions: &expect
          status:
            description: Status codes that are right; any 2xx if not given.
            type: list
            elements: int
          json:
            description:
              - What the body must hold at least. An object needs the given keys, a list an element like each given one,
                anything else must be equal.
            type: raw
          contains:
            description: A text in the body.
            type: str
          content_type:
            description: The beginning of the content type.
            type: str
      steps:
        description:
          - For V(story), the requests. In their texts C(${random}) is a new name, C(${password}) a new password, and
            C(${NAME}) what a step before captured as NAME. Cookies are kept.
        type: list
        elements: dict
        suboptions:
          name:
            description: What the step does.
            type: str
            required: true
          method:
            description: The HTTP method.
            type: str
            default: GET
          path:
            description: The path.
            type: str
            required: true
          headers:
            description: Headers to send.
            type: dict
          json:
            description: The body, sent as JSON.
            type: raw
          expect:
            description: What the answer must be like.
            type: dict
            suboptions: *expect
          capture:
            description: Values of the answer to keep, {NAME, dotted path in its JSON}.
            type: dict
          always:
            description: Run the step even when one before failed, to leave nothing behind.
            type: bool
            default: false
      tail:
        description: For V(logs), how many lines of each container.
        type: int
        default: 500
      since:
        description: For V(logs), lines that are older by so many seconds do not count.
        type: float
        default: 600
      allow:
        description: For V(logs), regular expressions of lines that are no errors.
        type: list
        elements: str
        default: []
      grace:
        description: For V(hpa), seconds after its making in which an autoscaler may be without metrics.
        type: float
        default: 180
      enforced:
        description: For V(network_policy), whether the cluster's network enforces policies, if that is known.
        type: bool
      probe:
        description:
          - For V(network_policy), a pod that tries what the policies forbid, where O(checks[].enforced) is not known.
          - It is made and removed, so set O(checks[].writes) too.
        type: dict
        suboptions:
          service:
            description: A Service; the first container of its pods has the image, with a user other than root.
            type: str
            required: true
          command:
            description: A command that fails unless it can connect to E(HOST) at E(PORT).
            type: list
            elements: str
            required: true
  timeout:
    description: Seconds until a check that does not pass has failed.
    type: float
    default: 60
  writing:
    description:
      - When checks with O(checks[].writes) are run.
      - V(auto) is when what is deployed, or the check itself, is not what they last passed on.
    type: str
    choices: [auto, always, never]
    default: auto
  report_dir:
    description: Folder for the report, which also remembers what the next run needs. Nothing is written without it.
    type: path
  run_id:
    description: The id of this run, by which its timings are found; the progress callback sets E(TODO_PLATFORM_RUN).
    type: str
  progress_file:
    description: File through which progress is reported; the callback sets E(TODO_PLATFORM_PROGRESS).
    type: path
attributes:
  check_mode:
    support: full
    description:
      - Checks that only read are run and no report is written. Without a cluster or namespace nothing is checked.
  diff_mode:
    support: none
    description: There is nothing to change.
author: todo.platform contributors
"""

EXAMPLES = r"""
- name: Check the deployment
  todo.platform.validate:
    deployment: dev
    namespace: todo-dev
    kubeconfig: "{{ cluster_facts.kubeconfig }}"
    kubectl: "{{ cluster_facts.bin_dir }}/kubectl"
    ingress_url: "{{ cluster_facts.ingress_url }}"
    report_dir: "{{ deployment_state_dir }}/dev"
    checks:
      - {type: pods}
      - {type: probes}
      - {type: http, service: todo-backend, path: /health, expect: {json: {database: connected}}}
      - {type: page, ingress: todo.localhost, expect: {contains: Todo}}
      - type: story
        name: a note can be made and removed
        writes: true
        service: notes
        steps:
          - name: make
            method: POST
            path: /notes
            json: {title: "${random}"}
            expect: {status: [201]}
            capture: {note: id}
          - {name: remove, method: DELETE, path: "/notes/${note}", always: true}
  register: result
"""

RETURN = r"""
status:
  description: C(ok), C(warning), C(failed), or C(skipped) when nothing could be checked in check mode.
  returned: always
  type: str
checks:
  description: The results, in the order of the checklist, logs last.
  returned: always
  type: list
  elements: dict
  contains:
    name: {description: What the check is called., type: str}
    type: {description: Its type., type: str}
    status: {description: "C(ok), C(warning), C(failed) or C(skipped).", type: str}
    detail: {description: What was found., type: str}
    hint: {description: What to do., type: str}
    evidence: {description: "Likely causes, events, log lines.", type: list, elements: str}
    seconds: {description: How long it took., type: float}
    attempts: {description: How often it was tried., type: int}
table:
  description: The results as a table for a terminal, with stages and addresses.
  returned: always
  type: str
failure:
  description: What failed, why, and what to do.
  returned: always
  type: str
urls:
  description: Addresses to open, each with C(name) and C(url).
  returned: always
  type: list
  elements: dict
report:
  description: Paths of the report's files, C(json), C(html) and C(junit).
  returned: always
  type: dict
"""

import json
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TypeVar

from ansible.module_utils.basic import AnsibleModule, env_fallback
from ansible_collections.todo.platform.plugins.module_utils.checks.cluster import Cluster, ClusterError, connect
from ansible_collections.todo.platform.plugins.module_utils.checks.model import Context
from ansible_collections.todo.platform.plugins.module_utils.checks.overview import fingerprint, urls, workloads
from ansible_collections.todo.platform.plugins.module_utils.checks.pods import restarts_of
from ansible_collections.todo.platform.plugins.module_utils.checks.runner import AFTER_ALL, CHECKS, Result, run_checks
from ansible_collections.todo.platform.plugins.module_utils.http import Endpoint
from ansible_collections.todo.platform.plugins.module_utils.kubectl import CLIENT_OPTIONS, Kubectl, KubectlError
from ansible_collections.todo.platform.plugins.module_utils.progress import ENVIRONMENT_VARIABLE, Progress
from ansible_collections.todo.platform.plugins.module_utils.report import (
    FORMAT,
    JSON_NAME,
    Report,
    as_failure,
    as_table,
    iso,
    write,
)
from ansible_collections.todo.platform.plugins.module_utils.timings import RUN_VARIABLE, read_run

PARALLEL_REQUESTS = 12

T = TypeVar("T")

EXPECT = {
    "type": "dict",
    "options": {
        "status": {"type": "list", "elements": "int"},
        "json": {"type": "raw"},
        "contains": {"type": "str"},
        "content_type": {"type": "str"},
    },
}
STEP = {
    "name": {"type": "str", "required": True},
    "method": {"type": "str", "default": "GET"},
    "path": {"type": "str", "required": True},
    "headers": {"type": "dict"},
    "json": {"type": "raw"},
    "expect": EXPECT,
    "capture": {"type": "dict"},
    "always": {"type": "bool", "default": False},
}
CHECK = {
    "type": {"type": "str", "required": True, "choices": list(CHECKS)},
    "name": {"type": "str"},
    "writes": {"type": "bool", "default": False},
    "optional": {"type": "bool", "default": False},
    "timeout": {"type": "float"},
    "request_timeout": {"type": "float", "default": 10},
    "max_restarts": {"type": "int", "default": 3},
    "restart_window": {"type": "float", "default": 600},
    "service": {"type": "str"},
    "port": {"type": "str"},
    "url": {"type": "str"},
    "ingress": {"type": "str"},
    "verify": {"type": "bool", "default": True},
    "path": {"type": "str", "default": "/"},
    "headers": {"type": "dict"},
    "expect": EXPECT,
    "steps": {"type": "list", "elements": "dict", "options": STEP},
    "tail": {"type": "int", "default": 500},
    "since": {"type": "float", "default": 600},
    "allow": {"type": "list", "elements": "str", "default": []},
    "grace": {"type": "float", "default": 180},
    "enforced": {"type": "bool"},
    "probe": {
        "type": "dict",
        "options": {
            "service": {"type": "str", "required": True},
            "command": {"type": "list", "elements": "str", "required": True},
        },
    },
}
ARGUMENTS = {
    "deployment": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "selector": {"type": "str", "default": ""},
    **CLIENT_OPTIONS,
    "ingress_url": {"type": "str"},
    "node_ip": {"type": "str", "default": ""},
    "images": {"type": "dict", "default": {}},
    "checks": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": CHECK,
        "required_if": [
            ("type", "http", ("service", "url", "ingress"), True),
            ("type", "page", ("service", "url", "ingress"), True),
            ("type", "story", ("service", "url", "ingress"), True),
            ("type", "story", ("steps",)),
        ],
        "mutually_exclusive": [("service", "url", "ingress")],
    },
    "timeout": {"type": "float", "default": 60},
    "writing": {"type": "str", "choices": ["auto", "always", "never"], "default": "auto"},
    "report_dir": {"type": "path"},
    "run_id": {"type": "str", "fallback": (env_fallback, [RUN_VARIABLE])},
    "progress_file": {"type": "path", "fallback": (env_fallback, [ENVIRONMENT_VARIABLE])},
}


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def previous_report(report_dir: str | None) -> dict[str, Any]:
    """The last report in the folder, or nothing if there is none that this version can read."""
    if not report_dir:
        return {}
    try:
        document: Any = json.loads((Path(report_dir) / JSON_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) and document.get("format") == FORMAT else {}


def reason_not_to_write(writing: str, deployed: str, written: dict[str, Any], check_mode: bool) -> str:
    """Why the checks that write are not run; empty if they are.

    :param deployed: the fingerprint of what is deployed now, empty if it can't be read.
    :param written: what the last report noted about the run in which they passed.
    """
    if check_mode:
        return "check mode writes nothing"
    if writing == "never":
        return "checks that write are turned off"
    if writing == "always":
        return ""
    if not deployed:
        return "what is deployed can't be read in full"
    return f"nothing changed since it passed at {written['at']}" if written.get("fingerprint") == deployed else ""


def _readable(read: Callable[[], T], otherwise: T) -> T:
    """What `read` returns, or `otherwise` when the cluster does not give it: a check has told so already."""
    try:
        return read()
    except ClusterError:
        return otherwise


def validate(params: dict[str, Any], check_mode: bool, endpoint: Endpoint, kubectl: Kubectl) -> Report:
    """Run the checklist against the API at `endpoint`.

    :raises ClusterError: the API does not answer, or there is no such namespace.
    """
    previous = previous_report(params["report_dir"])
    cluster = Cluster(endpoint, params["namespace"], params["selector"])
    checks = sorted(params["checks"], key=lambda check: check["type"] in AFTER_ALL)
    with (
        ThreadPoolExecutor(PARALLEL_REQUESTS) as executor,
        Progress(params["progress_file"], f"check {params['deployment']}", len(checks), unit="checks") as progress,
    ):
        started = time.time()
        if not cluster.namespace_exists():
            raise ClusterError(f"there is no namespace {params['namespace']}: run the release stage first")
        context = Context(
            cluster,
            kubectl,
            executor,
            # The header's seconds are whole: what was written before this one is not of these checks.
            cluster.time() + 1,
            Endpoint.of_url(params["ingress_url"], verify=False) if params["ingress_url"] else None,
            previous.get("restarts") or {},
            params["images"],
        )
        deployed = _readable(lambda: fingerprint(cluster, checks), "")
        written = previous.get("written") or {}
        not_writing = reason_not_to_write(params["writing"], deployed, written, check_mode)
        results = run_checks(
            checks,
            context,
            time.monotonic() + params["timeout"],
            not_writing,
            lambda done, waiting: progress.update(done, f"waiting for {', '.join(waiting)}" if waiting else ""),
        )
        if not not_writing:
            passed = all(
                result.status != "failed" for check, result in zip(checks, results, strict=True) if check["writes"]
            )
            written = {"fingerprint": deployed, "at": iso(started)} if passed else {}
        return Report(
            deployment=params["deployment"],
            namespace=params["namespace"],
            started=started,
            finished=time.time(),
            checks=[result.document() for result in results],
            urls=_readable(lambda: urls(context, params["node_ip"]), []),
            workloads=_readable(lambda: workloads(cluster), []),
            restarts=_readable(lambda: restarts_of(cluster.objects("pods")), {}),
            written=written,
        )


def unreachable(params: dict[str, Any], error: Exception, check_mode: bool) -> Report:
    """The report of a deployment that can't be looked at; in check mode that is to be expected before the first run."""
    now = time.time()
    previous = previous_report(params["report_dir"])
    result = Result("cluster", "cluster", "skipped" if check_mode else "failed", str(error), 0.0, 1)
    return Report(
        params["deployment"],
        params["namespace"],
        now,
        now,
        [result.document()],
        restarts=previous.get("restarts") or {},
        written=previous.get("written") or {},
    )


def main() -> None:
    """Entry point of the module."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    signal.signal(signal.SIGTERM, _stop)
    kubectl = Kubectl(params["kubectl"], params["kubeconfig"], params["context"], params["namespace"])
    try:
        if params["ingress_url"]:
            Endpoint.of_url(params["ingress_url"])
        with connect(kubectl) as endpoint:
            report = validate(params, module.check_mode, endpoint, kubectl)
    except (KubectlError, ClusterError) as error:
        report = unreachable(params, error, module.check_mode)
    except ValueError as error:
        module.fail_json(msg=f"ingress_url: {error}")
    paths: dict[str, str] = {}
    if params["report_dir"] and not module.check_mode:
        folder = Path(params["report_dir"])
        report.run = read_run(folder, params["run_id"], time.time())
        try:
            paths = write(report, folder)
        except OSError as error:
            module.warn(f"The report cannot be written: {error}")
    skipped = len(report.of_status("skipped")) == len(report.checks)
    module.exit_json(
        changed=False,
        status="skipped" if skipped else report.status,
        checks=report.checks,
        table=as_table(report, paths),
        failure=as_failure(report, paths),
        urls=report.urls,
        report=paths,
    )


if __name__ == "__main__":
    main()
