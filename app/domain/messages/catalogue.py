"""What the catalogue says of a kind, in words."""

from app.domain.messages.phrases import listed
from app.domain.provider_facts import ANY_KIND, Arrival, CrdsArrival, Lifetime, Switch


def kind_heading(*, kind: str, group: str, name: str, component: str) -> str:
    by = f", with its {component}" if component else ""
    if kind == ANY_KIND:
        return f"Any other kind of {group}, served by {name}{by}"
    return f"{kind} of {group}, served by {name}{by}"


def lifetime_phrase(lifetime: Lifetime) -> str:
    """`since 2.2.0, deprecated in 2.3.0, removed in 2.8.0`."""
    told = [_since(lifetime)]
    if lifetime.deprecated is not None:
        told.append(f"deprecated in {lifetime.deprecated}")
    if lifetime.removed is not None:
        told.append(f"removed in {lifetime.removed}" + (" or before" if lifetime.removed_or_before else ""))
    if lifetime.last is not None:
        told.append(f"not looked at after {lifetime.last[0]}.{lifetime.last[1]}")
    if lifetime.replaced_by is not None:
        told.append(f"replaced by {lifetime.replaced_by}")
    return ", ".join(told)


def _since(lifetime: Lifetime) -> str:
    if lifetime.since is None:
        return "not known to be served by any release"
    return f"since {lifetime.since}" + (" or before" if lifetime.since_or_before else "")


def arrival_phrase(arrival: CrdsArrival) -> str:
    value = f" (`{arrival.value}`)" if arrival.value else ""
    since = f" from {arrival.since} on" if arrival.since else ""
    match arrival.how:
        case Arrival.TEMPLATES:
            text = f"has the CRDs among its templates{value}, so that an upgrade upgrades them"
        case Arrival.CRDS_FOLDER:
            text = f"has the CRDs in crds/{value}, so that an upgrade leaves them unless upgrade.crds says otherwise"
        case Arrival.RUNTIME:
            text = "brings an operator that writes the CRDs when it starts"
        case Arrival.SEPARATE:
            return f"chart {arrival.chart}{since} leaves the CRDs to chart {arrival.of}"
    return f"chart {arrival.chart}{since} {text}"


def switch_phrase(switch: Switch) -> str:
    versions = ", ".join(sorted({gvk.version for gvk in switch.serves}))
    return f"chart {switch.chart} serves {versions} again from {switch.since} on where `{switch.value}` is true"


def unknown_kind_sentence(*, wanted: str, near: tuple[str, ...], groups: tuple[str, ...]) -> str:
    """`groups` are those of which only the versions are known."""
    told = f"the catalogue has no kind {wanted}."
    if near:
        told += f" Did you mean {' or '.join(near[:6])}?"
    if groups:
        told += f" Of {listed(groups)} it knows the versions but no kinds: ask with the group, as GROUP/{wanted}."
    return told


def new_entry_sentence(*, provider: str, kinds: int) -> str:
    return f"{provider} is new, with {_kinds(kinds)}"


def extended_entry_sentence(*, provider: str, kinds: int) -> str:
    return f"{provider} of the catalogue is extended; the entry speaks of {_kinds(kinds)}"


def other_entry_sentence(*, what: str, id_: str) -> str:
    return f"{what} {id_} is added to the catalogue"


def relations_entry_sentence(*, number: int) -> str:
    return "1 relation is added to the catalogue" if number == 1 else f"{number} relations are added to the catalogue"


def _kinds(number: int) -> str:
    return "1 kind" if number == 1 else f"{number} kinds"


def chart_line(*, chart: str, name: str, number: int) -> str:
    return f"Chart {chart} has versions of its own: {name} of {number} of them is known."


def platform_line(*, name: str, first: str, last: str) -> str:
    return f"{name}: the Kubernetes minors that {first} to {last} run."


# --- deriving a provider from the CRDs of its releases ---


def derived_comment(*, paths: str, first: str, last: str, number: int) -> str:
    return f"Read from {paths} at {number} releases, {first} to {last}."


def new_api_difference(*, api: str, now: str) -> str:
    return f"{api} is not in the catalogue: {now}"


def missing_api_difference(*, api: str) -> str:
    return f"{api} is in the catalogue, and no release that was read serves it"


def changed_api_difference(*, api: str, now: str, before: str) -> str:
    return f"{api}: read {now}; the catalogue says {before}"


def served_again_difference(*, api: str, without: tuple[str, ...]) -> str:
    return f"{api} is served before and after {listed(without)}, but not there: look at it yourself"
