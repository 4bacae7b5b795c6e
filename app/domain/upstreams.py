"""What the name of an upstream says about it: Flux, a tool, infrastructure, or an application.

The strongest sign first: the whole name, a word in it (`operator`, `csi`, `exporter`), the name that it begins with
(`longhorn-manager`), and who publishes it: the owner in the name, the owners in the links of Renovate's table, and the
Helm repository that stands beside a chart.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.domain import component_names as names
from app.domain import upstream_owners as owners
from app.domain.model import Component
from app.domain.updates import short_name


@dataclass(frozen=True, slots=True)
class Verdict:
    """`confidence` is the share of such verdicts that are right, 0 to 1."""

    component: Component
    confidence: float
    reason: str


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORDS = re.compile(
    r"(?:^|[-_.])(?:operators?|csi|crds?|exporters?|device-plugins?|provisioner|autoscaler|ingress|cni|csr-approver"
    r"|snapshotter|scheduler|agent-injector|issuers?|kube|kubelet|etcd|k8s|kubernetes|prometheus|alertmanager|otel"
    r"|opentelemetry|dns|ldap|oauth2?|oidc|sso|auth|certificates?|telemetry|tracing|logging|loadbalancer|lb"
    r"|admission|runners?|storage|syslog|wireguard|vpn|secrets|creds|credentials|ccm|cloud-provider|gitops|firewall|waf"
    r"|policies|snapshots?|kubeconfig|rbac)(?:$|[-_.])"
    r"|^kube(?!flow|jobs)|^k8[a-z]|(?:^|[a-z])dns(?:$|[a-z-])"
)
_LAST_WORDS = re.compile(r"gateway$|[-_](?:controllers?|webhooks?|daemon|collector|monitoring|secret|driver)$")
"""Words that say it only at the end: `webhook-tester` and `gateway-timeout-page` are none."""

_GENERIC = _names(
    """
    agent api app backend base chart charts client controller core crd crds daemon dashboard engine frontend helm
    helm-chart main management manager manifests node node-agent operator plugin proxy relay server service
    ui web worker
    """
)
"""Last names that say nothing by themselves: the name before them is the one that counts."""

_PLAIN_WORDS = _names(
    """
    actual connect dim element ente envoy flame flood garage ghost glance harbor homer hydra karma keep matter nebula
    nut outline plane quay recipes reflector registry sentry skipper slash stash tabby temporal twenty unleash vector
    voyager wave whisper wiki windmill
    """
)
"""Names that are English words too: they count as a whole name, and not as the beginning of another."""

_REPOSITORY_LINK = re.compile(r"^https?://(?:redirect\.|www\.)?(?:togithub|github|gitlab)\.com/([\w.-]+)/([\w.-]+)")


def judge_flux(name: str) -> Verdict | None:
    """Flux itself and its own tools."""
    parts = name.casefold().split("/")
    last = short_name(name)
    owned = bool(names.FLUX_OWNERS & set(parts))
    if last in names.FLUX_UNAMBIGUOUS or (last in names.FLUX and owned):
        return Verdict(Component.FLUX_CORE, 0.97, f"{name} serves Flux")
    if owned and last not in names.TOOLS:
        return Verdict(Component.FLUX_CORE, 0.9, f"{name} is one of Flux's own")
    if owned:
        return Verdict(Component.TOOLING, 0.9, f"{name} is a tool of Flux and upgrades no cluster")
    return None


def judge_name(name: str, *, in_cluster: bool) -> Verdict | None:
    """The whole name, where it is known. `in_cluster` tells that a file names it that a cluster may read."""
    parts = name.casefold().split("/")
    last = short_name(name)
    known_tool = last in names.TOOLS and not (last in _GENERIC and len(parts) > 1)
    if (known_tool and not in_cluster) or "renovatebot" in parts or last.startswith("renovate"):
        return Verdict(Component.TOOLING, 0.85, f"{name} is a tool")
    if last in names.APPLICATIONS:
        return Verdict(Component.APPLICATION, 0.97, f"{name} is an application")
    if last in names.INFRASTRUCTURE:
        return Verdict(Component.INFRASTRUCTURE, 0.97, f"{name} is infrastructure")
    return None


def judge_words(name: str, origins: Iterable[str]) -> Verdict | None:
    """What the parts of the name tell, then who publishes it. `origins` are owners told by links and neighbours."""
    last = short_name(name)
    owned = _owners(name, origins)
    if last in _GENERIC:
        return _by_owner(name, owned) or _by_word(name, last)
    return _by_word(name, last) or _by_beginning(name, last) or _by_owner(name, owned)


def judge_data_service(name: str) -> Verdict | None:
    """Data bases and caches: whose they are, only the folder can tell; without one they serve the cluster."""
    if short_name(name) in names.DATA_SERVICES:
        return Verdict(Component.INFRASTRUCTURE, 0.6, f"{name} keeps data for others")
    return None


def owners_of_links(links: Iterable[str]) -> Iterator[str]:
    """Owner and repository of each link to a forge, lower case."""
    for link in links:
        if match := _REPOSITORY_LINK.match(link):
            yield match.group(1).casefold()
            yield match.group(2).casefold().removesuffix(".git")


def _by_word(name: str, last: str) -> Verdict | None:
    match = _WORDS.search(last) or _LAST_WORDS.search(last)
    if match is None:
        return None
    return Verdict(Component.INFRASTRUCTURE, 0.95, f'"{match.group(0).strip("-_.")}" in {name}')


def _by_beginning(name: str, last: str) -> Verdict | None:
    words = re.split(r"[-_.]", last)
    for count in range(len(words) - 1, 0, -1):
        beginning = "-".join(words[:count])
        if beginning in _PLAIN_WORDS:
            continue
        if beginning in names.APPLICATIONS:
            return Verdict(Component.APPLICATION, 0.95, f"{name} belongs to {beginning}")
        if beginning in names.INFRASTRUCTURE:
            return Verdict(Component.INFRASTRUCTURE, 0.95, f"{name} belongs to {beginning}")
    return None


def _owners(name: str, origins: Iterable[str]) -> list[str]:
    """Those who may have published it, the nearest first: the folders of its name, then `origins`."""
    parts = re.sub(r"^\w+:", "", name.casefold()).split("/")[:-1]
    return list(dict.fromkeys([*reversed(parts), *(origin.casefold() for origin in origins)]))


def _by_owner(name: str, owned: Sequence[str]) -> Verdict | None:
    for owner in owned:
        if owner in owners.APPLICATIONS or (owner in names.APPLICATIONS and owner not in _PLAIN_WORDS):
            return Verdict(Component.APPLICATION, 0.95, f"{name} comes from {owner}")
        if owner in owners.INFRASTRUCTURE or (owner in names.INFRASTRUCTURE and owner not in _PLAIN_WORDS):
            return Verdict(Component.INFRASTRUCTURE, 0.95, f"{name} comes from {owner}")
        if owner in owners.REGISTRIES:
            return Verdict(Component.INFRASTRUCTURE, 0.95, f"{name} comes from {owner}, the registry of Kubernetes")
    return None
