"""The day that a relay is measured against, as signed HTTP requests made fast.

One customer's text to three statuses. Of the texts, 70 % come from 5,000 people who are busy just
now and slowly change, 2 % from people never seen, the rest from all who ever wrote; in Arabic,
French, English and Arabic in Latin letters.
"""

import hashlib
import hmac
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from wainbox_relay.sandbox.people import ATLAS, Number

WORDS = (
    "السلام عليكم، طلبي ما وصلش لحد دلوقتي",
    "أريد استبدال المقاس من فضلكم، وصلني أصغر مما طلبت",
    "وين صار طلبي؟ صار له أسبوع",
    "شحال كايوصل التوصيل لمراكش؟",
    "ابغى ارجع القطعة لو سمحت",
    "شكرا جزيلا",
    "salam, fin wslat la commande dyali? 3afak",
    "3ayez a3raf el order hayewsal emta",
    "Bonjour, mon colis est arrivé abîmé, que dois-je faire ?",
    "Je voudrais une facture pour ma commande, merci d'avance",
    "Le code promo ne fonctionne pas",
    "Hello, I was charged twice for the same order",
    "Can I change the delivery address? It still says preparing.",
    "Is the blue one back in stock in size 40?",
    "ok merci",
    "👍",
)
STATES = ("sent", "delivered", "read")
_TURN = 40
"""After so many texts one of the busy people gives way to another."""

_TEXT = (
    '{{"value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"{phone}",'
    '"phone_number_id":"{number}"}},"contacts":[{{"profile":{{"name":"Client {who}"}},'
    '"wa_id":"{wa_id}","user_id":"MA.{who:015}"}}],"messages":[{{"from":"{wa_id}",'
    '"from_user_id":"MA.{who:015}","id":"{wamid}","timestamp":"{at}","type":"text",'
    '"text":{{"body":{words}}}}}]}},"field":"messages"}}'
)
_STATUS = (
    '{{"value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"{phone}",'
    '"phone_number_id":"{number}"}},"statuses":[{{"id":"{wamid}","status":"{state}",'
    '"timestamp":"{at}","recipient_id":"{wa_id}","recipient_user_id":"MA.{who:015}",'
    '"pricing":{{"billable":false,"pricing_model":"PMP","type":"free_customer_service",'
    '"category":"service"}}}}]}},"field":"messages"}}'
)


@dataclass(frozen=True, slots=True)
class Workload:
    """Who writes, and about which messages of ours statuses come.

    `sent` holds ids of messages that the relay knows as its own; without them the statuses are
    about messages it has never seen. `at` is the second of the first message.
    """

    number: Number = ATLAS
    at: int = 1_790_000_000
    known: int = 100_000
    moving: int = 5_000
    sent: Sequence[str] = ()
    run: str = "1"
    """Two runs with the same word make the same ids."""

    def changes(self) -> Iterator[str]:
        """One change after another, without end, as JSON."""
        draw = random.Random(self.run)  # noqa: S311 - the same day every time
        words = [json.dumps(text) for text in WORDS]
        account = {"phone": self.number.digits, "number": self.number.id}
        texts = newcomers = 0
        while True:
            chance = draw.random()
            newcomers += chance >= 0.98
            who = self._who(draw, chance, texts, newcomers)
            person = {"who": who, "wa_id": f"2126{who:08}", "at": self.at + texts // 250}
            wamid, ours = f"wamid.in.{self.run}.{texts}", self._ours(texts)
            yield _TEXT.format(wamid=wamid, words=draw.choice(words), **person, **account)
            for state in STATES:
                yield _STATUS.format(wamid=ours, state=state, **person, **account)
            texts += 1

    def _who(self, draw: random.Random, chance: float, texts: int, newcomers: int) -> int:
        if chance >= 0.98:
            return self.known + newcomers
        if chance >= 0.70:
            return draw.randrange(self.known)
        return (draw.randrange(self.moving) + texts // _TURN) % self.known

    def _ours(self, texts: int) -> str:
        return self.sent[texts % len(self.sent)] if self.sent else f"wamid.out.{self.run}.{texts}"

    def bodies(self, batch: int = 1) -> Iterator[bytes]:
        """Whole webhook bodies of so many changes each."""
        head = f'{{"object":"whatsapp_business_account","entry":[{{"id":"{self.number.waba}",'
        changes = self.changes()
        while True:
            yield (head + '"changes":[' + ",".join(islice(changes, batch)) + "]}]}").encode()


def requests(bodies: Iterator[bytes], secret: str, path: str, host: str) -> Iterator[bytes]:
    """Each body as a whole HTTP/1.1 request on a connection that stays."""
    keyed = hmac.new(secret.encode(), digestmod=hashlib.sha256)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        "X-Hub-Signature-256: sha256="
    ).encode()
    for body in bodies:
        mark = keyed.copy()
        mark.update(body)
        tail = f"{mark.hexdigest()}\r\nContent-Length: {len(body)}\r\n\r\n"
        yield head + tail.encode() + body
