"""The `[call]` table of a campaign file: what every call says and how it is made, and where rows differ."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from dialer.campaign.tables import CampaignTable, Text
from dialer.campaign.values import E164, WEB_ADDRESS, folded_word

NUMBER_KEYS = frozenset({"phone_number_id", "from_phone_number"})
"""The keys that say which number is called from: whoever sets one of them decides about both."""


class Webhook(CampaignTable):
    """One `[[call.webhooks]]`: told by the API when something happens to the call."""

    url: Annotated[str, Field(pattern=WEB_ADDRESS)]
    event: Text = "phoneCall.completed"
    secret_env: Text | None = None


class CallChoice(CampaignTable):
    """The keys of `[call]` in which rows may differ."""

    call_template_id: Text | None = None
    phone_number_id: Text | None = None
    from_phone_number: Annotated[str, Field(pattern=E164)] | None = None
    telephony_provider: Literal["twilio", "plivo", "telnyx"] | None = None
    record: bool | None = None

    @property
    def chosen(self) -> dict[str, Any]:
        """The keys that are set, with their values."""
        return {name: value for name in CallChoice.model_fields if (value := getattr(self, name)) is not None}


CallsBy = Mapping[str, Mapping[str, CallChoice]]
"""What `[call.by]` says: by the header of a column, by a word of its cells, what those calls have instead."""


class Call(CallChoice):
    """`[call]`: what goes into every POST body. The two ids may come from the environment instead.

    `by` maps the words of columns, by header, to what calls to those people have instead; an empty cell changes
    nothing. `test_number` is one's own, for `dialer test-call`; it goes into no body but that.
    """

    team_id: Text | None = None
    by: dict[Text, dict[Text, CallChoice]] = Field(default_factory=dict)
    webhooks: tuple[Webhook, ...] = ()
    test_number: Annotated[str, Field(pattern=E164)] | None = None

    @property
    def templates(self) -> tuple[str, ...]:
        """The templates that the campaign file names, each once: of `[call]`, and of the words of columns."""
        named = (self, *(choice for words in self.by.values() for choice in words.values()))
        return tuple(dict.fromkeys(choice.call_template_id for choice in named if choice.call_template_id))

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        for header, words in self.by.items():
            _refuse_unclear_words(header, words)
        deciders = Counter(key for words in self.by.values() for key in _decided(words))
        if twice := [key for key, count in deciders.items() if count > 1]:
            raise ValueError(f"by: two columns decide about {twice[0]}. Let one column decide about it")
        return self


class FromNumber(CampaignTable):
    """One `[[from_numbers]]`: a number that people may be called from, or the API's id of one.

    `calls_per_day` is how many calls come from it in any 24 hours at most, over all campaigns of the ledger.
    """

    number: Annotated[str, Field(pattern=E164)] | None = None
    id: Text | None = None
    calls_per_day: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if not self.name:
            raise ValueError("names no number: write number, id, or both")
        return self

    @property
    def name(self) -> str:
        """What the ledger knows it by: the number, or else its id."""
        return self.number or self.id or ""

    @property
    def names(self) -> tuple[str, ...]:
        """What rows, campaigns and earlier calls may name it by: the number, its id, or both."""
        return tuple(filter(None, (self.number, self.id)))


def refuse_unclear_pool(call: Call, pool: Sequence[FromNumber]) -> None:
    """Raise `ValueError` where nobody could tell which number people are called from."""
    names = Counter(name for number in pool for name in number.names)
    if twice := [name for name, count in names.items() if count > 1]:
        raise ValueError(f"from_numbers has {twice[0]} twice. Keep one")
    if pool and not NUMBER_KEYS.isdisjoint(call.chosen):
        raise ValueError(
            "from_numbers chooses the number to call from, and [call] names one too. Take that out, or add it there"
        )


def _refuse_unclear_words(header: str, words: Mapping[str, CallChoice]) -> None:
    if not words:
        raise ValueError(f"by.{header} lists no word. List each word of the column, or take it out")
    folded = Counter(map(folded_word, words))
    if twice := [word for word in words if folded[folded_word(word)] > 1]:
        raise ValueError(f"by.{header} has {' and '.join(twice)}, which are one word. Keep one")
    if empty := [word for word, choice in words.items() if not choice.chosen]:
        raise ValueError(f"by.{header}.{empty[0]} sets no key. Set one, such as call_template_id, or take it out")


def _decided(words: Mapping[str, CallChoice]) -> set[str]:
    keys = {key for choice in words.values() for key in choice.chosen}
    return {"the number to call from" if key in NUMBER_KEYS else key for key in keys}
