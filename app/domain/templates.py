"""Templates around YAML: whether a text is one, what it says without being rendered, and YAML that is left without it.

Flux substitutes `${VAR}` (https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution),
makejinja renders `#{ }#` and `#% %#`, Jinja and Go `{{ }}` and `{% %}`, Flux Operator's ResourceSet `<< >>`.
"""

import re

from app.domain.yamltree import UnreadableYaml, YamlDocument, load_documents

MARKS = ("${", "{{", "#{", "<<", "{%", "#%", "[[", "<%", "(template)")
"""What no value holds unless a template decides it."""

_DEFAULT = re.compile(r"\$\{\w+(?::=|:-|=|-)([^${}]*)\}")
_EXPRESSION = r"(?:\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|#%.*?%#|#\{.*?\}#|<<-?\s.*?>>)"
_WHOLE_LINE = re.compile(rf"^[ \t]*(?:-[ \t]+)?(?:{_EXPRESSION}[ \t]*)+\r?$", re.MULTILINE)
_INLINE = re.compile(_EXPRESSION)
_PLACEHOLDER = "(template)"


def is_templated(text: str) -> bool:
    return any(mark in text for mark in MARKS)


def with_defaults(text: str) -> str | None:
    """`v1` of `${API:=v1}` and of `${API:-v1}`: what stands there unless somebody sets the variable. None where some
    part has no default."""
    filled = _DEFAULT.sub(r"\1", text)
    return None if filled == text or is_templated(filled) else filled


def load_templated(text: str, *, first_line: int = 1) -> list[YamlDocument]:
    """`load_documents`, which may find templates between the YAML: expressions become a placeholder, lines of nothing
    else become empty, so that both branches of a condition are read. Raises UnreadableYaml where that is no YAML."""
    try:
        return load_documents(text, first_line=first_line)
    except UnreadableYaml:
        masked = _INLINE.sub(_PLACEHOLDER, _WHOLE_LINE.sub("", text))
        if masked == text:
            raise
        return load_documents(masked, first_line=first_line)
