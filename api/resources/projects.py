"""Projects and their members over HTTP."""

import sqlalchemy as sa

from api.resources.admission import caller
from api.resources.contract import Contract
from api.schemas.deletions import Deletion
from api.schemas.projects import Member, MemberDraft, MemberPage, Project, ProjectChanges, ProjectDraft, ProjectPage
from api.services import assignments, deletions, rescaling
from api.services import projects as service
from api.services.answers import Answer, Found

contract = Contract("projects", "Projects are the tenants: everything belongs to exactly one.")


@contract.lists("/projects", right="project.list", gives=ProjectPage)
def list_projects(tx: sa.Connection, query: Answer) -> Answer:
    """List my projects

    The projects one is a member of, by slug; an instance admin sees all.
    """
    return service.list_for(tx, caller, query)


@contract.creates("/projects", right="project.create", takes=ProjectDraft, gives=Project, at="/v1/projects/{slug}")
def create_project(tx: sa.Connection, draft: Answer) -> Answer:
    """Found a project

    For instance admins. The founder becomes its first owner.
    """
    return service.found(tx, draft, caller.name)


@contract.reads("/projects/<slug:project>", right="project.read", gives=Project, on=service.find)
def read_project(tx: sa.Connection, project: Found) -> Answer:
    """Read a project

    With its rating scale and its review policy.
    """
    return service.read(tx, project.slug)


@contract.changes(
    "/projects/<slug:project>", right="project.change", on=service.find, takes=ProjectChanges, gives=Project
)
def change_project(tx: sa.Connection, project: Found, changes: Answer) -> Answer:
    """Change a project

    A new scale must keep every verdict in use (409 `scale_in_use`), or `replacements` says which
    verdict takes its place. With a new policy the status of every claim follows from its assessments
    anew; what an editor has settled stays settled.
    """
    return rescaling.alter(tx, project, changes, caller.name)


@contract.tells("/projects/<slug:project>/deletion", right="project.delete", on=service.find, gives=Deletion)
def read_project_deletion(tx: sa.Connection, project: Found) -> Answer:
    """See what deleting a project takes

    How much goes with it, and what must be repeated.
    """
    return deletions.of_project(tx, project)


@contract.removes("/projects/<slug:project>", right="project.delete", on=service.find, goes=deletions.of_project)
def delete_project(tx: sa.Connection, project: Found) -> None:
    """Delete a project

    With all that is in it, its history too; `confirm` repeats its slug, which is never given again.
    """
    service.delete(tx, project, caller.name)


@contract.lists("/projects/<slug:project>/members", right="member.read", on=service.find, gives=MemberPage)
def list_members(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    """List the members

    By user name.
    """
    return service.list_members(tx, project, query)


@contract.reads(
    "/projects/<slug:project>/members/<user:user>", right="member.read", on=service.find_member, gives=Member
)
def read_member(tx: sa.Connection, member: Found) -> Answer:
    """Read a member

    The role of one user in the project.
    """
    return service.read_member(tx, member.project, member.user)


@contract.puts(
    "/projects/<slug:project>/members/<user:user>",
    right="member.change",
    on=service.find,
    current=service.find_member,
    takes=MemberDraft,
    gives=Member,
)
def put_member(tx: sa.Connection, project: Found, member: Found | None, draft: Answer, user: str) -> Answer:
    """Add a member or change a role

    The operator adds users (`flask --app app users add`). A project keeps at least one owner.
    """
    if member is None:
        return service.add_member(tx, project, user, draft["role"], caller.name)
    return assignments.change_role(tx, member, draft["role"], caller.name)


@contract.removes("/projects/<slug:project>/members/<user:user>", right="member.change", on=service.find_member)
def delete_member(tx: sa.Connection, member: Found) -> None:
    """Remove a member

    What they did stays; their places in the review queue are free again. A project keeps at least
    one owner.
    """
    assignments.remove_member(tx, member, caller.name)
