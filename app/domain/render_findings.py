"""Findings as lines for people, as JSON, and as workflow commands that GitHub shows beside the lines of a diff."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.finding import Finding, Level
from app.domain.findings import Report
from app.domain.messages import findings as messages
from app.domain.plain import plain

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def summary(report: Report) -> str:
    return messages.check_summary(
        errors=report.count(Level.ERROR),
        warnings=report.count(Level.WARNING),
        notes=report.count(Level.NOTE),
        files=report.files,
    )


def findings_to_lines(report: Report) -> Iterator[str]:
    """What they rest on, one line for each, and the summary."""
    yield from (plain(line) for line in report.stated)
    for finding in report.findings:
        yield plain(f"{_place(finding)}: {finding.level}: {finding.message} [{finding.id}]")
    yield summary(report)


def _place(finding: Finding) -> str:
    return ":".join([finding.file, *(str(at) for at in (finding.line, finding.column) if at)])


def findings_to_json(report: Report) -> Mapping[str, Any]:
    """Lines and columns are 1-based, and null where they are not known."""
    return {
        "clusters": list(report.stated),
        "findings": [
            {
                "rule": finding.id,
                "level": finding.level.value,
                "file": plain(finding.file),
                "line": finding.line or None,
                "column": finding.column or None,
                "end_column": finding.end_column or None,
                "message": finding.message,
            }
            for finding in report.findings
        ],
        "errors": report.count(Level.ERROR),
        "warnings": report.count(Level.WARNING),
        "notes": report.count(Level.NOTE),
        "files": report.files,
    }


def findings_to_workflow_commands(report: Report) -> Iterator[str]:
    """https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, escaped as
    actions/toolkit packages/core/src/command.ts does."""
    for finding in report.findings:
        properties = {"file": plain(finding.file), "line": finding.line, "col": finding.column}
        properties |= {"endColumn": finding.end_column, "title": finding.rule.value.title}
        told = ",".join(f"{name}={_escape_property(str(value))}" for name, value in properties.items() if value)
        yield f"::{_COMMANDS[finding.level]} {told}::{_escape(f'{finding.message} [{finding.id}]')}"
    yield _escape(summary(report))


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
