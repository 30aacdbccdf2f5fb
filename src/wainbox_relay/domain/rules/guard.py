"""May this still be sent: the window, what others wrote meanwhile, lengths (`docs/design.md`
section 5).

Vendor's page: "Send messages" of the Cloud API for the lengths.
"""

from wainbox_relay.contract.commands import LONGEST_CAPTION, LONGEST_TEXT
from wainbox_relay.contract.content import MEDIA, Audio, Content, TemplateMessage, Text, Voice
from wainbox_relay.contract.problems import Code
from wainbox_relay.contract.vocabulary import AgentId, Delivery, EntryId, Flag, Moment
from wainbox_relay.domain.model import Conversation, Desk, Entry, Failure, Number
from wainbox_relay.domain.outcome import Outcome
from wainbox_relay.domain.rules import language, rating, sentences, service_window
from wainbox_relay.domain.rules.language import Detected
from wainbox_relay.domain.rules.sentences import refused

_SHUT = "The customer last wrote more than 24 hours ago"


def block_refuses(conversation: Conversation | None) -> Outcome | None:
    if conversation is None or Flag.BLOCKED not in conversation.flags:
        return None
    return refused(Code.CONFLICT, "They are blocked; unblock them first, with :unblock.")


def number_refuses(number: Number | None) -> Outcome | None:
    if number is not None and number.claimed:
        return None
    return refused(
        Code.CONFLICT,
        "This number is not in the configuration, so nothing can be sent from it; ask an admin.",
    )


def window_refuses(conversation: Conversation, now: Moment) -> Outcome | None:
    if service_window.is_open(conversation.last_in_at, now):
        return None
    if conversation.last_in_at is None:
        why = "The customer has not written on this number yet"
    else:
        why = _SHUT
    return refused(Code.WINDOW_SHUT, f"{why}, so WhatsApp takes only a template; choose one.")


def content_refuses(content: Content) -> Outcome | None:
    """What WhatsApp would refuse for its form."""
    if isinstance(content, Text):
        return _text_refuses(content.body)
    if not isinstance(content, MEDIA):
        return None
    if not content.file.media_id:
        return refused(
            Code.INVALID,
            "The file has not been uploaded; upload it, then send it by its id.",
            "content",
        )
    if content.caption and isinstance(content, (Audio, Voice)):
        return refused(
            Code.INVALID, "Sound takes no caption; send the words by themselves.", "content"
        )
    return _too_long("caption", content.caption, LONGEST_CAPTION)


def _text_refuses(body: str) -> Outcome | None:
    if not body.strip():
        return refused(Code.INVALID, "There is nothing to send; write something first.", "content")
    return _too_long("message", body, LONGEST_TEXT)


def _too_long(what: str, text: str, most: int) -> Outcome | None:
    if len(text) <= most:
        return None
    message = (
        f"The {what} has {len(text)} characters and WhatsApp takes {most}; shorten or split it."
    )
    return refused(Code.TOO_LARGE, message, "content")


def others_wrote(
    conversation: Conversation, desk: Desk, agent: AgentId, seen: EntryId | None
) -> Outcome | None:
    """Refuses when somebody wrote after the newest entry the agent had on screen. Who names none
    asks for no check."""
    if seen is None:
        return None
    if _colleague_after(conversation, agent, seen):
        who = sentences.name(desk, conversation.last_out_by)
        message = f"{who} has written meanwhile; read it, then send yours anyway or change it."
        return refused(Code.NEWER_MESSAGE, message, "seen", entry=conversation.last_out)
    if _customer_after(conversation, seen):
        message = (
            "The customer has written meanwhile; read it, then send yours anyway or change it."
        )
        return refused(Code.NEWER_MESSAGE, message, "seen", entry=conversation.last_in)
    return None


def metas_agent_has_it(conversation: Conversation) -> Outcome | None:
    """Says once that a reply takes a chat over which Meta's own agent holds."""
    if Flag.STANDBY not in conversation.flags:
        return None
    message = "Meta's agent has this chat and your reply takes it over; send it anyway to do so."
    return refused(Code.NEWER_MESSAGE, message, "anyway")


def stopped_at_release(
    conversation: Conversation, desk: Desk, entry: Entry, now: Moment
) -> tuple[Delivery, Failure] | None:
    """Looks again when a message is about to leave: a held one goes back to its author if somebody
    wrote while it was held, an automatic one gives way to a person's, and none goes out through a
    shut window."""
    if not isinstance(entry.content, TemplateMessage) and not service_window.is_open(
        conversation.last_in_at, now
    ):
        return Delivery.FAILED, Failure(0, _SHUT, "Send an approved template instead.")
    if entry.delivery is not Delivery.HELD and not entry.auto:
        return None
    again = "Read it, then send yours anyway or change it."
    if entry.auto == rating.AUTO and not conversation.resolved:
        return Delivery.WITHDRAWN, Failure(0, "The case was open again before it left", again)
    if _colleague_after(conversation, entry.author, entry.id):
        who = sentences.name(desk, conversation.last_out_by)
        return Delivery.WITHDRAWN, Failure(0, f"{who} wrote while this was held", again)
    if not entry.auto and _customer_after(conversation, entry.id):
        return Delivery.WITHDRAWN, Failure(0, "The customer wrote while this was held", again)
    return None


def _colleague_after(conversation: Conversation, author: str, entry: EntryId) -> bool:
    last = conversation.last_out
    return last is not None and last > entry and conversation.last_out_by != author


def _customer_after(conversation: Conversation, entry: EntryId) -> bool:
    return conversation.last_in is not None and conversation.last_in > entry


def language_refuses(conversation: Conversation, ours: Detected) -> Outcome | None:
    """Asks once when a reply is surely in another language than the customer's."""
    asks = language.mismatch(ours, conversation)
    return refused(Code.OTHER_LANGUAGE, asks, "any_language") if asks else None
