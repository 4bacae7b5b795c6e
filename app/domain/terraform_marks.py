"""Versions in Terraform: the Flux provider's bootstrap, and the charts of Flux Operator as `helm_release`."""

import re
from collections.abc import Collection, Iterator

from app.domain.catalogue import FLUX, FLUX_INSTANCE_CHART
from app.domain.marks import MarkKind, VersionMark, evidence

_BLOCK = re.compile(
    r'^resource\s+"(?P<type>flux_bootstrap_git|helm_release)"\s+"[^"]*"\s*\{(?P<body>(?:(?!^resource\s).)*?)^\}',
    re.MULTILINE | re.DOTALL,
)
_ATTRIBUTE = re.compile(r'^(?P<indent>[ \t]*)(?P<key>version|chart)\s*=\s*"(?P<value>[^"]+)"', re.MULTILINE)
_SET = re.compile(
    r'name\s*=\s*"instance\.distribution\.version"\s*,?\s*value\s*=\s*"(?P<value>[^"]+)"', re.MULTILINE | re.DOTALL
)
_NESTED = re.compile(
    r'\bdistribution\s*[:=]\s*\{?[^}]*?\bversion\s*[:=]\s*"?(?P<value>[\w.*<>=~^| -]+?)"?\s*$', re.MULTILINE
)


def terraform_marks(text: str, charts: Collection[str]) -> Iterator[VersionMark]:
    """Only literal values: what a variable or a local says is not followed."""
    for block in _BLOCK.finditer(text):
        body, start = block.group("body"), block.start("body")

        def mark(match: re.Match[str], kind: MarkKind, subject: str, start: int = start) -> VersionMark:
            line = text.count("\n", 0, start + match.start("value")) + 1
            return VersionMark(kind, subject, match.group("value"), evidence(text, line), "terraform")

        own = _own_attributes(body)
        if block.group("type") == "flux_bootstrap_git":
            if "version" in own:
                yield mark(own["version"], MarkKind.PROVIDER, FLUX)
            continue
        chart = own["chart"].group("value").rpartition("/")[2] if "chart" in own else ""
        if chart in charts and "version" in own:
            yield mark(own["version"], MarkKind.CHART, chart)
        if chart == FLUX_INSTANCE_CHART and (match := _SET.search(body) or _NESTED.search(body)):
            yield mark(match, MarkKind.DISTRIBUTION, FLUX)


def _own_attributes(body: str) -> dict[str, re.Match[str]]:
    """The attributes of the block itself, and not those of blocks and objects inside of it."""
    found: dict[str, re.Match[str]] = {}
    for match in _ATTRIBUTE.finditer(body):
        known = found.get(match.group("key"))
        if known is None or len(match.group("indent")) < len(known.group("indent")):
            found[match.group("key")] = match
    return found
