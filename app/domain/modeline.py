"""The comment by which editors know the schema of a YAML file.

https://github.com/redhat-developer/yaml-language-server#using-inlined-schema
"""

import re

SCHEMA_PATH = "/schema/fluxmig.json"
"""Where a service serves it."""
SCHEMA_FILE = "fluxmig.schema.json"
"""As `fluxmig schema` is kept beside the configuration, where no service is at hand."""

_MODELINE = re.compile(r"^[ \t]*#[ \t]*yaml-language-server[ \t]*:[ \t]*\$schema[ \t]*=[ \t]*(\S+)", re.MULTILINE)


def modeline_of(address: str) -> str:
    return f"# yaml-language-server: $schema={address}"


def find_modeline(text: str) -> str | None:
    """The address of the schema that a file names; None where it names none."""
    found = _MODELINE.search(text)
    return found[1] if found else None


def is_our_schema(address: str) -> bool:
    return address.endswith((SCHEMA_PATH, SCHEMA_FILE))
