"""What a component's values do to its objects."""

from __future__ import annotations

from typing import Any

import pytest

from .charts import COMPONENTS, HelmError, Manifest, Release, Values, render

BACKEND_PROBES: Values = {
    "livenessProbe": {"httpGet": {"path": "/livez"}},
    "readinessProbe": {"httpGet": {"path": "/readyz"}, "periodSeconds": 1},
    "startupProbe": {"httpGet": {"path": "/startupz"}},
}
CHECKSUM = "0123456789abcdef" * 4


def pod_annotations(release: Release) -> Values:
    """Annotations of the Deployment's pods."""
    found = release.one("Deployment")["spec"]["template"]["metadata"].get("annotations", {})
    assert isinstance(found, dict)
    return found


def variables(container: Manifest) -> dict[str, Manifest]:
    return {entry["name"]: entry for entry in container.get("env", [])}


# Names


@pytest.mark.parametrize(
    ("release", "values", "name"),
    [
        ("todo-backend", {}, "todo-backend"),
        ("dev-todo-backend", {}, "dev-todo-backend"),
        ("dev", {}, "dev-todo-backend"),
        ("dev", {"fullnameOverride": "backend"}, "backend"),
        ("x" * 53, {}, ("x" * 53 + "-todo-backend")[:55].rstrip("-")),
    ],
)
def test_name_comes_from_release_and_chart(release: str, values: Values, name: str) -> None:
    rendered = render("todo-backend", values, release=release)
    for kind in ("Deployment", "Service", "Ingress", "ServiceAccount"):
        assert rendered.one(kind)["metadata"]["name"] == name
    assert rendered.one("ConfigMap")["metadata"]["name"] == f"{name}-config"
    assert rendered.one("Job")["metadata"]["name"] == f"{name}-migrate"
    assert all(len(manifest["metadata"]["name"]) <= 63 for manifest in rendered.manifests)


def test_every_name_that_others_use_can_be_set() -> None:
    rendered = render(
        "todo-backend",
        {
            "fullnameOverride": "backend",
            "service": {"name": "backend-service"},
            "configName": "todo-app-config",
            "secretName": "todo-app-secrets",
            "serviceAccountName": "shared",
            "autoscaling": {"enabled": True, "name": "backend-hpa"},
            "networkPolicies": {"backend-allow-frontend": {"ingress": []}},
        },
    )
    deployment = rendered.one("Deployment")
    container = rendered.container()
    assert rendered.one("Service")["metadata"]["name"] == "backend-service"
    assert rendered.one("ConfigMap")["metadata"]["name"] == "todo-app-config"
    assert container["envFrom"] == [{"configMapRef": {"name": "todo-app-config"}}]
    assert {entry["valueFrom"]["secretKeyRef"]["name"] for entry in container["env"]} == {"todo-app-secrets"}
    assert deployment["spec"]["template"]["spec"]["serviceAccountName"] == "shared"
    assert rendered.all("ServiceAccount") == []
    assert rendered.one("HorizontalPodAutoscaler")["metadata"]["name"] == "backend-hpa"
    assert rendered.one("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"] == "backend"
    assert rendered.one("NetworkPolicy")["metadata"]["name"] == "backend-allow-frontend"
    (path, _) = rendered.one("Ingress")["spec"]["rules"][0]["http"]["paths"]
    assert path["backend"]["service"]["name"] == "backend-service"


