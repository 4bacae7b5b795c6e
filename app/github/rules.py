"""The rules of a branch: rulesets, which every App may read, and classic protection, which few may.

https://docs.github.com/en/rest/repos/rules, https://docs.github.com/en/rest/branches/branch-protection
"""

import msgspec

from app.github.api import Api, segment
from app.github.errors import NotFound


class _Check(msgspec.Struct, frozen=True):
    context: str
    integration_id: int | None = None
    app_id: int | None = None

    @property
    def app(self) -> int | None:
        """None where any App may report it; classic protection says -1 for that."""
        return self.integration_id or (self.app_id if self.app_id and self.app_id > 0 else None)


class _Parameters(msgspec.Struct, frozen=True):
    required_status_checks: list[_Check] = []
    strict_required_status_checks_policy: bool = False


class Rule(msgspec.Struct, frozen=True):
    """One rule that holds for a branch, with the ruleset that it comes from."""

    type: str
    parameters: _Parameters | None = None
    ruleset_id: int | None = None
    ruleset_source: str = ""

    @property
    def checks(self) -> list[_Check]:
        return self.parameters.required_status_checks if self.parameters else []

    @property
    def strict(self) -> bool:
        return self.parameters is not None and self.parameters.strict_required_status_checks_policy


class _Actor(msgspec.Struct, frozen=True):
    actor_type: str
    actor_id: int | None = None
    bypass_mode: str = "always"


class Ruleset(msgspec.Struct, frozen=True):
    """`bypass_actors` is None where we may not see them."""

    name: str
    bypass_actors: list[_Actor] | None = None


class _Required(msgspec.Struct, frozen=True):
    checks: list[_Check] = []
    strict: bool = False


class _Switch(msgspec.Struct, frozen=True):
    enabled: bool = False


class Protection(msgspec.Struct, frozen=True):
    """Classic protection, as far as checks go. Administrators pass it, unless `enforce_admins`."""

    required_status_checks: _Required | None = None
    enforce_admins: _Switch = _Switch()


async def list_rules(api: Api, owner: str, name: str, branch: str) -> list[Rule]:
    """Raises the errors of `app.github.errors`, as do the others."""
    path = f"/repos/{segment(owner)}/{segment(name)}/rules/branches/{segment(branch)}"
    return [rule for page in await api.get_pages(path, list[Rule]) for rule in page]


async def get_ruleset(api: Api, owner: str, name: str, ruleset_id: int) -> Ruleset:
    return await api.get(f"/repos/{segment(owner)}/{segment(name)}/rulesets/{ruleset_id}", Ruleset)


async def find_protection(api: Api, owner: str, name: str, branch: str) -> Protection | None:
    """None where the branch has none. Needs the permission Administration: read."""
    try:
        return await api.get(
            f"/repos/{segment(owner)}/{segment(name)}/branches/{segment(branch)}/protection", Protection
        )
    except NotFound:
        return None
