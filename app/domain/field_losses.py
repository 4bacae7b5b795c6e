"""Fields that an older API version has and a newer one has not: rewriting the version alone would lose them."""

from app.domain.catalogue import Provider
from app.domain.model import Gvk


def fields_lost(provider: Provider, old: Gvk, new: Gvk) -> tuple[str, ...]:
    return ()
