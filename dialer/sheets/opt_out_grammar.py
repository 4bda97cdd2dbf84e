"""Recognises a wish not to be called by how a language builds one: what refuses, and beside it what is refused. Pure.

A list of phrases cannot hold all that is written: `does not want to be called`, `ne souhaite plus être contacté`.
"""

import re
import unicodedata

_WISHES = (
    (
        "do not|dont|never|(?:must|should|shall|may|can) ?not|stop|cease|no more|not to|not want|doesnt want",
        "ever|again|please|to|be|any|further|more|under any circumstances|(?:e ?mail|text|mail|market) or",
        "call|contact|phone|telephone|ring|dial|solicit|market|disturb",
    ),
    (
        "nicht|keine?n?|nie|niemals",
        "mehr|weitere?n?|wieder|nochmals?|erneut|telefonisch",
        r"anruf|angerufen w[eu]rd|kontaktieren|kontaktiert w[eu]rd|werbung\b|telefonwerbung|belastig|storen\b",
    ),
    (
        r"ne (?:souhait\w+ |veut |veux |desir\w+ )?(?:pas|plus|jamais)|pas(?= d)|plus(?= d)",
        "l[ae]s?|me|nous|etre|de?",
        "[dlm]?r?appel|[dlm]?e?contact|telephon|demarch|derang|sollicit",
    ),
    (
        "no|nunca|jamas",
        "me|les?|l[ao]s?|se|mas|volver a|quiere|quiero|desea|que|recibir|por favor",
        r"llam(?:ar|es?|en|adas)\b|ser llamad|contact(?:ar|en?)\b|ser contactad|telefonear|molest|marcar",
    ),
    (
        "nao|nunca",
        "me|lhe|mais|quer|quero|deseja|receber|por favor|favor",
        r"ligar|liguem?\b|ligac|conta[ct]+ar|conta[ct]+o\b|ser conta|telefonar|perturb|incomod|chamar",
    ),
    (
        "non",
        "piu|mi|l[ao]|ci|vuole|desidera|ricevere",
        r"(?:ri)?chiamar|chiamate\b|essere (?:ri)?chiamat|contattar|essere contattat|telefon|disturb",
    ),
    (
        "niet|geen|nooit",
        "meer|graag|verder|telefonisch|willen|wil",
        "bellen|gebeld w[oe]rd|opbellen|terugbellen|benader|contacter|gecontacteerd word|telefone|telefoontje",
    ),
    ("nie", "chce|zyczy|sobie|wiecej|juz|prosze|otrzymywac", "dzwon|telefon|kontaktow|rozmawia|polaczen"),
    ("не", "надо|нужно|больше|хочет|хочу|по телефону", r"звонит[ье]|звони\b|беспок|тревож|контактир|связыват"),
    ("لا|عدم|رفض|يرفض|ممنوع|منع", "يريد|يرغب|في|تريد|من|على", r"\w*اتصال|\w*تتصل\w*|\w*مكالم\w*"),
)
"""Of each language that parts its words: what refuses, what may stand between, and what is refused, each a pattern."""

_UNPARTED = (
    ("電話|架電|連絡|コール|着信|テレアポ|営業", "不可|禁止|不要|拒否|ng|しない|お断り|辞退|停止|なし"),
    ("拨|撥|呼|来电|來電|致电|致電|电话|電話|联系|聯繫|联络|聯絡|营销|推销", "禁|不要|拒|停止|谢绝|勿"),
    ("전화|통화|연락|광고|마케팅|콜", "거부|금지|하지 ?마|차단|거절|원치 ?않"),
)
"""The same of languages that do not part their words, or put what is refused first."""

_REFUSED_FIRST = (
    "禁止|不要|不想|不接受|不接|别|勿|拒|停止|谢绝|禁",
    "再|来|我|给|他|她|接",
    "打|拨|撥|呼|电|電|致|联系|聯",
)
_GAP = 12
"""Characters, in the parts that accents and Hangul are taken apart into."""


def _plain(pattern: str) -> str:
    return "".join(
        mark for mark in unicodedata.normalize("NFKD", pattern) if unicodedata.category(mark)[0] != "M"
    ).casefold()


def _compiled() -> re.Pattern[str]:
    parted = (rf"\b(?:{no}) (?:(?:{between}) ){{0,3}}(?:{refused})" for no, between, refused in _WISHES)
    unparted = (rf"(?:{refused})[^\n]{{0,{_GAP}}}(?:{no})" for refused, no in _UNPARTED)
    no, between, refused = _REFUSED_FIRST
    every = (*parted, *unparted, rf"(?:{no})(?:{between}){{0,3}}(?:{refused})")
    return re.compile("|".join(map(_plain, every)))


_WISH = _compiled()


def refuses_calls(words: str) -> bool:
    """Return whether *words* (without case, accents and marks, one blank between) refuse calls or contacts."""
    return _WISH.search(words) is not None
