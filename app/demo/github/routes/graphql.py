"""The one address of GraphQL."""

from app.demo.github.calls import Answer, Call, Routes
from app.demo.github.graphql import execute
from app.demo.github.graphql.roots import root_of

routes = Routes()


@routes.post("/graphql")
def graphql(call: Call) -> Answer:
    """Status 200 even where a field fails, as at GitHub."""
    return Answer(body=execute(call.fields, root_of(call)))
