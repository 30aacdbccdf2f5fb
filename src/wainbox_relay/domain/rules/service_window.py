"""The 24 hours after the customer's newest message in which WhatsApp lets free text through.

Counted from WhatsApp's timestamp, so a message that reached us late gives no fresh hours
(`docs/design.md` section 5).
"""

from wainbox_relay.contract.vocabulary import DAY, Moment

LENGTH = DAY


def closes_at(last_in_at: Moment | None) -> Moment | None:
    """None when the customer never wrote on this number: the window was never open."""
    return None if last_in_at is None else Moment(last_in_at + LENGTH)


def is_open(last_in_at: Moment | None, now: Moment) -> bool:
    return last_in_at is not None and now < last_in_at + LENGTH
