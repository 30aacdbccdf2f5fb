"""What WhatsApp says of a template, as the team reads it."""

import pytest

from wainbox_relay.contract.views import Template, TemplateButton
from wainbox_relay.whatsapp.templates import template


def found(*components: dict, **more: object) -> dict:
    told = {"name": "a", "language": "ar", "status": "APPROVED", "category": "UTILITY"}
    return {**told, "components": list(components), **more}


BODY = {"type": "BODY", "text": "{{1}} {{2}} {{1}}"}


def test_every_part_is_read():
    """Header, body, footer and buttons; a button wants a value where its address has a place."""
    buttons = [
        {"type": "QUICK_REPLY", "text": "نعم"},
        {"type": "URL", "text": "Suivre", "url": "https://x.example/{{1}}"},
        {"type": "URL", "text": "Site", "url": "https://x.example/"},
        {"type": "COPY_CODE", "text": "Copy", "example": "SAVE10"},
    ]
    told = found(
        {"type": "HEADER", "format": "TEXT", "text": "طلب {{1}}"},
        {"type": "BODY", "text": "مرحبا {{first_name}} {{order}}"},
        {"type": "FOOTER", "text": "Atlas"},
        {"type": "BUTTONS", "buttons": buttons},
        status="PAUSED",
    )
    assert template(told) == Template(
        name="a",
        language="ar",
        category="UTILITY",
        status="PAUSED",
        body="مرحبا {{first_name}} {{order}}",
        variables=2,
        names=("first_name", "order"),
        header="طلب {{1}}",
        header_kind="text",
        footer="Atlas",
        buttons=(
            TemplateButton(kind="quick_reply", text="نعم"),
            TemplateButton(kind="url", text="Suivre", url="https://x.example/{{1}}", wants=True),
            TemplateButton(kind="url", text="Site", url="https://x.example/"),
            TemplateButton(kind="copy_code", text="Copy", wants=True),
        ),
    )


def test_a_place_that_comes_twice_wants_one_value():
    """Numbered places have no names."""
    read = template(found(BODY))
    assert (read.variables, read.names, read.header_kind, read.unfit) == (2, (), "", "")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (found(BODY, {"type": "CAROUSEL", "cards": []}), "carousel"),
        (found(BODY, {"type": "HEADER", "format": "LOCATION"}), "location"),
        (found(BODY, category="AUTHENTICATION"), "one-time"),
    ],
)
def test_what_wainbox_cannot_fill_is_said(told, why):
    """It is shown with the reason instead of being sent half empty."""
    assert why in template(told).unfit


def test_a_hostile_template_is_only_text():
    """What a shop wrote at Meta acts on no screen; half of what is expected is enough."""
    read = template({"name": "a\x1b[2J", "components": [{"type": "BODY", "text": "\u202eevil"}]})
    assert (read.name, read.body, read.status) == ("a[2J", "evil", "")
