"""A WhatsApp template to the agent's own phone, with the page as its one variable. Outside the
reply window nothing else gets through (Cloud API, "message templates")."""

from wainbox_relay.contract.content import TemplateMessage
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
        outgoing = Outgoing(
            number=self._number,
            phone=self._phone,
            user_id="",
            group="",
            content=content,
            opaque="page",
        )
        try:
            return (await self._whatsapp.send(outgoing)).wamid
        except (Refused, TryLater) as error:
            raise Unreached(error.failure.reason) from error
        except Unsure as error:
            raise Unreached("nobody knows whether it was sent") from error
