"""The settings in force, and WhatsApp as they describe it; a reload renews both."""

from wainbox_relay.config import Settings
from wainbox_relay.media import MediaFolder
from wainbox_relay.store.files import MEDIA_FOLDER
from wainbox_relay.whatsapp.client import Client, Line
from wainbox_relay.whatsapp.cloud_api import CloudApi
from wainbox_relay.whatsapp.read import UNNAMED, Reader
from wainbox_relay.whatsapp.signature import Signatures


class InForce:
    """Hand `token`, `verify_token` and `signatures` on as they are: they follow a renewal."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.signatures = Signatures(settings.webhook.secrets)

    def renew(self, settings: Settings) -> None:
        self.settings = settings
        self.signatures.renew(settings.webhook.secrets)

    def token(self) -> str:
        return self.settings.graph.token.get_secret_value()

    def verify_token(self) -> str:
        return self.settings.webhook.verify_token.get_secret_value()

    def whatsapp(self) -> CloudApi:
        """The way to WhatsApp; close it after use."""
        settings = self.settings
        portfolios = {each.id: each.portfolio for each in settings.numbers if each.portfolio}
        alone = settings.numbers[0].id if len(settings.numbers) == 1 else UNNAMED
        return CloudApi(
            Client(self._line()),
            self.signatures,
            MediaFolder(settings.relay.data_dir / MEDIA_FOLDER),
            Reader(alone, portfolios),
            settings.limits.download_bytes,
        )

    def _line(self) -> Line:
        graph, timing = self.settings.graph, self.settings.timing
        return Line(
            url=graph.url,
            version=graph.version,
            token=self.token,
            media_hosts=graph.media_hosts,
            connect_within=min(timing.graph, 10),
            answer_within=timing.graph,
            media_within=timing.media,
        )
