"""Stored JSON back into the nouns of the domain. What an older version did not write reads as not known."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.domain.model import Classification, Component, Evidence, Update, UpdateType

UNCLASSIFIED = Classification(
    update_type=None, component=Component.UNKNOWN, grouped=False, updates=(), confidence=0.0, reasons=()
)


def read_classification(stored: Mapping[str, Any] | None) -> Classification:
    if not stored:
        return UNCLASSIFIED
    update_type = stored.get("update_type")
    return Classification(
        update_type=UpdateType(update_type) if update_type else None,
        component=Component(stored.get("component") or "unknown"),
        grouped=bool(stored.get("grouped", False)),
        updates=tuple(_update(row) for row in stored.get("updates", ())),
        confidence=float(stored.get("confidence", 0.0)),
        reasons=tuple(str(reason) for reason in stored.get("reasons", ())),
        rules=read_evidence_list(stored.get("rules", ())),
        also_changes=read_evidence_list(stored.get("also_changes", ())),
    )


def _update(row: Mapping[str, Any]) -> Update:
    return Update(
        name=str(row.get("name", "")),
        from_=row.get("from"),
        to=row.get("to"),
        manager=row.get("manager"),
        datasource=row.get("datasource"),
        file=row.get("file"),
    )


def read_evidence(row: Mapping[str, Any]) -> Evidence:
    return Evidence(file=str(row.get("file", "")), line=int(row.get("line", 0)), text=str(row.get("text", "")))


def read_evidence_list(rows: Iterable[Mapping[str, Any]]) -> tuple[Evidence, ...]:
    return tuple(read_evidence(row) for row in rows)
