"""What fluxmig asks of a cluster is what deploy/kubernetes/ allows: every request, and no right beyond them."""

import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from app.config import Settings
from app.demo.story import load_story
from app.web import health
from tests.world import open_world

DEPLOY = Path(__file__).parents[2] / "deploy" / "kubernetes"
Right = tuple[str, str, str, str]
"""Verb, group, resource, namespace; for a path that is no resource: verb, "", the path as the rule has it, ""."""


def documents(path: Path) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one]


def rights(path: Path) -> Iterator[Right]:
    for role in documents(path):
        for rule in role.get("rules", ()):
            namespace = role["metadata"].get("namespace", "")
            for verb in rule["verbs"]:
                yield from ((verb, "", url, "") for url in rule.get("nonResourceURLs", ()))
                for group in rule.get("apiGroups", ()):
                    yield from ((verb, group, resource, namespace) for resource in rule["resources"])


def needed(method: str, path: str) -> Right:
    """As the API server reads a request (https://kubernetes.io/docs/reference/access-authn-authz/authorization/)."""
    assert method == "GET"
    path = urlsplit(path).path
    match = re.fullmatch(r"/apis/([^/]+)/[^/]+(?:/namespaces/([^/]+))?/([a-z]+)(?:/([^/]+))?", path)
    if match is not None:
        group, namespace, resource, name = match.groups()
        return "get" if name else "list", group, resource, namespace or ""
    root = re.match(r"/[a-z]+", path)
    assert root is not None
    return "get", "", path if path == root[0] else f"{root[0]}/*", ""


async def test_every_request_is_allowed_and_nothing_more(database_url: str) -> None:
    async with open_world(database_url, kubernetes_cluster="main") as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        await world.registers_cluster()
        await world.cluster_is_looked_at()
        world.api_server.aggregated = False
        await world.cluster_is_looked_at()
        asked = {needed(method, path) for method, path in world.api_server.requests}
    assert asked == set(rights(DEPLOY / "rbac.yaml"))
    assert {verb for verb, *_ in asked} <= {"get", "list"}


def test_no_right_has_a_wildcard() -> None:
    for path in (DEPLOY / "rbac.yaml", DEPLOY / "report" / "rbac.yaml"):
        for role in documents(path):
            for rule in role.get("rules", ()):
                assert "*" not in [*rule["verbs"], *rule.get("resources", ()), *rule.get("apiGroups", ())]
                assert "secrets" not in rule.get("resources", ())


def test_the_deployment_runs_the_service_with_these_rights_alone() -> None:
    listed = yaml.safe_load((DEPLOY / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    applied = {one["kind"]: one for path in listed for one in documents(DEPLOY / path)}
    deployment, service = applied["Deployment"], applied["Service"]
    template = deployment["spec"]["template"]
    pod, (container,) = template["spec"], template["spec"]["containers"]
    assert pod["serviceAccountName"] == applied["ServiceAccount"]["metadata"]["name"]
    assert service["spec"]["selector"].items() <= template["metadata"]["labels"].items()
    assert deployment["spec"]["selector"]["matchLabels"] == template["metadata"]["labels"]
    closed = container["securityContext"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert (closed["readOnlyRootFilesystem"], closed["capabilities"]) == (True, {"drop": ["ALL"]})
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]
    assert pod["enableServiceLinks"] is False, "a Service named fluxmig would set FLUXMIG_PORT"
    (port,) = container["ports"]
    assert port["containerPort"] == Settings.model_fields["port"].default
    assert {one["targetPort"] for one in service["spec"]["ports"]} == {port["name"]}
    served = {getattr(route, "path", "") for route in health.router.routes}
    probes = [container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")]
    assert set(probes) <= served


def test_the_report_may_reach_a_service_in_the_cluster() -> None:
    (policy,) = documents(DEPLOY / "report" / "networkpolicy.yaml")
    let_out = {port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]}
    assert let_out == {53, 443, 6443, Settings.model_fields["port"].default}


def test_the_cron_job_reads_two_objects_and_posts_each(tmp_path: Path) -> None:
    """Its script, with a curl that only tells how it was called."""
    (job,) = documents(DEPLOY / "report" / "cronjob.yaml")
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    curl = tmp_path / "curl"
    curl.write_text(f'#!/bin/sh\nfor last; do :; done\necho "$last" >> {tmp_path}/called\n', encoding="utf-8")
    curl.chmod(curl.stat().st_mode | stat.S_IXUSR)
    script = container["args"][0].replace("/var/run/secrets/kubernetes.io/serviceaccount", str(tmp_path))
    (tmp_path / "token").write_text("t", encoding="utf-8")
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "URL": "https://fluxmig.test/report", "TOKEN": "t"}
    subprocess.run(["/bin/sh", "-eu", "-c", script], check=True, env=environment)
    called = (tmp_path / "called").read_text(encoding="utf-8").split()
    assert called[1::2] == ["https://fluxmig.test/report"] * 2
    asked = {needed("GET", url.removeprefix("https://kubernetes.default.svc")) for url in called[::2]}
    assert asked == set(rights(DEPLOY / "report" / "rbac.yaml"))