@pytest.mark.parametrize("chart", COMPONENTS)
def test_selectors_find_the_components_pods_and_no_others(chart: str) -> None:
    rendered = render(
        chart,
        {
            "replicaCount": 2,
            "migration": {"enabled": True, "command": ["migrate"], "backoffLimit": 0, "deadlineSeconds": 1},
            "networkPolicies": {"deny": {"ingress": []}},
        },
    )
    deployment = rendered.one("Deployment")["spec"]
    selectors = [
        rendered.one("Service")["spec"]["selector"],
        deployment["selector"]["matchLabels"],
        deployment["template"]["spec"]["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"],
        rendered.one("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        rendered.one("NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
    ]
    job = rendered.one("Job")["spec"]["template"]["metadata"]["labels"]
    for selector in selectors:
        assert selector == {"app": chart, "app.kubernetes.io/instance": chart}
        assert selector.items() <= deployment["template"]["metadata"]["labels"].items()
        assert not selector.items() <= job.items()


# Settings and secrets


def test_secret_keys_may_have_any_style() -> None:
    container = render(
        "todo-backend",
        {
            "secretName": "evolved-todo-secrets",
            "secretEnv": {"DATABASE_URL": "database-url", "BETTER_AUTH_SECRET": "better-auth-secret"},
            "optionalSecretEnv": {"OPENAI_API_KEY": "openai-api-key"},
        },
    ).container()
    references = {name: entry["valueFrom"]["secretKeyRef"] for name, entry in variables(container).items()}
    assert references == {
        "DATABASE_URL": {"name": "evolved-todo-secrets", "key": "database-url"},
        "BETTER_AUTH_SECRET": {"name": "evolved-todo-secrets", "key": "better-auth-secret"},
        "OPENAI_API_KEY": {"name": "evolved-todo-secrets", "key": "openai-api-key", "optional": True},
    }


def test_given_variables_take_the_place_of_the_defaults() -> None:
    values = {
        "secretEnv": {"DATABASE_URL": "DATABASE_URL", "JWT_SECRET": "JWT_SECRET"},
        "config": {"LOG_LEVEL": "info"},
    }
    rendered = render("todo-backend", values)
    # Those that may be missing are harmless, and stay.
    assert variables(rendered.container()).keys() == {"DATABASE_URL", "JWT_SECRET", "OPENAI_API_KEY"}
    assert rendered.one("ConfigMap")["data"] == {"LOG_LEVEL": "info"}
    own = render("todo-backend", {"optionalSecretEnv": {"ANTHROPIC_API_KEY": "ANTHROPIC_API_KEY"}}).container()
    assert variables(own).keys() == {"DATABASE_URL", "BETTER_AUTH_SECRET", "ANTHROPIC_API_KEY"}
    frontend = render("todo-frontend", {"config": {"BACKEND_INTERNAL_URL": "http://other:8000"}})
    assert frontend.one("ConfigMap")["data"] == {"BACKEND_INTERNAL_URL": "http://other:8000"}


def test_variables_of_a_secret_need_its_name() -> None:
    with pytest.raises(HelmError, match="secretName is needed"):
        render("todo-frontend", {"secretEnv": {"TOKEN": "TOKEN"}})


@pytest.mark.parametrize("chart", COMPONENTS)
def test_pods_are_replaced_when_what_they_read_at_start_changes(chart: str) -> None:
    before, after = pod_annotations(render(chart)), pod_annotations(render(chart, {"config": {"LOG_LEVEL": "debug"}}))
    assert before.keys() == after.keys() == {"checksum/config"}
    assert before != after
    handed_in = pod_annotations(render(chart, {"secretChecksum": CHECKSUM}))
    assert handed_in == {**before, "checksum/secret": CHECKSUM}


def test_bare_helm_can_make_the_secret() -> None:
    secrets = {"DATABASE_URL": "postgresql://x", "BETTER_AUTH_SECRET": "y"}
    rendered = render("todo-backend", {"secrets": secrets, "secretName": "mine"})
    own, for_the_hook = rendered.all("Secret")
    assert (own["metadata"]["name"], own["type"], own["stringData"]) == ("mine", "Opaque", secrets)
    assert "annotations" not in own["metadata"]
    assert for_the_hook["stringData"] == secrets
    job = variables(rendered.container("Job"))
    assert job["DATABASE_URL"]["valueFrom"]["secretKeyRef"]["name"] == for_the_hook["metadata"]["name"]
    changed = render("todo-backend", {"secrets": {**secrets, "BETTER_AUTH_SECRET": "z"}, "secretName": "mine"})
    assert pod_annotations(rendered)["checksum/secret"] != pod_annotations(changed)["checksum/secret"]
    assert render("todo-backend").all("Secret") == []


@pytest.mark.parametrize(
    ("values", "most"),
    [
        ({}, "2"),
        ({"replicaCount": 3}, "4"),
        ({"replicaCount": 3, "autoscaling": {"enabled": True, "maxReplicas": 10}}, "11"),
    ],
)
def test_connections_are_shared_out_among_the_most_pods_that_there_can_be(values: Values, most: str) -> None:
    total = {"DATABASE_TOTAL_CONNECTIONS": "80"}
    rendered = render("todo-backend", {**values, "config": total})
    assert rendered.one("ConfigMap")["data"] == {**total, "MAX_REPLICAS": most}
    given = {**total, "MAX_REPLICAS": "40"}
    assert render("todo-backend", {**values, "config": given}).one("ConfigMap")["data"] == given
    assert "MAX_REPLICAS" not in render("todo-backend", values).one("ConfigMap")["data"]


# Volumes


@pytest.mark.parametrize("chart", COMPONENTS)
def test_pods_share_the_volumes(chart: str) -> None:
    volumes = {
        "attachments": {"path": "/attachments", "size": "1Gi"},
        "other": {"path": "/other", "size": "2Gi", "storageClass": "fast", "accessMode": "ReadWriteMany"},
    }
    rendered = render(chart, {"volumes": volumes})
    claims = {claim["metadata"]["name"]: claim["spec"] for claim in rendered.all("PersistentVolumeClaim")}
    assert claims == {
        f"{chart}-attachments": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        f"{chart}-other": {
            "accessModes": ["ReadWriteMany"],
            "storageClassName": "fast",
            "resources": {"requests": {"storage": "2Gi"}},
        },
    }
    mounted = {mount["name"]: mount["mountPath"] for mount in rendered.container()["volumeMounts"]}
    pod = rendered.one("Deployment")["spec"]["template"]["spec"]
    claimed = {
        volume["persistentVolumeClaim"]["claimName"]: mounted[volume["name"]]
        for volume in pod["volumes"]
        if "persistentVolumeClaim" in volume
    }
    assert claimed == {f"{chart}-attachments": "/attachments", f"{chart}-other": "/other"}
    assert render(chart).all("PersistentVolumeClaim") == []


def test_attachments_are_kept_in_the_volume_that_is_called_so() -> None:
    rendered = render("todo-backend", {"volumes": {"attachments": {"path": "/attachments", "size": "1Gi"}}})
    assert rendered.one("ConfigMap")["data"]["ATTACHMENT_FOLDER"] == "/attachments"
    # The Job runs before the volume exists.
    job = rendered.one("Job")["spec"]["template"]["spec"]
    assert all("persistentVolumeClaim" not in volume for volume in job["volumes"])
    assert "ATTACHMENT_FOLDER" not in render("todo-backend").one("ConfigMap")["data"]


# Probes


def test_probes_of_the_platforms_own_deployments() -> None:
    container = render("todo-backend", BACKEND_PROBES).container()
    probes = {name: container[name] for name in BACKEND_PROBES}
    assert {name: probe["httpGet"] for name, probe in probes.items()} == {
        "livenessProbe": {"path": "/livez", "port": 8000},
        "readinessProbe": {"path": "/readyz", "port": 8000},
        "startupProbe": {"path": "/startupz", "port": 8000},
    }
    assert probes["readinessProbe"]["periodSeconds"] == 1


def test_liveness_outlasts_a_restart_of_the_database() -> None:
    probe = render("todo-backend").container()["livenessProbe"]
    assert probe["httpGet"]["path"] == "/health"
    assert probe["periodSeconds"] * probe["failureThreshold"] >= 300


def test_a_probe_asks_in_one_way() -> None:
    path: Values = {"httpGet": {"path": "/api/health", "port": 3000}}
    with pytest.raises(
        HelmError, match=r"livenessProbe needs one of .* and has httpGet, tcpSocket: set the others to null"
    ):
        render("todo-frontend", {"livenessProbe": path})
    probe = render("todo-frontend", {"livenessProbe": {**path, "tcpSocket": None}}).container()["livenessProbe"]
    assert probe == {"httpGet": path["httpGet"], "periodSeconds": 30}
    with pytest.raises(HelmError, match="has none"):
        render("todo-frontend", {"livenessProbe": {"tcpSocket": None}})


def test_a_probe_can_be_taken_away() -> None:
    assert "livenessProbe" not in render("todo-frontend", {"livenessProbe": None}).container()


# Rollouts and scale


@pytest.mark.parametrize("chart", COMPONENTS)
def test_rollout_leaves_no_gap(chart: str) -> None:
    deployment = render(chart).one("Deployment")["spec"]
    assert deployment["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    assert deployment["minReadySeconds"] > 0
    spread = deployment["template"]["spec"]["topologySpreadConstraints"][0]
    assert (spread["whenUnsatisfiable"], spread["matchLabelKeys"]) == ("ScheduleAnyway", ["pod-template-hash"])


@pytest.mark.parametrize(("delay", "graceful"), [(5, 30), (0, 0), (12, 120)])
def test_a_pod_has_time_to_end(delay: int, graceful: int) -> None:
    rendered = render("todo-backend", {"shutdown": {"delaySeconds": delay, "gracefulSeconds": graceful}})
    pod = rendered.one("Deployment")["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > delay + graceful
    sleep: Any = {"preStop": {"sleep": {"seconds": delay}}} if delay else None
    assert rendered.container().get("lifecycle") == sleep


@pytest.mark.parametrize(
    ("values", "replicas", "budgets", "scalers"),
    [
        ({}, 1, 0, 0),
        ({"replicaCount": 0}, 0, 0, 0),
        ({"replicaCount": 3}, 3, 1, 0),
        ({"autoscaling": {"enabled": True}}, None, 1, 1),
        ({"autoscaling": {"enabled": True, "minReplicas": 1}}, None, 0, 1),
        ({"replicaCount": 3, "autoscaling": {"enabled": True, "minReplicas": 1}}, None, 0, 1),
    ],
)
def test_replicas_budget_and_autoscaler(values: Values, replicas: int | None, budgets: int, scalers: int) -> None:
    rendered = render("todo-backend", values)
    assert rendered.one("Deployment")["spec"].get("replicas") == replicas
    assert len(rendered.all("PodDisruptionBudget")) == budgets
    assert len(rendered.all("HorizontalPodAutoscaler")) == scalers


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ({}, {"cpu": 70, "memory": 80}),
        ({"targetCPUUtilizationPercentage": 60}, {"cpu": 60, "memory": 80}),
        ({"targetMemoryUtilizationPercentage": None}, {"cpu": 70}),
    ],
)
def test_autoscaler_targets(targets: Values, expected: dict[str, int]) -> None:
    scaler = render("todo-frontend", {"autoscaling": {"enabled": True, "maxReplicas": 9, **targets}}).one(
        "HorizontalPodAutoscaler"
    )["spec"]
    metrics = {metric["resource"]["name"]: metric["resource"]["target"] for metric in scaler["metrics"]}
    assert metrics == {name: {"type": "Utilization", "averageUtilization": share} for name, share in expected.items()}
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 9)


