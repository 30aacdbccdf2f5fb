"""What a message can hold, in and out. Every class gives a one-line `preview()`.

Text in here is as the customer or colleague wrote it: it is cleaned when a view is made.
Vendor's page: Cloud API webhooks reference, "messages".
"""

from typing import Annotated, Literal

from wainbox_relay.contract.models import BaseModel, ConfigDict, Field, TypeAdapter
from wainbox_relay.contract.vocabulary import Kind


class _Content(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Text(_Content):
    kind: Literal[Kind.TEXT] = Kind.TEXT
    body: str

    def preview(self) -> str:
        return self.body


class MediaFile(BaseModel):
    """A file WhatsApp keeps for us. `media_id` is empty when WhatsApp gave none; `size` is in
    bytes and None until known; `sha256` is as WhatsApp wrote it (base64 or hex)."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    media_id: str = ""
    mime: str = ""
    sha256: str = ""
    name: str = ""
    size: int | None = None
    url: str = ""


class _Media(_Content):
    file: MediaFile
    caption: str = ""

    def preview(self) -> str:
        return self.caption or self.file.name


class Image(_Media):
    kind: Literal[Kind.IMAGE] = Kind.IMAGE


class Video(_Media):
    kind: Literal[Kind.VIDEO] = Kind.VIDEO


class Audio(_Media):
    kind: Literal[Kind.AUDIO] = Kind.AUDIO


class Voice(_Media):
    kind: Literal[Kind.VOICE] = Kind.VOICE


class Document(_Media):
    kind: Literal[Kind.DOCUMENT] = Kind.DOCUMENT


class Sticker(_Media):
    kind: Literal[Kind.STICKER] = Kind.STICKER
    animated: bool = False


class Location(_Content):
    kind: Literal[Kind.LOCATION] = Kind.LOCATION
    latitude: float
    longitude: float
    name: str = ""
    address: str = ""

    def preview(self) -> str:
        return self.name or self.address or f"{self.latitude:.5f}, {self.longitude:.5f}"


class ContactCard(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    name: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


class Contacts(_Content):
    kind: Literal[Kind.CONTACTS] = Kind.CONTACTS
    cards: tuple[ContactCard, ...] = ()

    def preview(self) -> str:
        return ", ".join(card.name or " ".join(card.phones) for card in self.cards)


class Answer(_Content):
    """A tapped reply button, list row or template button; `id` is what we gave the choice."""

    kind: Literal[Kind.ANSWER] = Kind.ANSWER
    id: str = ""
    title: str = ""
    description: str = ""

    def preview(self) -> str:
        return self.title or self.id


class Flow(_Content):
    """A completed form. `fields` are flat name and value pairs; `raw` is what came when it was no
    JSON object."""

    kind: Literal[Kind.FLOW] = Kind.FLOW
    name: str = ""
    body: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    raw: str = ""

    def preview(self) -> str:
        return self.body or self.name or self.raw


class OrderItem(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    product: str = ""
    quantity: float = 0
    price: float = 0
    currency: str = ""


class Order(_Content):
    kind: Literal[Kind.ORDER] = Kind.ORDER
    catalog: str = ""
    text: str = ""
    items: tuple[OrderItem, ...] = ()

    def preview(self) -> str:
        return self.text or ", ".join(f"{item.quantity:g} x {item.product}" for item in self.items)


class Call(_Content):
    """A call or a step of one; `event` in WhatsApp's word (connect, terminate...)."""

    kind: Literal[Kind.CALL] = Kind.CALL
    event: str = ""
    inbound: bool = True
    seconds: int | None = None

    def preview(self) -> str:
        if self.seconds:
            return f"lasted {self.seconds // 60}:{self.seconds % 60:02d}"
        return "missed" if self.event == "terminate" else "called"


class System(_Content):
    """WhatsApp's own line about a customer: a changed number or id, a first opening of the chat,
    a group's change. `what` is WhatsApp's word for it; `owner` its word for who holds the chat from
    now on, empty where the line is about something else."""

    kind: Literal[Kind.SYSTEM] = Kind.SYSTEM
    what: str
    body: str = ""
    owner: str = ""

    def preview(self) -> str:
        return self.body or self.what


class Unsupported(_Content):
    """Something we or WhatsApp cannot show: `type` is WhatsApp's name, `detail` its explanation."""

    kind: Literal[Kind.UNSUPPORTED] = Kind.UNSUPPORTED
    type: str = ""
    detail: str = ""
    code: int | None = None

    def preview(self) -> str:
        return self.type or self.detail


class TemplateHeader(BaseModel):
    """What fills a template's header: words, or the `media_id` of a file. `name` is what the
    template calls its place, if anything."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    kind: Literal["text", "image", "video", "document"] = "text"
    value: str
    name: str = ""


class TemplateFill(BaseModel):
    """What fills a template's button, by its place from 0: the end of a link's address, or the
    code to copy."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    index: int
    kind: Literal["url", "copy_code"] = "url"
    value: str


class TemplateMessage(_Content):
    """A template we sent. `variables` fill the body in order (or by name when `named`); `text` is
    the body as the customer reads it, when known."""

    kind: Literal[Kind.TEMPLATE] = Kind.TEMPLATE
    name: str
    language: str
    variables: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    header: TemplateHeader | None = None
    buttons: tuple[TemplateFill, ...] = ()
    text: str = ""

    def preview(self) -> str:
        return self.text or self.name


class Choice(BaseModel):
    """One thing a customer can tap; `id` comes back in their `Answer`."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    id: str
    title: str
    description: str = ""


class Menu(_Content):
    """A question of ours with choices to tap: reply buttons, or with `opens` (the word on its
    button) a list."""

    kind: Literal[Kind.MENU] = Kind.MENU
    body: str
    choices: tuple[Choice, ...]
    opens: str = ""

    def preview(self) -> str:
        return self.body


class Note(_Content):
    """Words for the team only. `mentions` are agents' handles."""

    kind: Literal[Kind.NOTE] = Kind.NOTE
    body: str
    mentions: tuple[str, ...] = ()

    def preview(self) -> str:
        return self.body


Content = Annotated[
    Text
    | Image
    | Video
    | Audio
    | Voice
    | Document
    | Sticker
    | Location
    | Contacts
    | Answer
    | Flow
    | Order
    | Call
    | System
    | Unsupported
    | TemplateMessage
    | Menu
    | Note,
    Field(discriminator="kind"),
]
CONTENT: TypeAdapter[Content] = TypeAdapter(Content)

MEDIA = (Image, Video, Audio, Voice, Document, Sticker)
"""The kinds that carry a file."""
