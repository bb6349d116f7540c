"""What the service should do, said once more in plain Python: a project as dicts and lists.

It shares no line with the service: roles, preconditions, consensus and versions are told again from the README. Every
method first finds out why the request is refused, if it is; what is not refused it does.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

ADMIN = "admin"
RANK = {"reader": 0, "reviewer": 1, "editor": 2, "owner": 3}
SCALE = ("true", "half_true", "false")


class Refused(NamedTuple):
    """A refusal: its status, and the word for its kind."""

    status: int
    code: str


NOT_FOUND = Refused(404, "not_found")
FORBIDDEN = Refused(403, "forbidden")
STALE = Refused(412, "stale")
CHANGED_BELOW = Refused(412, "precondition_failed")
NEEDED = Refused(428, "precondition_required")
UNFIT = Refused(422, "invalid")
TAKEN = Refused(409, "already_exists")
WITHDRAWN = Refused(409, "claim_withdrawn")
CLOSED = Refused(409, "claim_closed")
Answer = Refused | None
State = tuple[int, ...]
Match = State | str
"""If-Match: the state that its tag is of; or `none`, or `*`."""


@dataclass
class Assessment:
    id: str
    verdict: str
    submitted: bool
    made: int
    version: int = 1

    @property
    def state(self) -> State:
        return (self.made, self.version)


@dataclass
class Claim:
    id: str
    article: str
    by: str
    sentence: int
    external_id: str | None
    exact: str
    version: int = 1
    review_version: int = 0
    withdrawn: bool = False
    adjudicated: tuple[str, str, tuple[str, ...]] | None = None
    """Verdict, by whom, and the assessments that it rests on."""
    needs: str | None = None
    text: str | None = None
    given: dict[str, Assessment] = field(default_factory=dict)
    links: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Evidence by id: its address, and who attached it."""
    stands: tuple[object, ...] = ("unverified", None, None, None, ())
    """Status, verdict, method, by whom, from which assessments."""

    @property
    def votes(self) -> list[tuple[str, Assessment]]:
        given = [(name, each) for name, each in self.given.items() if each.submitted]
        return sorted(given, key=lambda each: each[1].made)

    @property
    def state(self) -> State:
        return (self.version, self.review_version, len(self.links), len(self.votes))


@dataclass
class Article:
    id: str
    title: str | None
    external_id: str | None
    sentences: dict[int, str]
    around: list[str]
    """What was put before and after the sentences."""
    version: int = 1
    revision: int = 1

    @property
    def text(self) -> str:
        fillers = "\n(And here is something that nobody would ever want to have checked, number {}.)\n"
        body = "".join(self.sentences.get(n, "") + fillers.format(n) for n in range(-1, max(SENTENCES) + 1))
        return self.around[0] + body + self.around[1]


SENTENCES = {
    0: "The harbour office counted {} crates of lemons in spring.",
    1: "Bakers in Aleppo earned {} pounds a week before winter came.",
    2: "Every second bridge over this river is older than {} years!",
    3: "Our minister flew {} times to Geneva, twice by way of Oslo.",
    4: "Nobody under thirty voted for the levy; {} pensioners did.",
}