# Network


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({"type": "ClusterIP", "nodePort": 30080}, None),
        ({"type": "NodePort"}, None),
        ({"type": "NodePort", "nodePort": 30080}, 30080),
        ({"type": "LoadBalancer", "nodePort": 30081}, 30081),
    ],
)
def test_service_type_and_node_port(service: Values, expected: int | None) -> None:
    spec = render("todo-frontend", {"service": service}).one("Service")["spec"]
    assert spec["type"] == service["type"]
    assert spec["ports"][0].get("nodePort") == expected


def test_a_command_takes_the_place_of_the_images() -> None:
    command = ["sh", "-c", "exec server --reload"]
    assert render("todo-frontend", {"command": command}).container()["command"] == command
    assert "command" not in render("todo-frontend").container()


def test_the_services_port_need_not_be_the_containers() -> None:
    rendered = render("todo-frontend", {"service": {"port": 80}})
    (port,) = rendered.one("Service")["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (80, 3000)
    assert rendered.container()["ports"] == [{"name": "http", "containerPort": 3000}]
    paths = rendered.one("Ingress")["spec"]["rules"][0]["http"]["paths"]
    assert paths[0]["backend"]["service"]["port"]["number"] == 80


def test_ingress_takes_hosts_and_certificates() -> None:
    values: Values = {
        "annotations": {"nginx.ingress.kubernetes.io/use-regex": None},
        "hosts": [
            {"host": "todo.example.com", "paths": [{"path": "/", "pathType": "Prefix"}]},
            {"host": "www.example.com", "paths": [{"path": "/app", "pathType": "Exact"}]},
        ],
        "tls": [{"secretName": "todo-tls", "hosts": ["todo.example.com"]}],
    }
    ingress = render("todo-frontend", {"ingress": values}).one("Ingress")
    assert [rule["host"] for rule in ingress["spec"]["rules"]] == ["todo.example.com", "www.example.com"]
    assert ingress["spec"]["tls"] == values["tls"]
    assert "annotations" not in ingress["metadata"]
    assert render("todo-frontend", {"ingress": {"enabled": False}}).all("Ingress") == []


def test_network_policies_are_written_as_given() -> None:
    rules: Values = {
        "backend-allow-frontend": {
            "ingress": [
                {
                    "from": [{"podSelector": {"matchLabels": {"app": "frontend"}}}],
                    "ports": [{"protocol": "TCP", "port": 8000}],
                }
            ]
        },
        "backend-allow-database": {
            "egress": [
                {
                    "to": [{"namespaceSelector": {"matchLabels": {"name": "default"}}}],
                    "ports": [{"protocol": "TCP", "port": 5432}],
                }
            ]
        },
        "deny": {"ingress": [], "egress": []},
        "migrate": {"podSelector": {"matchLabels": {"app": "todo-backend-migrate"}}, "ingress": []},
    }
    policies = render("todo-backend", {"networkPolicies": rules}).all("NetworkPolicy")
    assert {policy["metadata"]["name"]: policy["spec"]["policyTypes"] for policy in policies} == {
        "backend-allow-frontend": ["Ingress"],
        "backend-allow-database": ["Egress"],
        "deny": ["Ingress", "Egress"],
        "migrate": ["Ingress"],
    }
    for policy in policies:
        spec = policy["spec"]
        selector = {"matchLabels": {"app": "todo-backend", "app.kubernetes.io/instance": "todo-backend"}}
        wanted = {"podSelector": selector, **rules[policy["metadata"]["name"]]}
        assert {key: spec[key] for key in spec if key != "policyTypes"} == wanted


# Migration


def test_migration_runs_before_the_pods() -> None:
    rendered = render("todo-backend", {"config": {"LOG_LEVEL": "debug"}, "image": {"tag": "abc"}})
    job = rendered.one("Job")
    container, deployed = rendered.container("Job"), rendered.container()
    assert job["metadata"]["annotations"] == {
        "helm.sh/hook": "pre-install,pre-upgrade",
        "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
        "todo.platform/goes-back": "true",
    }
    assert (job["spec"]["backoffLimit"], job["spec"]["activeDeadlineSeconds"]) == (3, 300)
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"
    assert container["command"] == ["python", "-m", "app.migrate"]
    assert container["image"] == deployed["image"] == "todo-backend:abc"


def test_migration_has_the_pods_variables_before_any_object_exists() -> None:
    rendered = render("todo-backend", {"config": {"LOG_LEVEL": "debug"}})
    job = variables(rendered.container("Job"))
    settings = rendered.one("ConfigMap")["data"]
    assert {name: entry["value"] for name, entry in job.items() if "value" in entry} == settings
    secret = {name: entry for name, entry in job.items() if "valueFrom" in entry}
    assert secret == variables(rendered.container())
    assert "envFrom" not in rendered.container("Job")
    # The ServiceAccount belongs to the release, which comes after the hook.
    assert "serviceAccountName" not in rendered.one("Job")["spec"]["template"]["spec"]


def test_only_the_backend_migrates() -> None:
    assert render("todo-frontend").all("Job") == []
    assert render("todo-backend", {"migration": {"enabled": False}}).all("Job") == []


def test_deployment_keeps_the_revision_of_its_schema() -> None:
    deployment = render("todo-backend", {"migration": {"revision": "0042"}}).one("Deployment")
    assert deployment["metadata"]["annotations"] == {"migration/revision": "0042"}
    assert "annotations" not in render("todo-backend").one("Deployment")["metadata"]
