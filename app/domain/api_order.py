"""The order of Kubernetes API versions (https://kubernetes.io/docs/reference/using-api/#api-versioning)."""

import re

_VERSION = re.compile(r"^v(?P<major>\d+)(?:(?P<stage>alpha|beta)(?P<number>\d+))?$")
_STAGES = {"alpha": 0, "beta": 1, None: 2}


def api_priority(version: str) -> tuple[int, int, int]:
    """A sort key as Kubernetes sorts: stable above beta above alpha, then by number. `version` must be one."""
    match = _VERSION.match(version)
    assert match is not None
    return _STAGES[match["stage"]], int(match["major"]), int(match["number"] or 0)


def is_newer_api(version: str, than: str) -> bool:
    """Whether one would move from `than` to `version`: v1 is newer than v1beta2, v2 than v2beta1.

    A beta of the next major is no successor of a stable version, nor is an older major that became stable.
    """
    (stage, major, _), (old_stage, old_major, _) = api_priority(version), api_priority(than)
    return api_priority(version) > api_priority(than) and major >= old_major and stage >= old_stage


def is_alpha(version: str) -> bool:
    return api_priority(version)[0] == 0