class Project:
    """One project, its members, and everything in it."""

    def __init__(self) -> None:
        self.roles: dict[str, str] = {ADMIN: "owner"}
        self.member_versions: dict[str, State] = {ADMIN: (0, 1)}
        self.version = 1
        self.required, self.consensus = 1, "unanimous"
        self.articles: dict[str, Article] = {}
        self.claims: dict[str, Claim] = {}
        self.made = 0

    # Who may, and on what.

    def may(self, actor: str, least: str, *, made_by: str | None = None, own: str | None = None) -> Answer:
        role = self.roles.get(actor)
        if actor == ADMIN:
            return None
        if role is None:
            return NOT_FOUND
        needed = own if own and made_by == actor else least
        return None if RANK[role] >= RANK[needed] else FORBIDDEN

    @staticmethod
    def matches(match: Match, state: State, parts: int) -> Answer:
        """Whether If-Match names that much of the state."""
        if match == "none":
            return NEEDED
        return None if match == "*" or match[:parts] == state[:parts] else STALE

    def as_seen(self, match: Match, state: State) -> Answer:
        """Whether If-Match names the whole state, what is below the thing included."""
        refused = self.matches(match, state, len(state))
        return CHANGED_BELOW if refused == STALE and match[:1] == state[:1] else refused

    def _next(self) -> int:
        self.made += 1
        return self.made

    # Members and policy.

    def put_member(self, actor: str, user: str, role: str, match: Match) -> Answer:
        there = user in self.roles
        refused = self.may(actor, "owner")
        if refused is None and there:
            refused = self.matches(match, self.member_versions[user], 2)
        elif refused is None and match != "none":
            refused = Refused(412, "precondition_failed")
        if refused:
            return refused
        if there and self._is_last_owner(user) and role != "owner":
            return Refused(409, "last_owner")
        made, version = self.member_versions.get(user, (self._next(), 0))
        self.member_versions[user] = (made, version + 1)
        self.roles[user] = role
        return None

    def remove_member(self, actor: str, user: str, match: Match) -> Answer:
        if user not in self.roles:
            return NOT_FOUND
        refused = self.may(actor, "owner") or self.matches(match, self.member_versions[user], 2)
        if refused:
            return refused
        if self._is_last_owner(user):
            return Refused(409, "last_owner")
        del self.roles[user], self.member_versions[user]
        return None

    def _is_last_owner(self, user: str) -> bool:
        return [name for name, role in self.roles.items() if role == "owner"] == [user]

    def change_policy(self, actor: str, required: int, consensus: str, match: Match) -> Answer:
        refused = self.may(actor, "owner") or self.matches(match, (self.version,), 1)
        if refused:
            return refused
        self.version += 1
        self.required, self.consensus = required, consensus
        for claim in self.claims.values():
            if not (claim.withdrawn or claim.adjudicated):
                self._settle(claim)
        return None

    # Articles.

    def store(self, actor: str, external_id: str | None) -> Answer:
        return self.may(actor, "editor") or self._taken(self.articles, external_id)

    @staticmethod
    def _taken(things: "dict[str, Article] | dict[str, Claim]", external_id: str | None) -> Answer:
        ids = {thing.external_id for thing in things.values()} - {None}
        return TAKEN if external_id in ids else None

    def stored(self, article: Article) -> None:
        self.articles[article.id] = article

    def retitle(self, actor: str, id: str, title: str | None, match: Match) -> Answer:
        article = self.articles.get(id)
        if article is None:
            return NOT_FOUND
        refused = self.may(actor, "editor") or self.matches(match, self.article_state(id), 1)
        if refused is None:
            article.title, article.version = title, article.version + 1
        return refused

    def revise(self, actor: str, id: str, match: Match) -> Answer:
        """What refuses a new text; `carry` is for what becomes of the claims."""
        if id not in self.articles:
            return NOT_FOUND
        return self.may(actor, "editor") or self.matches(match, self.article_state(id), 1)

    def carry(self, id: str, after: Article) -> None:
        before = self.articles[id]
        after.version, after.revision = before.version + 1, before.revision + 1
        self.articles[id] = after
        for claim in self.claims_on(id):
            claim.version += 1
            words = after.sentences.get(claim.sentence)
            if words is None or claim.needs == "orphaned":
                claim.needs = "orphaned"
            elif words != claim.exact:
                claim.needs, claim.exact = "text_changed", words

    def delete_article(self, actor: str, id: str, confirm: str | None, match: Match) -> Answer:
        article = self.articles.get(id)
        if article is None:
            return NOT_FOUND
        refused = self.may(actor, "editor") or self.as_seen(match, self.article_state(id))
        if refused is None and confirm != (article.title or id):
            refused = Refused(422, "confirmation_needed")
        if refused is None:
            for claim in self.claims_on(id):
                del self.claims[claim.id]
            del self.articles[id]
        return refused

    def claims_on(self, id: str) -> list[Claim]:
        return [claim for claim in self.claims.values() if claim.article == id]

    def article_state(self, id: str) -> State:
        return (self.articles[id].version, len(self.claims_on(id)))

    # Claims.

    def mark(self, actor: str, article: str, quote: str, external_id: str | None) -> Answer:
        if article not in self.articles:
            return NOT_FOUND
        refused = self.may(actor, "reviewer")
        if refused is None and quote not in self.articles[article].text:
            refused = UNFIT
        return refused or self._taken({claim.id: claim for claim in self.claims_on(article)}, external_id)

    def marked(self, claim: Claim) -> None:
        self.claims[claim.id] = claim

    def reword(self, actor: str, id: str, text: str, match: Match) -> Answer:
        return self._change(actor, id, match, text=text)

    def _change(self, actor: str, id: str, match: Match, text: str | None = None) -> Answer:
        claim = self.claims.get(id)
        if claim is None:
            return NOT_FOUND
        refused = self.may(actor, "editor", made_by=claim.by, own="reviewer") or self.matches(match, claim.state, 1)
        if refused is None and text is not None:
            claim.text, claim.version = text, claim.version + 1
        return refused

    def confirm(self, actor: str, id: str, match: Match) -> Answer:
        claim = self.claims.get(id)
        if claim is None:
            return NOT_FOUND
        refused = self.may(actor, "reviewer") or self.matches(match, claim.state, 1)
        if refused is None and claim.needs == "orphaned":
            refused = Refused(409, "claim_orphaned")
        if refused is None and claim.needs:
            claim.needs, claim.version = None, claim.version + 1
        return refused

    def withdraw(self, actor: str, id: str, match: Match) -> Answer:
        refused = self._change(actor, id, match)
        if refused:
            return refused
        claim = self.claims[id]
        if claim.adjudicated:
            return CLOSED
        if not claim.withdrawn:
            claim.withdrawn, claim.version = True, claim.version + 1
            self._stand(claim, ("withdrawn", None, None, None, ()))
        return None

    def reinstate(self, actor: str, id: str, match: Match) -> Answer:
        refused = self._change(actor, id, match)
        if refused:
            return refused
        claim = self.claims[id]
        if not claim.withdrawn:
            return NOT_FOUND
        claim.withdrawn, claim.version = False, claim.version + 1
        self._settle(claim)
        return None

    def delete_claim(self, actor: str, id: str, match: Match) -> Answer:
        claim = self.claims.get(id)
        if claim is None:
            return NOT_FOUND
        refused = self.may(actor, "editor") or self.as_seen(match, claim.state)
        if refused is None:
            del self.claims[id]
        return refused

    # Assessments, and what follows from them.

    def assess(self, actor: str, id: str, verdict: str, submitted: bool, match: Match) -> Answer:
        """What refuses it; `assessed` is for what follows, as only the answer tells the new one's id."""
        claim = self.claims.get(id)
        if claim is None:
            return NOT_FOUND
        refused = self.may(actor, "reviewer")
        if refused:
            return refused
        mine = claim.given.get(actor)
        if mine is None and match != "none":
            return Refused(412, "precondition_failed")
        if mine:
            refused = self.matches(match, mine.state, 2)
            if refused is None and mine.submitted and not submitted:
                refused = Refused(409, "already_submitted")
        if refused is None and verdict not in SCALE:
            refused = UNFIT
        return refused or self._takes_assessments(claim, counts=submitted)

    @staticmethod
    def _takes_assessments(claim: Claim, *, counts: bool) -> Answer:
        if claim.withdrawn:
            return WITHDRAWN
        return CLOSED if counts and claim.adjudicated else None

    def assessed(self, actor: str, id: str, verdict: str, submitted: bool, assessment: str) -> None:
        claim = self.claims[id]
        mine = claim.given.get(actor)
        if mine is None:
            claim.given[actor] = Assessment(assessment, verdict, submitted, self._next())
        else:
            mine.verdict, mine.submitted, mine.version = verdict, submitted, mine.version + 1
        if submitted:
            self._recount(claim)

    def take_back(self, actor: str, id: str, match: Match) -> Answer:
        claim = self.claims.get(id)
        mine = claim.given.get(actor) if claim else None
        if claim is None or mine is None:
            return NOT_FOUND
        refused = self.may(actor, "reviewer") or self.matches(match, mine.state, 2)
        refused = refused or self._takes_assessments(claim, counts=mine.submitted)
        if refused is None:
            del claim.given[actor]
            if mine.submitted:
                self._recount(claim)
        return refused

    def adjudicate(self, actor: str, id: str, verdict: str, rests_on: tuple[str, ...], match: Match) -> Answer:
        claim = self.claims.get(id)
        if claim is None:
            return NOT_FOUND
        refused = self.may(actor, "editor") or self.matches(match, claim.state, 2)
        if refused is None and verdict not in SCALE:
            refused = UNFIT
        if refused is None and claim.withdrawn:
            refused = WITHDRAWN
        if refused is None and not set(rests_on) <= {each.id for _, each in claim.votes}:
            refused = UNFIT
        if refused is None:
            claim.adjudicated = (verdict, actor, rests_on)
            claim.stands = ("resolved", verdict, "adjudicated", actor, rests_on)
            claim.review_version += 1  # an editor's word is a new one each time
        return refused

    def reopen(self, actor: str, id: str, match: Match) -> Answer:
        claim = self.claims.get(id)
        if claim is None:
            return NOT_FOUND
        refused = self.may(actor, "editor") or self.matches(match, claim.state, 2)
        if refused is None and not claim.adjudicated:
            refused = NOT_FOUND
        if refused is None:
            claim.adjudicated = None
            self._settle(claim)
        return refused

    def _recount(self, claim: Claim) -> None:
        claim.review_version += 1
        self._settle(claim)

    def _settle(self, claim: Claim) -> None:
        votes = claim.votes
        if not votes:
            return self._stand(claim, ("unverified", None, None, None, ()))
        if len(votes) < self.required:
            return self._stand(claim, ("in_review", None, None, None, ()))
        most, number = Counter(each.verdict for _, each in votes).most_common(1)[0]
        carried = tuple(each.id for _, each in votes if each.verdict == most)
        if len(votes) == 1:
            return self._stand(claim, ("resolved", most, "sole", votes[0][0], carried))
        if number == len(votes):
            return self._stand(claim, ("resolved", most, "unanimous", None, carried))
        if self.consensus == "majority" and number * 2 > len(votes):
            return self._stand(claim, ("resolved", most, "majority", None, carried))
        return self._stand(claim, ("disputed", None, None, None, ()))

    @staticmethod
    def _stand(claim: Claim, stands: tuple[object, ...]) -> None:
        if claim.stands != stands:
            claim.stands = stands
            claim.review_version += 1

    # Evidence.

    def attach(self, actor: str, id: str, url: str) -> Answer:
        claim = self.claims.get(id)
        if claim is None:
            return NOT_FOUND
        refused = self.may(actor, "reviewer")
        return refused or (TAKEN if url in {address for address, _ in claim.links.values()} else None)

    def detach(self, actor: str, id: str, link: str, match: Match) -> Answer:
        claim = self.claims.get(id)
        if claim is None or link not in claim.links:
            return NOT_FOUND
        refused = self.may(actor, "editor", made_by=claim.links[link][1], own="reviewer")
        refused = refused or self.matches(match, (1,), 1)
        if refused is None:
            del claim.links[link]
        return refused
