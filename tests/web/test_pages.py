"""What people read."""

import httpx

from app.services.context import AppContext
from tests.web.seed import seed_story


async def test_the_page_says_in_one_sentence_what_to_do_first(client: httpx.AsyncClient, context: AppContext) -> None:
    async with context.database.transaction() as session:
        await seed_story(session)
    page = (await client.get("/r/wcygan/homelab")).text
    assert "<title>Merge #30 first – wcygan/homelab</title>" in page
