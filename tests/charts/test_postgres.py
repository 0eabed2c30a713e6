"""The PostgreSQL chart."""

from __future__ import annotations

import pytest

from .charts import HelmError, Values, render


def test_server_keeps_its_data_on_a_volume() -> None:
    rendered = render("postgres", {"persistence": {"size": "5Gi", "storageClass": "fast"}})
    spec = rendered.one("StatefulSet")["spec"]
    (claim,) = spec["volumeClaimTemplates"]
    assert claim["spec"]["resources"]["requests"] == {"storage": "5Gi"}
    assert claim["spec"]["storageClassName"] == "fast"
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    container = rendered.container("StatefulSet")
    (mount,) = [mount for mount in container["volumeMounts"] if mount["name"] == claim["metadata"]["name"]]
    (data,) = [entry["value"] for entry in container["env"] if entry["name"] == "PGDATA"]
    assert data.startswith(mount["mountPath"] + "/")
    assert "storageClassName" not in render("postgres").one("StatefulSet")["spec"]["volumeClaimTemplates"][0]["spec"]


def test_official_images_variables() -> None:
    values: Values = {
        "database": {"name": "todo_db", "user": "boss"},
        "secretName": "mine",
        "passwordKey": "pg-password",
    }
    container = render("postgres", values).container("StatefulSet")
    variables = {entry["name"]: entry for entry in container["env"]}
    assert (variables["POSTGRES_DB"]["value"], variables["POSTGRES_USER"]["value"]) == ("todo_db", "boss")
    assert variables["POSTGRES_PASSWORD"]["valueFrom"] == {"secretKeyRef": {"name": "mine", "key": "pg-password"}}


def test_service_leads_to_the_server() -> None:
    rendered = render("postgres")
    service, server = rendered.one("Service"), rendered.one("StatefulSet")
    assert service["metadata"]["name"] == server["spec"]["serviceName"] == "postgres"
    assert [(port["port"], port["targetPort"]) for port in service["spec"]["ports"]] == [(5432, 5432)]
    assert service["spec"]["selector"].items() <= server["spec"]["template"]["metadata"]["labels"].items()
    named = render("postgres", {"service": {"name": "db"}, "fullnameOverride": "server"})
    assert named.one("Service")["metadata"]["name"] == named.one("StatefulSet")["spec"]["serviceName"] == "db"
    assert named.one("StatefulSet")["metadata"]["name"] == "server"


def test_settings_become_arguments_of_the_server() -> None:
    container = render("postgres", {"settings": {"max_connections": "40", "shared_buffers": "64MB"}}).container(
        "StatefulSet"
    )
    assert container["args"] == ["postgres", "-c", "max_connections=40", "-c", "shared_buffers=64MB"]
    with pytest.raises(HelmError, match="/settings"):
        render("postgres", {"settings": {"max connections": "40"}})


def test_probes_ask_over_tcp() -> None:
    # While the official image prepares the data, its temporary server listens on the socket only.
    container = render("postgres").container("StatefulSet")
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["exec"]["command"] == ["pg_isready", "--quiet", "--host=127.0.0.1"]
    liveness = container["livenessProbe"]
    assert liveness["periodSeconds"] * liveness["failureThreshold"] >= 300


def test_one_server_has_no_disruption_budget_and_time_to_stop() -> None:
    rendered = render("postgres", {"shutdownSeconds": 90})
    assert rendered.all("PodDisruptionBudget") == []
    assert rendered.one("StatefulSet")["spec"]["replicas"] == 1
    assert rendered.one("StatefulSet")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 90


def test_network_policy_over_the_server() -> None:
    rules: Values = {
        "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "todo-backend"}}}], "ports": [{"port": 5432}]}]
    }
    policy = render("postgres", {"networkPolicies": {"postgres-allow-backend": rules}}).one("NetworkPolicy")
    assert policy["spec"]["podSelector"]["matchLabels"]["app"] == "postgres"
    assert policy["spec"]["ingress"] == rules["ingress"]
