"""Canned replies and macros: words kept by the team, and what else choosing them does.

A canned reply is known by its name, which is also what one types after `/`. With `deeds` it is a
macro. Whoever sends it has read it first: it goes into the composer, never to the customer.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from wainbox_relay.contract.commands import LONGEST_CAPTION, LONGEST_TEXT
from wainbox_relay.contract.variables import complaint, unknown
from wainbox_relay.contract.vocabulary import Priority

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?$")]
Words = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
ReplyTag = Annotated[str, Field(pattern=r"^-?[^\s-]\S{0,39}$")]

ANY = "any"
"""The language of words that do for every customer."""

MOST_LANGUAGES = 20


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Attachment(_Wire):
    """A file of the media folder, by the digest of its bytes."""

    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    name: str = Field(max_length=240)
    type: str = Field(max_length=100)
    size: int = Field(ge=0)


class Deeds(_Wire):
    """What a macro does besides the words; each is one of the usual commands. A tag with a leading
    dash is taken off; `assign` is `@lina` or a team; `snooze` is a time as agents type it."""

    tags: tuple[ReplyTag, ...] = Field((), max_length=20)
    priority: Priority | None = None
    assign: str = Field("", max_length=60)
    note: str = Field("", max_length=LONGEST_TEXT)
    status: Literal["", "open", "waiting", "resolved"] = ""
    snooze: str = Field("", max_length=40)

    @property
    def any(self) -> bool:
        return self != Deeds()

    @field_validator("note", mode="after")
    @classmethod
    def _known_places(cls, note: str) -> str:
        return _checked(note)


class NewReply(_Wire):
    """A canned reply without its name. `team` is whose it is; without one it is everybody's."""

    title: str = Field(min_length=1, max_length=80)
    texts: dict[Language, Words] = Field(default_factory=dict, max_length=MOST_LANGUAGES)
    deeds: Deeds = Deeds()
    team: str | None = Field(None, max_length=60)
    attachment: Attachment | None = None

    @field_validator("texts", mode="after")
    @classmethod
    def _known_places(cls, texts: dict[str, str]) -> dict[str, str]:
        return {language: _checked(text) for language, text in texts.items()}

    @model_validator(mode="after")
    def _means_something(self) -> Self:
        if not (self.sends or self.deeds.any):
            raise ValueError("words, an attachment or something to do")
        if self.deeds.snooze and (self.sends or self.deeds.status):
            raise ValueError("a snooze alone: a message and a status end it at once")
        if self.attachment and max(map(len, self.texts.values()), default=0) > LONGEST_CAPTION:
            raise ValueError(f"at most {LONGEST_CAPTION} characters beside an attachment")
        return self

    @property
    def sends(self) -> bool:
        """Whether it holds something for the customer."""
        return bool(self.texts or self.attachment)

    def variant(self, language: str) -> tuple[str, str]:
        """(language, words) for a customer's language. Arabic in Latin letters gets Arabic where
        it has no words of its own; a language that is not there, those for all, else the first."""
        for wanted in (language, language.partition("-")[0], ANY):
            if wanted in self.texts:
                return wanted, self.texts[wanted]
        return next(iter(self.texts.items()), ("", ""))


class CannedReply(NewReply):
    name: Name

    @property
    def words(self) -> str:
        """Everything one may look for."""
        return " ".join((self.name, self.title, *self.texts.values(), *self.deeds.tags))


class Values(_Wire):
    """What is known of a conversation, by the names that texts may use."""

    values: dict[str, str]


def _checked(text: str) -> str:
    if strange := unknown(text):
        raise ValueError(complaint(strange))
    return text
