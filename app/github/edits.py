"""Who edited the text of an issue: GitHub keeps it where no delivery told of it.

https://docs.github.com/en/graphql/reference/objects#usercontentedit. A bot's login stands there without `[bot]`.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from app.github.api import Api

_PAGE = 50
_DOCUMENT = """
query($owner: String!, $name: String!, $number: Int!, $page: Int!) {
  repository(owner: $owner, name: $name) {
    issue(number: $number) { userContentEdits(first: $page) { nodes {
      editedAt editor { __typename login }
    } } }
  }
}
"""


class _Editor(msgspec.Struct, frozen=True):
    login: str
    kind: str = msgspec.field(name="__typename")


class _Edit(msgspec.Struct, frozen=True, rename="camel"):
    edited_at: datetime
    editor: _Editor | None = None


class _Edits(msgspec.Struct, frozen=True):
    nodes: list[_Edit] = []


class _Issue(msgspec.Struct, frozen=True, rename="camel"):
    user_content_edits: _Edits | None = None


class _Repository(msgspec.Struct, frozen=True):
    issue: _Issue | None = None


@dataclass(frozen=True, slots=True)
class LastEdit:
    """The person who alone edited a text since our App last did, and when the last of these edits was."""

    by: str
    at: datetime


async def read_last_edit(api: Api, owner: str, name: str, number: int, *, bot_login: str) -> LastEdit | None:
    """One call. None where it cannot be told apart: several people edited it since, a bot, or an account that is gone.

    Raises the errors of `app.github.errors`.
    """
    given = {"owner": owner, "name": name, "number": number, "page": _PAGE}
    found = (await api.query(_DOCUMENT, given)).read("repository", _Repository)
    edits = found.issue.user_content_edits.nodes if found.issue and found.issue.user_content_edits else []
    since: list[_Edit] = []
    for edit in sorted(edits, key=lambda edit: edit.edited_at, reverse=True):
        if edit.editor is not None and edit.editor.kind == "Bot" and f"{edit.editor.login}[bot]" == bot_login:
            break
        since.append(edit)
    people = {edit.editor.login if edit.editor and edit.editor.kind == "User" else None for edit in since}
    if len(people) != 1 or None in people or len(since) == _PAGE:
        return None
    last = since[0]
    return LastEdit(last.editor.login, last.edited_at) if last.editor else None
