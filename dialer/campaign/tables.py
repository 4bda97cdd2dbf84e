"""The tables of a campaign file: one model for each, with its keys, defaults and bounds."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from dialer.campaign.address import DATABASES, Address, may_be_database, read_source, scheme_of
from dialer.campaign.values import (
    CAMPAIGN,
    Cap,
    folded_word,
    parse_cap,
    parse_duration,
    parse_excluded,
    parse_path,
    parse_regions,
    parse_worksheet,
)
from dialer.campaign.where import checked_where, columns_of

CallCap = Annotated[Cap, BeforeValidator(parse_cap, json_schema_input_type=str)]
Source = Annotated[Path | Address, BeforeValidator(read_source, json_schema_input_type=str)]
FilePath = Annotated[Path, BeforeValidator(parse_path, json_schema_input_type=Path)]
Region = Annotated[str, BeforeValidator(parse_regions)]
Text = Annotated[str, Field(min_length=1)]
Excluded = Annotated[Text, AfterValidator(parse_excluded)]
Where = Annotated[Text, AfterValidator(checked_where)]

# After the bounds, so that these speak of days and not of Python.
DURATION = BeforeValidator(parse_duration, json_schema_input_type=str)


class CampaignTable(BaseModel):
    """A table whose keys are all known and whose values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


def _headers(value: Any) -> Any:
    return (value,) if isinstance(value, str) else _words(value)


def _words(value: Any) -> Any:
    folded = [folded_word(str(each)) for each in value] if isinstance(value, list) else []
    if len(set(folded)) < len(folded):
        raise ValueError("names one of them twice. Name each once")
    return value


Headers = Annotated[
    tuple[Text, ...], Field(min_length=1), BeforeValidator(_headers, json_schema_input_type=str | tuple[Text, ...])
]


class Columns(CampaignTable):
    """`[contacts.columns]`: headers of the sheet; one left out is matched by the known aliases.

    `name` may be several headers, joined by a space; `phone` several, of which the first with a number that may be
    called counts; `consent_revoked` several, each of which counts. `ignore` are headers that say who wants, or
    wants no, messages of another kind, such as e-mails: any other such header must be `consent` or its like, or one of
    `consent_revoked`. `email = ""` leaves the column of addresses out. The last five hold what the row's call has in
    place of what `[call]` says; they are never matched by an alias.
    """

    name: Headers | None = None
    phone: Headers | None = None
    email: str | None = None
    timezone: Text | None = None
    state: Text | None = None
    postal_code: Text | None = None
    country: Text | None = None
    consent: Text | None = None
    consent_at: Text | None = None
    consent_by: Text | None = None
    consent_wording: Text | None = None
    consent_revoked: Headers | None = None
    not_before: Text | None = None
    not_after: Text | None = None
    call_at: Text | None = None
    ignore: Annotated[tuple[Text, ...], BeforeValidator(_headers, json_schema_input_type=str | tuple[Text, ...])] = ()
    call_template_id: Text | None = None
    phone_number_id: Text | None = None
    from_phone_number: Text | None = None
    telephony_provider: Text | None = None
    record: Text | None = None


class Variable(CampaignTable):
    """One entry of `[contacts.variables]`: a prompt variable and the column it is read from.

    An empty cell takes *default*; a *required* variable that is still empty rejects the row.
    """

    column: Text
    required: bool = False
    default: str = ""


def _of_column(value: Any) -> Any:
    if not isinstance(value, (str, dict, CampaignTable)):
        raise ValueError('write the header of its column in quotes, or { column = "..." } with more keys')  # noqa: TRY004 - pydantic collects ValueErrors only
    return {"column": value} if isinstance(value, str) else value


class Priority(CampaignTable):
    """The column that says who is called first: by its numbers, the largest first, or by its words in their *order*."""

    column: Text
    order: Annotated[tuple[Text, ...], BeforeValidator(_words)] = ()


