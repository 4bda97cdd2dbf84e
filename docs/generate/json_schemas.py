"""Writes `docs/json/COMMAND.json`: the JSON Schema of what each command prints with `--json`, an error among it.

A schema is made from the type that the command builds: mypy keeps the two together, so that neither is a copy.
"""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from dialer.cli.check import PreviewJson
from dialer.cli.failures import FailureJson
from dialer.cli.json_output import JSON_VERSION
from dialer.cli.man import ManJson
from dialer.cli.migrate import MigrateJson
from dialer.cli.nightly import FilesJson, UnitsJson
from dialer.cli.report import ReportJson
from dialer.cli.results import ResultsJson
from dialer.cli.rules import FaultsJson, RulesJson
from dialer.cli.schema import SchemaJson
from dialer.cli.webhooks import ListeningJson
from dialer.cli.worker import WorkerJson
from dialer.exit_codes import EXIT_CODES
from dialer.fleet.listing import EnqueuedJson, JobsJson
from dialer.fleet.morning import MorningJson
from dialer.jobs.check import CheckJson
from dialer.jobs.doctor import DoctorJson
from dialer.jobs.drafting.drafted import DraftedJson
from dialer.jobs.planning.summary import PlanJson
from dialer.jobs.purge import PurgeJson
from dialer.jobs.reconcile import ReconcileJson
from dialer.jobs.sending.control import ControlJson
from dialer.jobs.sending.summary import RunJson
from dialer.jobs.status import StatusJson
from dialer.jobs.suppress import EntriesJson, LookedUpJson, SuppressJson
from dialer.jobs.sync import SyncJson
from dialer.nightly.folder import NightlyJson
from docs.generate.pages import ROOT

FOLDER = ROOT / "docs" / "json"

DRAFT = "https://json-schema.org/draft/2020-12/schema"

OBJECTS: dict[str, tuple[Any, ...]] = {
    "check": (CheckJson, PreviewJson),
    "doctor": (DoctorJson,),
    "init": (DraftedJson,),
    "jobs": (JobsJson, MorningJson),
    "man": (ManJson,),
    "migrate": (MigrateJson,),
    "nightly": (NightlyJson, FilesJson, UnitsJson, EnqueuedJson),
    "pause": (ControlJson,),
    "plan": (PlanJson,),
    "purge": (PurgeJson,),
    "reconcile": (ReconcileJson,),
    "report": (ReportJson,),
    "results": (ResultsJson,),
    "resume": (ControlJson,),
    "retry": (RunJson,),
    "rules": (RulesJson, FaultsJson),
    "run": (RunJson, EnqueuedJson),
    "sandbox": (ListeningJson,),
    "schema": (SchemaJson,),
    "status": (StatusJson,),
    "stop": (ControlJson,),
    "suppress-add": (SuppressJson,),
    "suppress-check": (LookedUpJson,),
    "suppress-import": (SuppressJson,),
    "suppress-list": (EntriesJson,),
    "suppress-remove": (SuppressJson,),
    "sync": (SyncJson,),
    "test-call": (RunJson,),
    "webhooks-serve": (ListeningJson,),
    "worker": (WorkerJson,),
}
"""What each command prints where it ends well: one of these, by its options."""


class _Closed(GenerateJsonSchema):
    """Schemas without titles made of field names, in which an object has the keys that are named and no others."""

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        return super().typed_dict_schema(schema) | {"additionalProperties": False}

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: FBT001 - the library's shape
        del field, total
        return True  # also where the program knows a default: what is printed is whole

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema
        return False


def schema_of(command: str) -> dict[str, Any]:
    """Return the schema of what *command* prints, a command of a group as `suppress-add`."""
    definitions: dict[str, Any] = {}
    ways = [_printed(kind, definitions) for kind in (*OBJECTS[command], FailureJson)]
    title = f"What `dialer {command.replace('-', ' ') if command.startswith('suppress') else command} --json` prints"
    return {"$schema": DRAFT, "title": title, "oneOf": ways, "$defs": dict(sorted(definitions.items()))}


def schema_files() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each file in `docs/json`."""
    for command in OBJECTS:
        yield f"{command}.json", json.dumps(schema_of(command), indent=2, ensure_ascii=False) + "\n"


def write_schemas() -> Iterator[str]:
    """Write the files that are not up to date, and take away those of no command; yield their names."""
    files = dict(schema_files())
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.json"):
        if path.name not in files:
            path.unlink()
            yield path.name
    for name, text in files.items():
        path = FOLDER / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            yield name


def _printed(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object of *kind* as it is printed, with its version; what it refers to is added."""
    schema = TypeAdapter(kind).json_schema(mode="serialization", schema_generator=_Closed)
    definitions |= schema.pop("$defs", {})
    properties = {"schema_version": {"const": JSON_VERSION}} | schema["properties"]
    if kind is not ListeningJson:  # its command goes on
        properties |= {"exit_code": {"enum": sorted(EXIT_CODES)}}
    return schema | {"properties": properties, "required": list(properties)}
