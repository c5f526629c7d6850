"""The image and the manifests: valid, safe, and about the service that there is."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml

from service import transport
from service.settings import ENVIRONMENT, Settings, read

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
KUBERNETES = "1.37"
NAME = {"app.kubernetes.io/name": "user-service"}
MANIFESTS = {
    f"{each['kind']} in {path.name}": each
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for each in yaml.safe_load_all(path.read_text())
}


@pytest.fixture(scope="module")
def validator() -> Any:
    """Installed for system tests alone; the others must be able to collect this file."""
    import kubernetes_validate

    return kubernetes_validate


def of_kind(kind: str) -> Any:
    """The one manifest of that kind."""
    (found,) = (each for each in MANIFESTS.values() if each["kind"] == kind)
    return found


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_fits_the_schema_of_kubernetes(validator: Any, name: str) -> None:
    """
    Strictly: a field that the schema does not know is an error.
    """
    validator.validate(MANIFESTS[name], KUBERNETES, strict=True)


def test_a_wrong_manifest_would_be_found(validator: Any) -> None:
    """
    The validator looks, and not at the surface alone.
    """
    wrong = yaml.safe_load((DEPLOY / "kubernetes/deployment.yaml").read_text())
    wrong["spec"]["template"]["spec"]["containers"][0]["livenessProbe"]["grcp"] = {}
    with pytest.raises(validator.ValidationError):
        validator.validate(wrong, KUBERNETES, strict=True)


def test_everything_that_should_be_there_is() -> None:
    """
    What runs, how it is found, how it scales, who may disturb it, who may reach it.
    """
    kinds = [each["kind"] for each in MANIFESTS.values()]
    assert sorted(kinds) == [
        "ConfigMap",
        "Deployment",
        "HorizontalPodAutoscaler",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Service",
    ]


def configured() -> Settings:
    """The settings of a replica, as the manifests and secrets of the README make them."""
    environment = {**of_kind("ConfigMap")["data"], "SERVE_DB": "postgresql://u@db/users"}
    return read([], environment)


def test_the_configuration_is_one_that_the_service_takes() -> None:
    """
    Each variable is an option; together they are safe for others to reach.
    """
    rows = {ENVIRONMENT + name.upper() for name in Settings.__dataclass_fields__}
    assert set(of_kind("ConfigMap")["data"]) <= rows
    transport.require_safe(configured())
    assert not configured().insecure


def test_all_manifests_mean_the_same_pods() -> None:
    """
    One label, one name.
    """
    pods = of_kind("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert pods == NAME
    assert of_kind("Deployment")["spec"]["selector"]["matchLabels"] == NAME
    assert of_kind("Service")["spec"]["selector"] == NAME
    assert of_kind("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == NAME
    assert of_kind("NetworkPolicy")["spec"]["podSelector"]["matchLabels"] == NAME
    target = of_kind("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", "user-service")
    assert of_kind("Service")["spec"]["clusterIP"] == "None"


def test_ports_are_the_services_own() -> None:
    """
    Where calls, probes and metrics go somebody listens.
    """
    settings = configured()
    (container,) = of_kind("Deployment")["spec"]["template"]["spec"]["containers"]
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    assert ports == {
        "grpc": settings.port,
        "health": settings.health_port,
        "metrics": settings.metrics_port,
    }
    probes = [container[f"{kind}Probe"]["grpc"] for kind in ("startup", "readiness", "liveness")]
    assert probes == [{"port": settings.health_port}] * 3
    assert {str(port) for port in ports.values()} == set(
        re.findall(r"\d+", re.findall(r"^EXPOSE (.*)$", DOCKERFILE, re.MULTILINE)[0])
    )
    mounts = [mount["mountPath"] for mount in container["volumeMounts"]]
    assert str(Path(settings.tls_cert).parent) in mounts


def test_a_replica_has_time_to_end_well() -> None:
    """
    Draining and the grace of calls fit into what Kubernetes gives, and no replica goes too early.
    """
    spec = of_kind("Deployment")["spec"]
    pod, settings = spec["template"]["spec"], configured()
    assert pod["terminationGracePeriodSeconds"] > settings.drain + settings.grace
    probe = pod["containers"][0]["readinessProbe"]
    assert settings.drain > probe["periodSeconds"] * probe["failureThreshold"]
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert of_kind("HorizontalPodAutoscaler")["spec"]["minReplicas"] >= 2


def test_a_replica_may_do_nothing_that_it_need_not() -> None:
    """
    As the restricted pod security standard asks, and without a token of the cluster.
    """
    pod = of_kind("Deployment")["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["requests"]
    assert container["resources"]["limits"]["memory"]
    user = pod["securityContext"]["runAsUser"]
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == [f"{user}:{user}"]


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    """
    Any rule, at any level.
    """
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([hadolint, DEPLOY / "Dockerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_image_is_made_of_what_is_tested() -> None:
    """
    Two stages from one Python, which CI uses too; health is asked; the last stage holds no tools.
    """
    first, last = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    bases = {stage.split()[0] for stage in (first, last)}
    (base,) = bases
    version = re.findall(r"^python:(\d+\.\d+)-slim-bookworm$", base)
    workflows = "".join(p.read_text() for p in (ROOT / ".github/workflows").glob("*.yml"))
    assert f'"{version[0]}"' in workflows
    assert 'CMD ["python", "-m", "service.health"]' in last
    assert "RUN" not in last
    copied = re.findall(r"^COPY --from=build /src/(\S+)", last, re.MULTILINE)
    assert copied == ["service", "gen/python"]
    allowed = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    assert all((ROOT / each).exists() for each in allowed)
    made = {"service", "schemas", "src", "tools", "Makefile", "requirements.lock"}
    assert made | {"deploy/requirements.lock"} <= allowed


def imported(tree: ast.AST) -> set[str]:
    """The packages that a module imports, wherever it does."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"service", "api", "wireproof"}


def test_the_image_has_what_the_service_imports() -> None:
    """
    All but Envoy's side, which runs elsewhere.
    """
    modules = [p for p in (ROOT / "service").rglob("*.py") if "edge" not in p.parts]
    wanted = set().union(*(imported(ast.parse(path.read_text())) for path in modules))
    locked = set(re.findall(r"^([a-z0-9-]+)==", (DEPLOY / "requirements.lock").read_text(), re.M))
    known = packages_distributions()
    missing = {
        name
        for name in wanted
        if not {re.sub(r"[-_.]+", "-", d).lower() for d in known[name]} & locked
    }
    assert missing == set()
    assert {"grpc", "asyncpg", "redis"} <= wanted


def test_the_image_is_locked_to_what_is_tested() -> None:
    """
    The same versions as everywhere else, each with its hashes.
    """

    def pins(path: Path) -> set[str]:
        return set(re.findall(r"^([a-z0-9-]+==[^ ;\\]+)", path.read_text(), re.M))

    text = (DEPLOY / "requirements.lock").read_text()
    assert pins(DEPLOY / "requirements.lock") <= pins(ROOT / "requirements.lock")
    assert text.count("--hash=sha256:") >= len(pins(DEPLOY / "requirements.lock"))
