"""The form of `rollout` in `.github/fluxmig.yaml`."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.domain.rollout_terms import Proof, RolloutPolicy, Terms

_SPAN = re.compile(r"(?P<count>\d{1,5})\s*(?P<unit>m|min|h|d)")
_UNITS = {
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_LONGEST = timedelta(days=30)

_Span = Annotated[str, Field(max_length=10)]
_Name = Annotated[str, Field(min_length=1, max_length=100)]
_Sender = Annotated[str, Field(pattern="^[0-9a-f]{8}$")]


def read_span(text: str) -> timedelta:
    """`30m`, `2h` or `1d`. Raises ValueError."""
    found = _SPAN.fullmatch(text.strip().lower())
    span = int(found["count"]) * _UNITS[found["unit"]] if found else timedelta()
    if not timedelta() < span <= _LONGEST:
        raise ValueError(f"`{text}` is no time such as `30m`, `2h` or `1d`, of {_LONGEST.days} days at most")
    return span


class TermsForm(BaseModel):
    """The terms of one provider, or of all."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)

    soak: _Span | None = Field(
        None,
        description="After this time a merged provider counts as rolled out, unverified: `2h`. Unset: what the service "
        "is set to.",
    )
    timeout: _Span | None = Field(
        None,
        description="After this time a rollout that is not done is late, or failed where Flux says so. Default: `1h`.",
    )
    require: Proof | None = Field(
        None,
        description="The least that counts: `observed` the cluster said that it runs the version, `ready` what carries "
        "it succeeded with the merge, `applied` it was handed to who acts on it, `soak` time has passed, `confirm` "
        "a person said so and nothing else. Unset: `ready`, and the soak time where one is set.",
    )

    @field_validator("soak", "timeout")
    @classmethod
    def _is_a_span(cls, text: str | None) -> str | None:
        if text is not None:
            read_span(text)
        return text

    def terms(self) -> Terms:
        return Terms(
            soak=read_span(self.soak) if self.soak else None,
            timeout=read_span(self.timeout) if self.timeout else None,
            require=self.require,
        )


class RolloutForm(TermsForm):
    """When a merged provider counts as rolled out, and who is believed."""

    providers: Annotated[dict[_Name, TermsForm], Field(max_length=50)] = Field(
        {}, description="Other terms for single providers, by their id in the catalogue: `cert-manager`."
    )
    commit_statuses: bool | Annotated[tuple[_Name, ...], Field(max_length=20)] = Field(
        False,
        description="Whose commit statuses of Flux are believed: the logins that set them, or true for everybody who "
        "may set one. Whoever may write to the repository can set a status.",
    )
    senders: Annotated[dict[_Sender, _Name], Field(max_length=50)] = Field(
        {},
        description="With several clusters: the last part of the context of Flux's commit statuses, such as "
        "`0c9c2e41`, and the cluster of the plan that it speaks for.",
    )

    def read(self) -> RolloutPolicy:
        by = self.commit_statuses
        return RolloutPolicy(
            general=self.terms(),
            providers={name: form.terms() for name, form in self.providers.items()},
            every_status=by is True,
            statuses_by=frozenset() if isinstance(by, bool) else frozenset(login.casefold() for login in by),
            senders=dict(self.senders),
        )
