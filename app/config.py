"""The settings of the service: environment only, complete at start, or one message that names all that is missing.

Each setting `x` is read from `FLUXMIG_X`, or from the file that `FLUXMIG_X_FILE` names (as Docker and Kubernetes mount
secrets). `DATABASE_URL` is taken without the prefix too, since that is what people and platforms set.
"""

import difflib
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from app.domain.modes import Mode
from app.domain.notices import NoticeKind

PREFIX = "FLUXMIG_"
TEST_ONLY = frozenset({"FLUXMIG_CORPUS", "FLUXMIG_TEST_DATABASE_URL", "FLUXMIG_GITHUB_SCHEMAS", "FLUXMIG_TRAFFIC"})


class SettingsError(Exception):
    """The environment is incomplete or wrong. The text is written for the person who set it, without values."""


class Settings(BaseModel):
    """What the process needs to know. Frozen; secrets show as asterisks wherever they are printed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str | None = Field(default=None, description="PostgreSQL 14 or newer; unset: a bundled one")
    data_dir: Path = Field(default=Path(".data"), description="where the bundled PostgreSQL keeps its data")
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8080, ge=1, le=65535, description="port to listen on")
    public_url: str = Field(default="http://127.0.0.1:8080", description="where people reach this service")

    github_api_url: str = Field(default="https://api.github.com", description="GHES: https://HOST/api/v3")
    github_app_id: int = Field(description="the id on the App's settings page")
    github_private_key: SecretStr = Field(description="the App's private key in PEM form")
    github_webhook_secret: SecretStr = Field(description="the secret that signs GitHub's deliveries")

    secret_key: SecretStr = Field(description="32 characters or more; encrypts tokens and derives cluster tokens")
    admin_token: SecretStr = Field(description="bearer token of the admin REST API")

    renovate_branch_prefix: str = Field(default="renovate/", description="Renovate's `branchPrefix`")
    renovate_git_authors: str = Field(
        default="", description="further e-mail addresses that Renovate commits with, comma-separated"
    )
    default_mode: Mode = Field(
        default=Mode.OBSERVE, description="`mode` of repositories that do not say it themselves: observe, check or act"
    )
    labels: bool = Field(default=True, description="put `fluxmig/…` labels on pull requests")
    rollout_soak_minutes: int | None = Field(
        default=None,
        ge=1,
        description="after this time a merged provider counts as rolled out, unverified; unset: never",
    )
    rebase_timeout_minutes: int = Field(default=15, ge=1, description="time that Renovate has to act on a request")
    rebase_daily_cap: int = Field(default=3, ge=1, description="rebase requests for one pull request in 24 hours")
    renovate_run_url: str | None = Field(
        default=None,
        description="where to POST to start a run of Renovate, with {owner} and {name}; unset: no run is started there",
    )
    renovate_run_token: SecretStr = Field(default=SecretStr(""), description="bearer token for that address")
    poll_seconds: int | None = Field(
        default=None,
        ge=60,
        description="look at each repository this often, for want of a public address for webhooks; unset: never",
    )
    notify_urls: SecretStr = Field(
        default=SecretStr(""), description="channels as Apprise URLs, parted by white space; unset: nobody is told"
    )
    notify_on: str = Field(
        default="",
        description="what is told there, comma-separated: review, dead-end, config, renovate, rollout, incident; "
        "unset: all of it",
    )
    kubernetes_cluster: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$",
        description="the registered cluster whose Kubernetes API is read; unset: none is",
    )
    kubeconfig: Path | None = Field(
        default=None, description="how to reach that API server; unset: as a pod in the cluster does"
    )
    kubernetes_poll_seconds: int = Field(default=60, ge=15, description="time between two looks at that cluster")
    max_payload_bytes: int = Field(default=25 * 1024 * 1024, ge=1024, description="GitHub sends no more than 25 MiB")
    log_format: str = Field(default="console", pattern="^(console|json)$", description="`console` or `json`")

    @field_validator("secret_key", "admin_token")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < 32:
            raise ValueError("must have 32 characters or more")
        return value

    @field_validator("public_url", "github_api_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("renovate_run_url")
    @classmethod
    def _can_be_filled(cls, value: str | None) -> str | None:
        if value is None:
            return value
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        try:
            value.format(owner="o", name="n")
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError("may hold {owner} and {name}, and no other braces") from error
        return value

    @field_validator("notify_on")
    @classmethod
    def _names_kinds(cls, value: str) -> str:
        strange = {name.strip() for name in value.split(",") if name.strip()} - set(NoticeKind)
        if strange:
            raise ValueError(f"{', '.join(sorted(strange))}: no such kind of notice")
        return value

    @property
    def notice_kinds(self) -> frozenset[NoticeKind]:
        named = frozenset(NoticeKind(name.strip()) for name in self.notify_on.split(",") if name.strip())
        return named or frozenset(NoticeKind)

    @property
    def github_web_url(self) -> str:
        """Where people see GitHub: https://github.com for https://api.github.com, https://HOST for https://HOST/api/v3,
        and https://SUBDOMAIN.ghe.com for https://api.SUBDOMAIN.ghe.com."""
        api = urlsplit(self.github_api_url)
        on_api_host = api.netloc == "api.github.com" or api.netloc.endswith(".ghe.com")
        return f"{api.scheme}://{api.netloc.removeprefix('api.') if on_api_host else api.netloc}"

    @property
    def is_enterprise_server(self) -> bool:
        """A GitHub Enterprise Server of one's own, whose REST API is below `/api/v3`."""
        return self.github_api_url.endswith("/api/v3")

    @property
    def rollout_soak(self) -> timedelta | None:
        return None if self.rollout_soak_minutes is None else timedelta(minutes=self.rollout_soak_minutes)

    @property
    def kubernetes_poll(self) -> timedelta:
        return timedelta(seconds=self.kubernetes_poll_seconds)

    @property
    def renovate_emails(self) -> frozenset[str]:
        return frozenset(email.strip() for email in self.renovate_git_authors.split(",") if email.strip())

    @property
    def rebase_timeout(self) -> timedelta:
        return timedelta(minutes=self.rebase_timeout_minutes)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises SettingsError that lists every fault at once."""
    return _validated(collect(os.environ if environ is None else environ))


def collect(environ: Mapping[str, str]) -> dict[str, str]:
    """The raw values by setting name. Raises SettingsError for an unknown name or a file that cannot be read."""
    values: dict[str, str] = {}
    faults: list[str] = []
    if environ.get("DATABASE_URL"):
        values["database_url"] = environ["DATABASE_URL"]
    for variable, value in sorted(environ.items()):
        if not variable.startswith(PREFIX) or variable in TEST_ONLY:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name in Settings.model_fields:
            values[name] = value
        elif name.removesuffix("_file") in Settings.model_fields and name.endswith("_file"):
            try:
                values[name.removesuffix("_file")] = Path(value).read_text(encoding="utf-8").rstrip("\n")
            except OSError as error:
                faults.append(f"{variable}: cannot read {value}: {error.strerror}")
        else:
            faults.append(f"{variable} is not a setting of fluxmig.{_nearest(name)}")
    if faults:
        raise SettingsError("\n".join(faults))
    return values


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name, list(Settings.model_fields), n=1)
    return f" Did you mean {PREFIX}{near[0].upper()}?" if near else ""


def _validated(values: Mapping[str, object]) -> Settings:
    try:
        return Settings.model_validate(dict(values))
    except ValidationError as error:
        lines = []
        for fault in error.errors(include_input=False, include_url=False):
            name = str(fault["loc"][0])
            what = "is not set" if fault["type"] == "missing" else fault["msg"].removeprefix("Value error, ")
            lines.append(f"{PREFIX}{name.upper()}: {what} ({Settings.model_fields[name].description})")
        raise SettingsError("\n".join(lines)) from None
