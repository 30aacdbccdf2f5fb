"""Mail, ntfy, Telegram, Slack, PagerDuty, SMS and a hundred others: whatever apprise has an address
for (the extra `oncall`)."""

import asyncio

from wainbox_relay.ports import Summons, Unreached


class Service:
    """One address of apprise's, such as `ntfys://topic`; its scheme is the channel's name."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.kind = url.partition(":")[0]

    async def send(self, summons: Summons) -> str:
        try:
            taken = await asyncio.to_thread(_notify, self._url, summons.title, summons.message)
        except Exception as error:
            raise Unreached(type(error).__name__) from error
        if not taken:
            raise Unreached("the service did not take it; try its address with the apprise command")
        return ""


def _notify(url: str, title: str, body: str) -> bool:
    # Takes half a second to import, and many shops never page by it.
    from apprise import Apprise

    caller = Apprise()
    return bool(caller.add(url)) and bool(caller.notify(body=body, title=title))
