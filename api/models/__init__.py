"""Rows: one file a noun, holding its tables.

Columns carry the names of the contract, so that a row needs no translation on its way out.
`project` (the slug) leads every key, and every reference within a project goes by
(project, id): no row can point into another tenant's.
"""

from api.models.articles import articles, revisions
from api.models.assessments import assessments, resolutions
from api.models.citations import citations
from api.models.claims import claimants, claims, spans
from api.models.columns import metadata
from api.models.comments import comments
from api.models.evidence import evidence
from api.models.history import chains, events
from api.models.idempotency import idempotency_keys
from api.models.identities import granted_roles, identities
from api.models.imports import import_failures, import_omissions, imports
from api.models.projects import deleted_projects, memberships, projects
from api.models.queue import assignments, leases
from api.models.relation_ends import relation_ends
from api.models.relations import relations
from api.models.users import tokens, users

__all__ = [
    "articles",
    "assessments",
    "assignments",
    "chains",
    "citations",
    "claimants",
    "claims",
    "comments",
    "deleted_projects",
    "events",
    "evidence",
    "granted_roles",
    "idempotency_keys",
    "identities",
    "import_failures",
    "import_omissions",
    "imports",
    "leases",
    "memberships",
    "metadata",
    "projects",
    "relation_ends",
    "relations",
    "resolutions",
    "revisions",
    "spans",
    "tokens",
    "users",
]
