"""The table of rights, read for every role."""

import pytest

from api.rules.permissions import RIGHTS, ROLES, Caller, Right, Role, has_role, has_scope, is_member, may_review

ADA = Caller("ada", admin=False, scopes=frozenset({"read", "write"}), token="t")
ADMIN = Caller("admin", admin=True, scopes=frozenset({"read"}), token="t")


def test_every_right_says_what_it_allows() -> None:
    for name, right in RIGHTS.items():
        noun, _, verb = name.partition(".")
        assert noun, name
        assert verb, name
        assert right.does[0].isupper(), name
        assert not right.does.endswith("."), name


def test_reading_needs_the_scope_read_and_nothing_else_does() -> None:
    for name, right in RIGHTS.items():
        reads = name.endswith((".read", ".list", ".export"))
        assert (right.scope == "read") == reads, name


def test_the_scope_admin_is_for_projects_members_users_and_tokens() -> None:
    assert {name for name, right in RIGHTS.items() if right.scope == "admin"} == {
        "token.create",
        "token.delete",
        "user.delete",
        "project.create",
        "project.change",
        "project.delete",
        "member.change",
    }


def test_reviewers_may_change_what_they_made_themselves() -> None:
    assert {name: right.own for name, right in RIGHTS.items() if right.own} == {
        "claim.change": "reviewer",
        "evidence.change": "reviewer",
        "relation.change": "reviewer",
        "comment.delete": "reviewer",
    }
    assert [name for name, right in RIGHTS.items() if right.own_only] == ["comment.change"]


def test_what_is_of_the_whole_instance_is_for_its_admins() -> None:
    assert [name for name, right in RIGHTS.items() if right.admin_only] == [
        "user.read",
        "user.delete",
        "project.create",
    ]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_its_rank_and_those_below_may(role: Role) -> None:
    right = Right("write", "editor", "Test")
    assert has_role(ADA, right, role, made_by="bob") == (role in ("editor", "owner"))


def test_a_lower_role_suffices_for_ones_own_things_only() -> None:
    right = Right("write", "editor", "Test", own="reviewer")
    assert has_role(ADA, right, "reviewer", made_by="ada")
    assert not has_role(ADA, right, "reviewer", made_by="bob")
    assert not has_role(ADA, right, "reader", made_by="ada")
    assert not has_role(ADA, right, None, made_by="ada")


def test_an_instance_admin_stands_above_roles_but_not_above_scopes() -> None:
    assert is_member(ADMIN, None)
    assert all(has_role(ADMIN, right, None, None) for right in RIGHTS.values() if not right.own_only)
    assert not has_scope(ADMIN, RIGHTS["project.create"])


def test_a_member_is_who_has_any_role() -> None:
    assert not is_member(ADA, None)
    assert all(is_member(ADA, role) for role in ROLES)


def test_reviewers_and_those_above_may_review() -> None:
    assert [role for role in (None, *ROLES) if may_review(role)] == ["reviewer", "editor", "owner"]


def test_what_is_for_admins_only_no_role_can_do() -> None:
    assert not has_role(ADA, RIGHTS["project.create"], "owner", "ada")


def test_what_is_only_for_its_author_nobody_else_can_do() -> None:
    right = Right("write", "reviewer", "Test", own_only=True)
    assert has_role(ADA, right, "reviewer", made_by="ada")
    assert not has_role(ADA, right, "reader", made_by="ada")
    assert not has_role(ADA, right, "owner", made_by="bob")
    assert not has_role(ADMIN, right, "owner", made_by="ada")
    assert has_role(ADMIN, right, None, made_by="admin")
