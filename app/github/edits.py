"""Who edited the text of an issue: GitHub keeps it where no delivery told of it.

https://docs.github.com/en/graphql/reference/objects#usercontentedit. A bot's login stands there without `[bot]`.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

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
    newest_first = sorted(edits, key=lambda edit: edit.edited_at, reverse=True)
    since = list(takewhile(lambda edit: edit.editor != _Editor(bot_login.removesuffix("[bot]"), "Bot"), newest_first))
    editors = {edit.editor for edit in since}
    if len(editors) != 1 or len(since) == _PAGE:
        return None
    (editor,) = editors
    return LastEdit(editor.login, since[0].edited_at) if editor is not None and editor.kind == "User" else None
