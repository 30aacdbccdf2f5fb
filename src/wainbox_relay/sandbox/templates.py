"""Message templates and what may be filled into them. Vendor's page: "Templates, components"."""

import re
from dataclasses import dataclass
from typing import Any

from wainbox_relay.sandbox.errors import GraphError

Object = dict[str, Any]

_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_REFUSED = {"PAUSED": 132015, "DISABLED": 132016}


@dataclass(slots=True)
class Template:
    """One language of a template. Places are numbered, or named throughout. A header is words, or
    a file where `header_format` says so; `link` is a button's words and address."""

    name: str
    language: str
    body: str
    header: str = ""
    header_format: str = "TEXT"
    footer: str = ""
    buttons: tuple[str, ...] = ()
    link: tuple[str, str] | None = None
    category: str = "UTILITY"
    status: str = "APPROVED"
    waba: str = "500000000000001"

    @property
    def id(self) -> str:
        return str(int.from_bytes(f"{self.name} {self.language}".encode(), "big") % 10**15)

    @property
    def named(self) -> bool:
        return any(not place.isdigit() for place in _places(self.body) + _places(self.header))

    def check(self, components: list[Object]) -> None:
        """Raises where what is filled in does not fit the places."""
        given = {str(part.get("type", "")).lower(): part for part in components}
        for kind, text in (("header", self.header), ("body", self.body)):
            if kind == "header" and self.header_format != "TEXT":
                self._fits_file(given.get(kind, {}).get("parameters", []))
            else:
                self._fits(_places(text), given.get(kind, {}).get("parameters", []), kind)
        self._fits_link(given.get("button", {}))

    def _fits_file(self, parameters: list[Object]) -> None:
        kind = self.header_format.lower()
        if [part.get("type") for part in parameters] != [kind] or not parameters[0].get(kind):
            raise GraphError(132012, f"header: Format mismatch, expected {self.header_format}.")

    def _fits_link(self, button: Object) -> None:
        at = str(len(self.buttons))
        wanted = bool(self.link and _places(self.link[1]))
        place = (button.get("sub_type"), str(button.get("index"))) if button else None
        if place != (("url", at) if wanted else None):
            raise GraphError(131008, f"buttons: Button at index {at} of type Url is not filled in.")
        if wanted and not all(part.get("text") for part in button.get("parameters", [{}])):
            raise GraphError(131008, "buttons: a text parameter needs text.")

    def _fits(self, places: list[str], parameters: list[Object], kind: str) -> None:
        if len(parameters) != len(places):
            found = f"{kind}: number of localizable_params ({len(parameters)})"
            raise GraphError(132000, f"{found} does not match the expected ({len(places)}).")
        if any(part.get("type") == "text" and not part.get("text") for part in parameters):
            raise GraphError(131008, f"{kind}: a text parameter needs text.")
        if self.named and {part.get("parameter_name") for part in parameters} != set(places):
            raise GraphError(132012, f"{kind}: parameter_name must be one of {places}.")

    def shape(self) -> Object:
        """As the list of templates shows it."""
        parts: list[Object] = []
        if self.header_format != "TEXT":
            parts.append({"type": "HEADER", "format": self.header_format})
        elif self.header:
            parts.append({"type": "HEADER", "format": "TEXT", "text": self.header})
        parts.append({"type": "BODY", "text": self.body})
        if self.footer:
            parts.append({"type": "FOOTER", "text": self.footer})
        buttons: list[Object] = [{"type": "QUICK_REPLY", "text": text} for text in self.buttons]
        if self.link:
            buttons.append({"type": "URL", "text": self.link[0], "url": self.link[1]})
        if buttons:
            parts.append({"type": "BUTTONS", "buttons": buttons})
        return {
            "id": self.id,
            "name": self.name,
            "language": self.language,
            "status": self.status,
            "category": self.category,
            "parameter_format": "NAMED" if self.named else "POSITIONAL",
            "components": parts,
        }


def find(templates: list[Template], waba: str, name: str, language: str) -> Template:
    """The template that may be sent. Its language must be exactly the one asked for."""
    for template in templates:
        if (template.waba, template.name, template.language) == (waba, name, language):
            if template.status == "APPROVED":
                return template
            raise GraphError(_REFUSED.get(template.status, 132001), f"It is {template.status}.")
    raise GraphError(132001, f"template name ({name}) does not exist in {language}")


def _places(text: str) -> list[str]:
    return list(dict.fromkeys(_PLACE.findall(text)))
