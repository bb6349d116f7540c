"""For each operation a request that is fine as it is, so that only the string put into it can be at fault."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.campaigns.places import Operation
from tests.campaigns.world import BOX, TEXT, VERDICTS, World, quoted

MATCHED = {"PATCH", "PUT"}
EXPECTED_OF_QUERY = {"diff_revision": {"from": "1"}}
ABSENT = {"put_member", "assign_claim", "adjudicate_claim"}
"""PUTs to what is not there before."""
FILE = {"dossiers": [{"article": {"text": TEXT}, "claims": [{"spans": [{"start": 0, "end": 8}], "text": "Planted."}]}]}


@dataclass
class Request:
    """What is sent, before the string is put in."""

    address: dict[str, str]
    headers: dict[str, str]
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None


class Scene:
    """Makes the requests, and what each needs to be there."""

    def __init__(self, world: World):
        self.world, self.n = world, 0
        self.known = {part: ids[0] for part, ids in world.known.items()}
        self.other_project = world._project()
        self.prepared: dict[str, Callable[[Request], None]] = {
            "create_project": self._unique("slug", "hostile-{}"),
            "change_project": self._elsewhere,
            "create_article": self._unique("external_id", "hostile-{}"),
            "mark_claim": self._marked,
            "change_claim": self._marked,
            "add_revision": self._new_article,
            "adjudicate_claim": self._assessed,
            "put_my_assessment": self._evidence,
            "attach_evidence": self._unique("url", "https://parks.example/hostile/{}"),
            "change_evidence": self._unique("url", "https://parks.example/changed/{}"),
            "create_relation": self._related,
            "import_dossiers": self._file,
            "put_member": self._member,
            "assign_claim": self._assignee,
            "export_project": self._elsewhere,
        }

    def request(self, operation: Operation, spoils_address: bool) -> Request:
        """A request for the operation. What it deletes was made for it, unless its address will be spoilt anyway."""
        self.n += 1
        request = Request({**self.known}, {"Content-Type": operation.media or "application/json"})
        request.query = dict(EXPECTED_OF_QUERY.get(operation.name, {}))
        request.body = copy.deepcopy(operation.example)
        if operation.method == "DELETE" and not spoils_address:
            request.address |= self.world.throwaway(operation.path)
        if operation.name in self.prepared:
            self.prepared[operation.name](request)
        if operation.method in MATCHED | {"DELETE"} and operation.name not in ABSENT:
            request.headers["If-Match"] = "*"
        if operation.name in ("add_revision", "confirm_claim"):
            request.headers["If-Match"] = "*"
        return request

    def _unique(self, member: str, pattern: str) -> Callable[[Request], None]:
        def prepare(request: Request) -> None:
            request.body[member] = pattern.format(self.n)

        return prepare

    def _elsewhere(self, request: Request) -> None:
        request.address["project"] = self.other_project

    def _marked(self, request: Request) -> None:
        request.body["spans"] = [quoted(1)]
        request.body["claimant"] = {"name": f"Jo {self.n}", "kind": "person", "job_title": "Mayor"}

    def _new_article(self, request: Request) -> None:
        request.address["article"] = self.world._article()
        request.body = {"text": TEXT + f"Said again {self.n}.", "note": "Said again"}

    def _assessed(self, request: Request) -> None:
        claim = self.world._assess(self.world._claim(self.known["article"]))
        assessment = self.world._read(f"/v1/claims/{claim}/assessments")[0]["id"]
        request.address["claim"] = claim
        request.body |= {"verdict": VERDICTS[0], "assessments": [assessment]}

    def _evidence(self, request: Request) -> None:
        request.body["verdict"] = VERDICTS[0]
        request.body["evidence"] = [{"id": self.known["evidence"], "stance": "refutes"}]

    def _related(self, request: Request) -> None:
        request.body["claim"] = self.world._claim(self.world.known["article"][1])

    def _file(self, request: Request) -> None:
        request.body = copy.deepcopy(FILE)
        request.body["dossiers"][0]["article"]["external_id"] = f"imported-{self.n}"

    def _member(self, request: Request) -> None:
        request.address |= {"project": self.world._project()}

    def _assignee(self, request: Request) -> None:
        request.address |= {"claim": self.world._claim(self.known["article"])}


def with_string(body: Any, at: tuple[str | int, ...], value: Any) -> Any:
    """The body with the value at that place; what leads there is made if need be."""
    if not at:
        return value
    step, *rest = at
    if isinstance(step, int):
        items = list(body) if isinstance(body, list) and body else [None]
        items[0] = with_string(items[0], tuple(rest), value)
        return items
    members = dict(body) if isinstance(body, dict) else {}
    members[step] = with_string(members.get(step), tuple(rest), value)
    return members


__all__ = ["BOX", "Request", "Scene", "with_string"]
