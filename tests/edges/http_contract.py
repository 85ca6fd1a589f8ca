"""Holds answers against `openapi.json`: what is answered there is described there."""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

DOCUMENT: Final[dict[str, Any]] = json.loads(
    (files("wyoming_indextts.edges.http") / "openapi.json").read_text("utf-8")
)

_WHERE: Final = "openapi.json"

_REGISTRY: Final = Registry[Any]().with_resource(_WHERE, DRAFT202012.create_resource(DOCUMENT))

JSON: Final = "application/json"

SEEN: Final[set[tuple[str, int]]] = set()
"""Operations and the statuses that were answered, in this run."""


def described(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    """Return the described path that `path` is one of, and its operation."""
    for template in sorted(DOCUMENT["paths"], key=lambda path: path.count("{")):
        name = re.escape(template).replace(r"\{", "{").replace(r"\}", "}")
        each = ".+" if template == "/page/{path}" else "[^/]+"
        if re.fullmatch(re.sub("{[^}]*}", each, name), path):
            operation = DOCUMENT["paths"][template].get(method.lower())
            if operation:
                return template, operation
    return None


def check(
    method: str, path: str, status: int, headers: Mapping[str, str], body: bytes | None
) -> None:
    """Fail unless such an answer is described; one of what is not there at all is nobody's.

    `body` None: it was not read.
    """
    found = described(method, path)
    if found is None:
        assert status in {400, 403, 404, 405}, f"{method} {path} is not in openapi.json"
        return
    template, operation = found
    pointer: tuple[str, ...] = ("paths", template, method.lower(), "responses", str(status))
    answer = operation["responses"].get(str(status))
    assert answer is not None, (
        f"{operation['operationId']} ({method} {template}) answered {status}; add it to its"
        " responses in wyoming_indextts/edges/http/openapi.json"
    )
    SEEN.add((operation["operationId"], status))
    if "$ref" in answer:
        pointer = tuple(answer["$ref"].split("/")[1:])
        answer = DOCUMENT["components"]["responses"][pointer[-1]]
    for name in answer.get("headers", {}):
        _check_header(name, answer["headers"][name], headers)
    if "content" not in answer or body is None:
        return
    kind = headers.get("Content-Type", "").partition(";")[0]
    assert kind in answer["content"], f"{operation['operationId']} {status} answered {kind}"
    if kind == JSON and answer["content"][kind]:
        _validator(*pointer, "content", kind, "schema").validate(json.loads(body))


def _check_header(name: str, told: dict[str, Any], headers: Mapping[str, str]) -> None:
    if "$ref" in told:
        told = DOCUMENT["components"]["headers"][told["$ref"].rpartition("/")[2]]
    if told.get("required"):
        assert name in headers, f"{name} is not answered"
        Draft202012Validator(told["schema"]).validate(headers[name])


@cache
def _validator(*pointer: str) -> Draft202012Validator:
    steps = "/".join(step.replace("~", "~0").replace("/", "~1") for step in pointer)
    schema = {"$ref": f"{_WHERE}#/{steps}"}
    return Draft202012Validator(schema, registry=_REGISTRY, format_checker=FormatChecker())


def accepts(schema: str, value: object) -> bool:
    """Return whether a value is one of a described kind."""
    return bool(_validator("components", "schemas", schema).is_valid(value))