class Contacts(CampaignTable):
    """`[contacts]`: the sheet and how it is read.

    A cell that holds no usable e-mail address leaves its row without one, unless *email* is `"required"`. `query` or
    `query_file` is what a database is asked. `allow` lets the sheet be read without TLS, and from a private network.
    """

    file: Source | None = None
    query: Text | None = None
    query_file: FilePath | None = None
    allow: tuple[Literal["http", "private"], ...] = ()
    region: Region | None = None
    regions: tuple[Region, ...] = ()
    sheet: Annotated[str | int, BeforeValidator(parse_worksheet)] | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None
    encoding: Text | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    key: Annotated[tuple[Text, ...], Field(min_length=1)] = ("phone",)
    consent: Literal["required", "off"] = "off"
    email: Literal["required", "optional"] = "optional"
    hidden_rows: bool = False
    where: Where | None = None
    priority: Annotated[Priority, BeforeValidator(_of_column, json_schema_input_type=str | Priority)] | None = None
    exclude: tuple[Excluded, ...] = ()
    columns: Columns = Columns()
    variables: dict[Text, Annotated[Variable, BeforeValidator(_of_column, json_schema_input_type=str | Variable)]] = {}

    @model_validator(mode="after")
    def _asks_databases_alone(self) -> "Contacts":
        self._refuse_query()
        return self

    def _refuse_query(self) -> None:
        if self.query is not None and self.query_file is not None:
            raise ValueError("names both a query and a query_file. Leave out one of them")
        asks = self.query is not None or self.query_file is not None
        if asks and not (self.file is None or (isinstance(self.file, str) and may_be_database(self.file))):
            raise ValueError("has a query, and its file is no database. Leave out the query, or name a database")
        if isinstance(self.file, str) and scheme_of(self.file) in DATABASES and not asks:
            raise ValueError('names a database and no query. Write query = "SELECT ...", or query_file = "people.sql"')

    def reading(self, file: Path | Address) -> "Contacts":
        """Return the same settings for another *file*, with the query if it may be a database. Raises `ValueError`."""
        keeps_query = isinstance(file, str) and may_be_database(file)
        no_query = {} if keeps_query else {"query": None, "query_file": None}
        contacts = self.model_copy(update={"file": file, **no_query})
        contacts._refuse_query()  # noqa: SLF001 - its own
        return contacts

    @property
    def exclude_files(self) -> tuple[Path, ...]:
        """The files whose numbers are not called."""
        return tuple(Path(each) for each in self.exclude if not each.startswith(CAMPAIGN))

    @property
    def exclude_campaigns(self) -> tuple[str, ...]:
        """The campaigns whose people are not called."""
        return tuple(each.removeprefix(CAMPAIGN) for each in self.exclude if each.startswith(CAMPAIGN))

    @property
    def choosing(self) -> tuple[str, ...]:
        """The headers by which rows are chosen and put in order."""
        return (*columns_of(self.where), *(() if self.priority is None else (self.priority.column,)))

    @property
    def named_headers(self) -> list[str]:
        """Every header that these tables name, the phone's and other fields in `key` among them."""
        fields = (getattr(self.columns, name) or () for name in Columns.model_fields)
        of_fields = (header for named in fields for header in ((named,) if isinstance(named, str) else named))
        return [*of_fields, *(each.column for each in self.variables.values()), *self.key, *self.choosing]

    @property
    def allowed_regions(self) -> tuple[str, ...]:
        """The countries that may be called: `regions`, else only `region`, else (empty) any."""
        return self.regions or ((self.region,) if self.region else ())


class Limits(CampaignTable):
    """`[limits]`: how often one number may be called, over all campaigns of the ledger; each of them holds.

    The default of `per_number` satisfies every country and state that the rules know (`dialer rules`). A contact that
    has its call is not called again, unless `again_after` has passed since.
    """

    again_after: Annotated[timedelta, Field(ge=timedelta(days=1)), DURATION] | None = None
    per_number: tuple[CallCap, ...] = tuple(parse_cap(text) for text in ("1/24h", "2/7d", "4/30d"))


class Submit(CampaignTable):
    """`[submit]`: pacing towards the API, and when to give up.

    `concurrency` bounds the requests that are on their way at once; without it there are as many as the rate needs.
    `max_failures_in_a_row` refusals, or `max_unknown` unknown outcomes in one run, stop the run. `settle_time` is
    how long an unknown call is given to appear in the API's listing before it is looked for.
    """

    requests_per_second: Annotated[float, Field(gt=0, le=10_000)] = 5.0
    concurrency: Annotated[int, Field(ge=1, le=2_048)] | None = None
    batch_size: Annotated[int, Field(ge=1, le=100)] = 1
    max_attempts: Annotated[int, Field(ge=1, le=20)] = 4
    max_failures_in_a_row: Annotated[int, Field(ge=1)] = 20
    max_unknown: Annotated[int, Field(ge=1)] = 10
    settle_time: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(hours=24)), DURATION] = timedelta(seconds=120)
    read_timeout: Annotated[timedelta, Field(ge=timedelta(seconds=1), le=timedelta(minutes=10)), DURATION] = timedelta(
        seconds=60
    )


class Report(CampaignTable):
    """`[report]`: whether a run writes a page with plots beside its results, and keeps it fresh while it goes on."""

    write: bool = False


class Suppression(CampaignTable):
    """`[suppression]`: files of numbers never to call.

    A run is refused while one of them was written longer than `max_age` ago: a seller in the USA must not call by a
    version of the registry older than 31 days (16 CFR 310.4).
    """

    files: tuple[FilePath, ...] = ()
    max_age: Annotated[timedelta, Field(ge=timedelta(hours=1)), DURATION] | None = None
