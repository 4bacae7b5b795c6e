"""Workflows of GitHub Actions, as far as one starts them: what they then do is the caller's to say."""

from app.demo.github.calls import Answer, Call, Routes, needs
from app.demo.github.model import Refused

routes = Routes()


@routes.post("/repos/{owner}/{repo}/actions/workflows/{workflow}/dispatches", needs("actions:write"))
def dispatch_workflow(call: Call) -> Answer:
    call.takes("ref", "inputs")
    repository, workflow, ref = call.repository, call.params["workflow"], call.required("ref")
    if ref not in repository.branches:
        raise Refused(422, f"No ref found for: {ref}")
    if repository.tree(ref).get(f".github/workflows/{workflow}") is None:
        raise Refused(404, "Not Found")
    repository.dispatched.append(workflow)
    return Answer(204)
