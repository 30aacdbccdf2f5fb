"""Which language the customer speaks, after each of their messages (`docs/design.md` section 8)."""

from wainbox_relay.contract.vocabulary import Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Fact, MessageArrived
from wainbox_relay.domain.model import Scene
from wainbox_relay.domain.outcome import LanguageHeard
from wainbox_relay.domain.rules import language
from wainbox_relay.domain.when.turned import Turned


def understands(turned: Turned, fact: Fact, scene: Scene, _: Moment) -> Turned:
    """A case begins in the language of its first words; later words move it only when it is sure,
    or heard twice."""
    detected = scene.heard
    if detected is None or not isinstance(fact, MessageArrived):
        return turned
    if turned.before is None and detected.told:
        after = replace(turned.after, language=detected.language, language_by=detected.reason)
    else:
        after = language.heard(turned.after, detected)
    if after == turned.after:
        return turned
    if after.language == turned.after.language:
        return turned.to(after)
    line = LanguageHeard(
        language=after.language,
        why=after.language_by,
        percent=round(detected.confidence * 100),
    )
    return turned.to(after, line)
