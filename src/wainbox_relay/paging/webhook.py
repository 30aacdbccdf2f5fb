"""A page as JSON, posted to any address."""

import httpx

from wainbox_relay.ports import Summons, Unreached

ANSWER_WITHIN = 10.0


class Webhook:
    """Taken when the other side answers with a 2xx; redirects are not followed."""

    kind = "webhook"

    def __init__(self, url: str) -> None:
        self._url = url

    async def send(self, summons: Summons) -> str:
        body = {
            "ref": summons.ref,
            "topic": summons.topic,
            "waiting_seconds": summons.waiting,
            "text": summons.text,
        }
        try:
            async with httpx.AsyncClient(timeout=ANSWER_WITHIN, trust_env=False) as client:
                answer = await client.post(self._url, json=body)
        except httpx.HTTPError as error:
            raise Unreached(type(error).__name__) from error
        if not answer.is_success:
            raise Unreached(f"it answered with {answer.status_code}")
        return ""
