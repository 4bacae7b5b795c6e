"""Whether the APIs that a milestone is about are served now: the answer that plans go by, with what it rests on."""

from collections.abc import Iterable, Mapping

from app.domain.base_facts import BaseFacts
from app.domain.messages import milestone as messages
from app.domain.milestone import ApiNow, WantedApi
from app.domain.model import Gvk, Snapshot
from app.domain.serving import Served, ServedNow, Serving
from app.domain.situation import Situation


def find_served(apis: Iterable[WantedApi], snapshot: Snapshot, base: BaseFacts) -> Mapping[tuple[Gvk, str], ApiNow]:
    """By API and scope. What was seen in the cluster comes first, then the version that its own provider runs there.

    An API whose provider the catalogue does not know any more is left out.
    """
    serving = Serving(snapshot, base)
    situation = Situation(base=base, serving=serving, open={}, facts={})
    found: dict[tuple[Gvk, str], ApiNow] = {}
    for api in apis:
        provider = base.catalogue.provider_of(api.gvk)
        if provider is not None and (api.gvk, api.scope) not in found:
            now = serving.met(api.scope, api.gvk, None)
            found[api.gvk, api.scope] = ApiNow(now.answer, provider, _words(now, situation))
    return found


def _words(now: ServedNow, situation: Situation) -> str:
    standing, done = now.standing, now.standing.done
    if now.seen is not None:
        return messages.listed_evidence(now.seen.source, listed=not now.unlisted)
    if now.in_use is not None:
        return messages.used_evidence(now.in_use)
    if standing.observation is not None or standing.pending:
        what = situation.standing(standing)
    elif done is not None:
        what = messages.rolled_out_phrase(done.pull_request, done.to.removeprefix("v"), done.source)
    elif now.answer is Served.YES and standing.declared is None:
        return messages.CRDS_EVIDENCE
    else:
        what = situation.standing(standing)
    return messages.served_evidence(what, now.answer, missing=now.missing or "", pending=bool(standing.pending))
