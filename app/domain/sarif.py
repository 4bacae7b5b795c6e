"""Findings as SARIF 2.1.0, the part of it that GitHub's code scanning reads.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html and
https://docs.github.com/en/code-security/reference/code-scanning/sarif-support-for-code-scanning.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from app.domain.finding import Finding, Rule
from app.domain.findings import Report
from app.domain.model import Tree

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"


def findings_to_sarif(report: Report, tree: Tree, *, version: str) -> Mapping[str, Any]:
    """One run. `version` is ours. Paths are relative to the root of the repository."""
    order = list(Rule)
    fingerprints = _Fingerprints(tree)
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "fluxmig",
                        "semanticVersion": version,
                        "rules": [_rule(rule) for rule in order],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
                "results": [
                    {
                        "ruleId": finding.id,
                        "ruleIndex": order.index(finding.rule),
                        "level": finding.level.value,
                        "message": {"text": finding.message},
                        "locations": [{"physicalLocation": _location(finding)}],
                        "partialFingerprints": {"primaryLocationLineHash": fingerprints.of(finding)},
                    }
                    for finding in report.findings
                ],
            }
        ],
    }


def _rule(rule: Rule) -> Mapping[str, Any]:
    text = rule.value
    return {
        "id": text.id,
        "name": "".join(word.capitalize() for word in text.id.split("-")),
        "shortDescription": {"text": text.title},
        "fullDescription": {"text": f"{text.title}. {text.help}"},
        "help": {"text": text.help},
        "defaultConfiguration": {"level": text.level.value},
        "properties": {"tags": ["flux", "kubernetes"], "precision": "high"},
    }


def _location(finding: Finding) -> Mapping[str, Any]:
    uri = quote(finding.file, safe="/", errors="surrogateescape")
    # Code scanning shows no result without a line, so what is about a whole file points at its first.
    region = {"startLine": finding.line or 1}
    if finding.column:
        region |= {"startColumn": finding.column, "endColumn": finding.end_column}
    return {"artifactLocation": {"uri": uri, "uriBaseId": _ROOT}, "region": region}


class _Fingerprints:
    """What stays the same when lines move: rule, file, text of the line, and a count where that is not enough."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._seen: Counter[str] = Counter()

    def of(self, finding: Finding) -> str:
        file = self._tree.get(finding.file)
        lines = file.text.split("\n") if file else []
        text = lines[finding.line - 1].strip() if 0 < finding.line <= len(lines) else ""
        key = "\0".join((finding.id, finding.file, text))
        digest = hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()[:16]
        self._seen[digest] += 1
        return f"{digest}:{self._seen[digest]}"
