"""What the classes of the contract are made of: pydantic's models, or, in a terminal, plain records
of the same fields. `contract/light.py` says why."""

from typing import TYPE_CHECKING

from wainbox_relay.contract.light import chosen

if TYPE_CHECKING or not chosen():
    from pydantic import (
        AwareDatetime,
        BaseModel,
        BeforeValidator,
        ConfigDict,
        Field,
        StrictBool,
        TypeAdapter,
        ValidationError,
    )
else:
    from wainbox_relay.contract.light import (
        AwareDatetime,
        BaseModel,
        BeforeValidator,
        ConfigDict,
        Field,
        StrictBool,
        TypeAdapter,
        ValidationError,
    )

__all__ = [
    "AwareDatetime",
    "BaseModel",
    "BeforeValidator",
    "ConfigDict",
    "Field",
    "StrictBool",
    "TypeAdapter",
    "ValidationError",
]
