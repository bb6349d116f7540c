"""Leads generated requests to things that exist, so that they reach behind the first door."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from zlib import crc32

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response

from tests.campaigns.world import VERDICTS, World, quoted, revised

NAMED = re.compile(rb'"(?:id|slug|user)":"([^"]+)"')
ACTION = re.compile(r"/(withdrawal|resolution|anchors/confirm|revisions)$")
"""What is done to the thing whose address stands before it."""
Case = schemathesis.Case


@dataclass
class Guide:
    """Leads valid requests to what exists. Each choice follows from the request, so that it repeats."""

    world: World
    seen: set[str] = field(default_factory=set)
    sent: int = 0

    def before_call(self, _context: Any, case: Case, _options: dict[str, Any]) -> None:
        self.sent += 1
        documented = case.operation.schema.raw_schema["paths"].get(case.path, {})
        if case.meta is None or case.method.lower() not in documented:
            return
        asked = (case.method, case.path, case.path_parameters, case.query, case.body)
        dice = crc32(repr(asked).encode("utf-8", "replace"))
        broken = {place for place in case.meta.components if case.meta.is_negative_at(place)}
        if case.method.upper() == "DELETE" and self._keeps(case):
            case.path_parameters.update(self.world.throwaway(case.path))
            self._confirm(case, dice)
        elif ParameterLocation.PATH not in broken and dice % 16:
            self._address(case, dice // 16)
        if ParameterLocation.BODY not in broken and dice % 4:
            self._body(case, dice // 4)
        if ParameterLocation.QUERY not in broken:
            self._page(case, dice)
        if ParameterLocation.HEADER not in broken:
            self._preconditions(case, dice)

    def after_call(self, _context: Any, _case: Case, response: Response) -> None:
        if response.status_code in (200, 201) and len(response.content) < 100_000:
            self.seen |= {found.decode() for found in NAMED.findall(response.content)}

    def _keeps(self, case: Case) -> bool:
        """Whether what the address names must stay, or was never there."""
        last = list(case.path_parameters.values())[-1]
        return last in self.world.kept or last not in self.seen

    def _confirm(self, case: Case, dice: int) -> None:
        if dice % 8 and any(parameter.name == "confirm" for parameter in case.operation.query):
            _, _, deletion = self.world.service.send("GET", f"{case.formatted_path}/deletion")
            case.query = {"confirm": (deletion or {}).get("confirm", "")}

    def _address(self, case: Case, dice: int) -> None:
        for part, value in case.path_parameters.items():
            if value not in self.seen:
                known = self.world.known[part]
                case.path_parameters[part] = known[dice % len(known)]

    def _body(self, case: Case, dice: int) -> None:
        body = case.body
        if not isinstance(body, dict):
            return
        if case.path.endswith("/resolution"):
            body["assessments"] = self._of_claim(case, "assessments") or body["assessments"]
        if case.path.endswith("/assessments/mine") and "evidence" in body:
            stances = [{name: cited[name] for name in cited if name == "stance"} for cited in body["evidence"]]
            known = self._of_claim(case, "evidence")
            body["evidence"] = [{"id": id, **stance} for id, stance in zip(known, stances, strict=False)]
        if case.path.endswith("/relations"):
            known = self.world.known["claim"]
            body["other"] = known[dice % len(known)]
        if case.path.endswith("/revisions"):
            body["text"] = revised(dice)
        if "spans" in body:
            # Spans of one claim are of one revision.
            body["spans"] = [quoted(dice + 2 * n) for n in range(len(body["spans"][:9]))]
        if "verdict" in body:
            body["verdict"] = VERDICTS[dice % 2]

    def _of_claim(self, case: Case, things: str) -> list[str]:
        """The ids of what hangs on the claim that the address names."""
        path = f"/v1/claims/{case.path_parameters['claim']}/{things}"
        status, _, given = self.world.service.send("GET", path)
        return [each["id"] for each in given["items"]] if status == 200 else []

    def _page(self, case: Case, dice: int) -> None:
        """Nobody can guess a cursor: most are dropped, some replaced by one that the service gave."""
        if "cursor" not in case.query or not dice % 4:
            return
        del case.query["cursor"]
        if dice % 4 == 1:
            path = f"{case.formatted_path}?{urlencode({**case.query, 'limit': 1}, doseq=True)}"
            status, _, page = self.world.service.send("GET", path)
            if status == 200 and page["next"]:
                case.query["cursor"] = parse_qs(urlsplit(page["next"]).query)["cursor"][0]

    def _preconditions(self, case: Case, dice: int) -> None:
        if "Idempotency-Key" in case.headers and dice % 4:
            case.headers["Idempotency-Key"] = f"{case.headers['Idempotency-Key'][:200]}-{self.sent}"
        if case.method.upper() == "GET" and "If-None-Match" in case.headers and dice % 2:
            case.headers["If-None-Match"] = self._etag(case) or '"none"'
        if case.method.upper() != "GET" and dice % 8:
            self._match(case)

    def _match(self, case: Case) -> None:
        names = {parameter.name for parameter in case.operation.headers}
        if "If-Match" not in names:
            return
        case.headers.pop("If-None-Match", None)
        case.headers.pop("If-Match", None)
        etag = self._etag(case)
        if etag or ACTION.search(case.path) or case.method.upper() != "PUT":
            case.headers["If-Match"] = etag or '"1"'

    def _etag(self, case: Case) -> str | None:
        return self.world.service.etag(ACTION.sub("", case.formatted_path))
