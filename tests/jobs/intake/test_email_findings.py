"""How many people are called without the address that their cell should hold is said once, with the first of them."""

from dialer.campaign.tables import Contacts
from dialer.contacts.resolve_columns import resolve_columns
from dialer.jobs.intake.email_findings import EmailFindings


def test_unusable_addresses_are_counted_with_the_first() -> None:
    """None, one and several read as they should, and the header is named."""
    mapping = resolve_columns(("name", "phone", "E-mail"), Contacts(region="US"), where="sheet.csv")
    findings = EmailFindings(mapping)
    assert list(findings.notes()) == []

    findings.see(7)
    (one,) = findings.notes()
    findings.see(9)
    (two,) = findings.notes()

    assert one.startswith('1 row holds no e-mail address in the column "E-mail", the first is row 7')
    assert two.startswith('2 rows hold no e-mail address in the column "E-mail", the first is row 7')
