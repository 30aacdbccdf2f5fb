"""WhatsApp messages to an agent's own phone: a template with the page as its one variable, since
outside the reply window nothing else gets through (Cloud API, "message templates"), and plain words
to who has just written."""

from wainbox_relay.contract.content import Content, TemplateMessage
from wainbox_relay.contract.vocabulary import NumberId
from wainbox_relay.ports import (
    Outgoing,
    Refused,
    Summons,
    TryLater,
    Unreached,
    Unsure,
    WhatsApp,
)


class Template:
    kind = "whatsapp"

    def __init__(
        self, whatsapp: WhatsApp, number: NumberId, phone: str, template: TemplateMessage
    ) -> None:
        self._whatsapp = whatsapp
        self._number = number
        self._phone = phone
        self._template = template

    async def send(self, summons: Summons) -> str:
        content = self._template.model_copy(update={"variables": (summons.text,)})
        return await sent(self._whatsapp, self._number, self._phone, content)


async def sent(whatsapp: WhatsApp, number: NumberId, phone: str, content: Content) -> str:
    """The message's wamid. Raises `Unreached`."""
    outgoing = Outgoing(
        number=number, phone=phone, user_id="", group="", content=content, opaque="page"
    )
    try:
        return (await whatsapp.send(outgoing)).wamid
    except (Refused, TryLater) as error:
        raise Unreached(error.failure.reason) from error
    except Unsure as error:
        raise Unreached("nobody knows whether it was sent") from error
