"""What the relay takes at most, how long it keeps things, and its delays."""

from typing import Annotated

from pydantic import Field

from wainbox_relay.sections.base import Amount, Positive, Section


class LimitsSection(Section):
    """What the relay takes at most."""

    webhook_bytes: Annotated[int, Field(ge=1024)] = Field(
        4 * 1024 * 1024, description="Largest webhook body; WhatsApp sends up to 3 MB."
    )
    upload_bytes: Annotated[int, Field(ge=1024)] = Field(
        100 * 1024 * 1024, description="Largest file an agent can send."
    )
    download_bytes: Annotated[int, Field(ge=1024)] = Field(
        100 * 1024 * 1024, description="Largest file taken from a customer."
    )
    webhook_connections: Annotated[int, Field(ge=1)] = Field(
        1024, description="Open connections on webhook.listen."
    )
    api_connections: Annotated[int, Field(ge=1)] = Field(
        512, description="Open connections on api.listen."
    )
    address_connections: Annotated[int, Field(ge=1)] = Field(
        256, description="Open connections from one address (a trusted proxy may have all)."
    )
    logins_per_minute: Annotated[int, Field(ge=1)] = Field(
        10, description="Wrong tokens from one address in a minute before it must wait."
    )
    number_per_second: Positive = Field(
        80, description="Messages one of our numbers may send in a second."
    )
    pair_seconds: Amount = Field(
        6, description="WhatsApp's pace for one customer: one message in so many seconds."
    )
    pair_burst: Annotated[int, Field(ge=1)] = Field(
        45, description="Messages one customer may be sent at once, on credit."
    )


class RetentionSection(Section):
    """How long things are kept."""

    journal_days: Positive = Field(
        90, description="Webhook bodies as they came; replay reaches back as far."
    )
    events_hours: Positive = Field(
        72, description="Events for terminals that were away; older ones start over."
    )
    answers_hours: Positive = Field(
        24, description="Answers to commands, so that a repeated one is harmless."
    )


class TimingSection(Section):
    """Delays in seconds. The defaults are right; tests make them short."""

    header: Amount = Field(10, description="A connection's time to finish a request's header.")
    body: Amount = Field(20, description="A webhook's time to finish its body.")
    stop: Amount = Field(5, description="Time to finish what is under way when stopping.")
    slice: Amount = Field(0.045, description="Time events are gathered before they are sent.")
    beat: Positive = Field(5, description="Between two beats of a stream.")
    counts: Amount = Field(0.5, description="Between two sets of counts for terminals.")
    presence: Positive = Field(
        45, description="Time an agent stays present after their terminal last spoke."
    )
    graph: Positive = Field(30, description="Time for the Cloud API to answer a request.")
    media: Positive = Field(300, description="Time for one file to come or go.")
    unconfirmed: Amount = Field(
        20, description="Time an unconfirmed message holds back the next one to its customer."
    )
    retry_scale: Amount = Field(1, description="Factor for every wait before another try.")
    sweep: Positive = Field(
        600, description="Between two rounds of removing what retention has let go."
    )
