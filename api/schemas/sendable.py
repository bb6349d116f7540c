"""What makes shapes of what an export says that can be sent back in: its other members are taken and forgotten."""

from typing import Any, ClassVar

from marshmallow import Schema, fields, post_load, pre_load

from api.rules.imports import Sent
from api.schemas.fields import Shape


class Ignored(fields.Raw):
    """Taken, whatever it is, and forgotten."""


class Forgetful(Schema):
    """A schema whose ignored fields cost nothing unless they are sent."""

    def __init__(self, **options: Any):
        super().__init__(**options)
        self._forgotten = frozenset(
            field.data_key or name for name, field in self.load_fields.items() if isinstance(field, Ignored)
        )
        self.load_fields = {name: each for name, each in self.load_fields.items() if not isinstance(each, Ignored)}

    @pre_load
    def forget(self, given: Any, **_options: Any) -> Any:
        if not isinstance(given, dict) or self._forgotten.isdisjoint(given):
            return given
        return {name: value for name, value in given.items() if name not in self._forgotten}


def as_exported(answer: type[Shape]) -> type[Schema]:
    """A shape that ignores all members of the answer; what of them has a meaning is declared in front of it."""
    about = {"description": "Ignored: what an export says of it."}
    members = answer._declared_fields.items()
    return Forgetful.from_dict({name: Ignored(data_key=field.data_key, metadata=about) for name, field in members})


class Sendable(Shape):
    """A shape that tells which members were given. Those of `drafts` make the draft."""

    drafts: ClassVar[type[Shape]]

    @post_load(pass_original=True)
    def sent(self, members: dict[str, Any], original: dict[str, Any], **_options: Any) -> Sent:
        names = self.drafts._declared_fields
        draft = {name: value for name, value in members.items() if name in names}
        also = {name: value for name, value in members.items() if name not in names}
        return Sent(draft, frozenset(original), also)
