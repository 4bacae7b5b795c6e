"""What the repository's own Renovate configuration says about labels and authors, on the base branch."""

from dataclasses import dataclass, field

from app.db.repositories import get_base_files, get_blobs
from app.domain.json5 import Json5Error
from app.domain.renovate import BOT_EMAILS
from app.domain.renovate_config import RenovateConfig, find_config_file, read_config
from app.services.facts import Look

REBASE_LABEL = "rebase"
"""Renovate's default `rebaseLabel`."""
STOP_LABEL = "renovate/stop-updating"
"""Renovate's default `stopUpdatingLabel`; the checkbox would override it, so we respect it ourselves."""


@dataclass(frozen=True, slots=True)
class RenovateFacts:
    """`emails` are the addresses under which Renovate counts a commit as its own, or ignores it."""

    rebase_label: str = REBASE_LABEL
    stop_label: str = STOP_LABEL
    emails: frozenset[str] = field(default_factory=frozenset)


async def read_renovate_facts(look: Look) -> RenovateFacts:
    """By the owner's word to us, else by Renovate's configuration, else as Renovate does by default."""
    told, config = look.policy.rebase, await _read(look)
    return RenovateFacts(
        rebase_label=told.label or (config and config.rebase_label) or REBASE_LABEL,
        stop_label=(config and config.stop_label) or STOP_LABEL,
        emails=BOT_EMAILS
        | look.context.settings.renovate_emails
        | frozenset(told.ignored_authors)
        | frozenset(config.author_emails if config else ()),
    )


async def _read(look: Look) -> RenovateConfig | None:
    async with look.context.database.transaction() as session:
        files = await get_base_files(session, look.repository.id)
        path = find_config_file(files)
        texts = await get_blobs(session, [files[path]]) if path else {}
    text = texts.get(files[path]) if path else None
    try:
        return read_config(path, text) if path and text is not None else None
    except Json5Error:
        return None
