"""The table of updates in a Renovate body.

Its columns are the user's to choose (https://docs.renovatebot.com/configuration-options/#prbodycolumns), its arrow was
`->` until Renovate 42.60 and is `→` since, and squash commits wrap it at 72 columns. Of all that, a row says which
package moves from what to what; `| datasource | package | from | to |` is the form that Renovate writes into commits
(https://docs.renovatebot.com/configuration-options/#commitbodytable).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

_ARROW = re.compile(r"\s*(?:->|→|➔|➜|➼)\s*")
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]*(?:\([^()]*\)[^()\s]*)*)\)")
_SEPARATOR = re.compile(r"^\s*\|(?:\s*:?-{2,}:?\s*\|)+")
_CELL_BORDER = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row. `update` is Renovate's word (`minor`, `pinDigest`, …), "" where the table has no such column.

    `package` is None for lock files; `replacement` is the new name where a package is replaced by another.
    `from_` is None for pins, `to` where Renovate itself left it out. `links` are the addresses in the package cell.
    """

    package: str | None
    from_: str | None = None
    to: str | None = None
    update: str = ""
    type: str = ""
    datasource: str | None = None
    replacement: str | None = None
    links: tuple[str, ...] = ()


def read_table(text: str) -> tuple[TableRow, ...]:
    """The rows of the first table in `text` that speaks of updates; none when there is no such table."""
    for header, rows in _tables(text):
        columns = [_plain(cell).casefold() for cell in header]
        if "change" in columns or {"from", "to"} <= set(columns) or "update" in columns:
            return tuple(row for cells in rows if (row := _read_row(columns, cells)) is not None)
    return ()


def _tables(text: str) -> Iterator[tuple[list[str], list[list[str]]]]:
    lines = text.replace("\r\n", "\n").split("\n")
    for number in range(1, len(lines)):
        header = lines[number - 1]
        if not _SEPARATOR.match(lines[number]) or "|" not in header:
            continue
        names = _cells(header)
        end = number + 1
        while end < len(lines) and lines[end].strip():
            end += 1
        body = lines[number + 1 : end]
        if all(len(_cells(line)) == len(names) and line.lstrip().startswith("|") for line in body):
            yield names, [_cells(line) for line in body]
        else:
            yield names, _unwrap(" ".join(body), len(names))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _CELL_BORDER.split(line.strip())[1:-1]]


def _unwrap(text: str, width: int) -> list[list[str]]:
    """Rows whose cells were broken over lines: only the number of columns says where one row ends."""
    cells = [cell.strip() for cell in _CELL_BORDER.split(text)]
    # Between two rows stands one empty cell, made by the border that ends the first and the one that opens the second.
    return [cells[start : start + width] for start in range(1, len(cells) - width, width + 1)]


def _read_row(columns: list[str], cells: list[str]) -> TableRow | None:
    named = dict(zip(columns, cells, strict=False))
    if "from" in named and "to" in named:
        from_, to = _plain(named["from"]) or None, _plain(named["to"]) or None
    else:
        from_, to = _read_change(named.get("change", ""))
    cell = named.get("package") or named.get("dependency") or ""
    names = [name for part in _ARROW.split(_without_sources(cell)) if (name := _plain(part))]
    if not names and "package" in columns and not to:
        return None
    return TableRow(
        package=names[0] if names else None,
        from_=from_,
        to=to,
        update=_plain(named.get("update", "")),
        type=_plain(named.get("type", "")),
        datasource=_plain(named.get("datasource", "")) or None,
        replacement=names[1] if len(names) > 1 else None,
        links=tuple(match.group(2) for match in _LINK.finditer(cell)),
    )


def _without_sources(cell: str) -> str:
    """`[name](home) ([source](url), [changelog](url))` -> `[name](home)`."""
    return re.sub(r"\s+\(\[[^\]]*\]\([^)]*\)(?:,\s*\[[^\]]*\]\([^)]*\))*\)", "", cell)


def _read_change(cell: str) -> tuple[str | None, str | None]:
    parts = _ARROW.split(_plain_link(cell), maxsplit=1)
    if len(parts) != 2:
        return None, None
    return _plain(parts[0]) or None, _plain(parts[1]) or None


def _plain_link(cell: str) -> str:
    return _LINK.sub(lambda match: match.group(1), cell)


def _plain(cell: str) -> str:
    """A cell without links, code marks and entities; Renovate puts `&#8203;` into names to keep them unlinked."""
    text = unescape(_plain_link(cell)).replace("\u200b", "").replace("\\|", "|")
    return " ".join(text.replace("`", "").split()).strip("*_ ")
