"""Which kinds an API server serves, each with group *and* version: kinds of one group graduate at different times.

Aggregated discovery says all in one answer (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery).
Servers older than 1.26, and some in between, give the list of groups instead; then each version is asked for. A group
that an extension server did not tell, or told from memory (`freshness: Stale`), is unread: nothing follows from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from app.domain.model import Gvk
from app.kubernetes.client import KubernetesApi, Unread

AGGREGATED = ",".join(
    [
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
        "application/json",
    ]
)


@dataclass(slots=True)
class Discovery:
    """`resources` are the plurals under which the kinds are asked for; `unread` group -> why it is not known."""

    kinds: set[Gvk] = field(default_factory=set)
    resources: dict[Gvk, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def version_of(self, group: str, kind: str, known: Mapping[str, int]) -> str | None:
        """The served version of a kind that comes first in `known`."""
        served = [gvk.version for gvk in self.kinds if (gvk.group, gvk.kind) == (group, kind) and gvk.version in known]
        return min(served, key=lambda version: known[version], default=None)

    def add(self, gvk: Gvk, resource: str) -> None:
        self.kinds.add(gvk)
        self.resources[gvk] = resource


class _Kind(msgspec.Struct):
    kind: str
    group: str = ""
    version: str = ""


class _Resource(msgspec.Struct):
    resource: str
    response_kind: _Kind | None = msgspec.field(default=None, name="responseKind")


class _Version(msgspec.Struct):
    version: str
    resources: list[_Resource] = []
    freshness: str = "Current"


class _Name(msgspec.Struct):
    name: str = ""


class _Group(msgspec.Struct):
    metadata: _Name = msgspec.field(default_factory=_Name)
    versions: list[_Version] = []


class _GroupVersion(msgspec.Struct):
    version: str


class _PlainGroup(msgspec.Struct):
    name: str
    versions: list[_GroupVersion]


class _Groups(msgspec.Struct):
    """Any of the three forms: APIGroupDiscoveryList, APIGroupList of `/apis`, APIVersions of `/api`."""

    kind: str
    items: list[_Group] = []
    groups: list[_PlainGroup] = []
    versions: list[str] = []


class _PlainResource(msgspec.Struct):
    name: str
    kind: str


class _Resources(msgspec.Struct):
    resources: list[_PlainResource]


async def discover(api: KubernetesApi) -> Discovery:
    """Raises Unread where not even the groups are told."""
    found = Discovery()
    for root in ("/apis", "/api"):
        groups = await _groups(api, root)
        if groups.kind == "APIGroupDiscoveryList":
            _read_aggregated(found, groups.items)
        else:
            core = [_PlainGroup("", [_GroupVersion(version) for version in groups.versions])] if groups.versions else []
            for group in (*core, *groups.groups):
                await _ask_each(api, found, group)
    return found


async def _groups(api: KubernetesApi, root: str) -> _Groups:
    body = await api.get(root, accept=AGGREGATED)
    try:
        return msgspec.json.decode(body, type=_Groups)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unread(f"GET {root}: the answer is no list of APIs") from None


def _read_aggregated(found: Discovery, groups: list[_Group]) -> None:
    for group in groups:
        name = group.metadata.name
        for version in group.versions:
            if version.freshness != "Current":
                found.unread[name] = f"the API server told {name}/{version.version} from memory only"
            for one in version.resources:
                if one.response_kind is not None:
                    found.add(Gvk(name, one.response_kind.kind, version.version), one.resource)


async def _ask_each(api: KubernetesApi, found: Discovery, group: _PlainGroup) -> None:
    for version in group.versions:
        path = f"/apis/{group.name}/{version.version}" if group.name else f"/api/{version.version}"
        try:
            told = await api.read(path, _Resources)
        except Unread as fault:
            found.unread[group.name] = str(fault)
            continue
        for one in told.resources:
            if "/" not in one.name:  # the rest are subresources: deployments/scale
                found.add(Gvk(group.name, one.kind, version.version), one.name)
