"""The routes of the stand-in GitHub, a file for each resource."""

from app.demo.github.calls import Route
from app.demo.github.routes import actions, app, checks, git, graphql, issues, pulls, repositories

ALL_ROUTES: tuple[Route, ...] = (
    *app.routes.all,
    *actions.routes.all,
    *pulls.routes.all,
    *issues.routes.all,
    *checks.routes.all,
    *repositories.routes.all,
    *git.routes.all,
    *graphql.routes.all,
)
