"""The API described for machines, made when first asked for."""

from typing import Any

from fastapi import FastAPI
from starlette.routing import compile_path


def description(app: FastAPI) -> dict[str, Any]:
    """OpenAPI. A tag that tells classes apart has a default in Python; on the wire it must be
    there."""
    if app.openapi_schema is None:
        for schema in app.openapi()["components"]["schemas"].values():
            tags = {name for name, of in schema.get("properties", {}).items() if "const" in of}
            if tags:
                schema["required"] = sorted({*schema.get("required", ()), *tags})
    return app.openapi()


def allow(app: FastAPI, address: str) -> dict[str, str]:
    """The Allow header of an address: all its methods. The router knows those of one route."""
    for path, methods in description(app)["paths"].items():
        if compile_path(path)[0].match(address):
            return {"Allow": ", ".join(sorted(method.upper() for method in methods))}
    return {}
