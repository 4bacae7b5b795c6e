"""Store first, answer, then work: a delivery is a row before GitHub hears 202."""

from app.db.deliveries import NewDelivery, record_delivery
from app.github.webhooks import Envelope
from app.services.context import AppContext


async def take_in(context: AppContext, *, guid: str, event: str, envelope: Envelope, body: bytes) -> bool:
    """Record a verified delivery and wake the workers. False when GitHub sent it before."""
    delivery = NewDelivery(
        guid=guid,
        key=envelope.key,
        event=event,
        action=envelope.action,
        installation_id=envelope.installation.id if envelope.installation else None,
        repository_id=envelope.repository.id if envelope.repository else None,
        body=body,
        urgent=event == "merge_group",
    )
    is_new = await record_delivery(context.database, delivery)
    if is_new:
        context.wake(delivery.key)
    return is_new
