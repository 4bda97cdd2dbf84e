"""The state machine of a contact. These are all the ways into a state, and where each one is written:

    (a new row)      ── read ─────▶ pending                                 `dialer.ledger.intake`
    pending, failed  ── claim ────▶ claimed                                 `claims`
    claimed          ── settle ───▶ created | failed | pending | unknown    `claims`
    claimed          ── recover ──▶ unknown                                 `claims`
    unknown          ── found ────▶ created                                 `reconciled`
    unknown          ── released ─▶ failed                                  `reconciled`
    unknown          ── decided ──▶ created | failed                        `decided`
    pending, failed  ── refuted ──▶ created                                 `reconciled`
    (not created)    ── late ─────▶ created | unknown                       `late`
    created          ── doubted ──▶ unknown                                 `doubted`
    created          ── reopened ─▶ pending                                 `reopened`

Every change names the state it leaves from, and changes nothing where the contact is in another one. From claimed and
unknown, where a call may exist, no way leads back to pending or failed without proof that it does not: an outcome that
says so, or a person's word: for released after two listings, for decided with their name. Refuted is such an outcome,
where the listing holds the call that the API said it had not created. One can come *late*, after its run was taken
over: a call that it created is recorded whatever was made of its claim meanwhile. Created is *doubted* where the id
that says so turns out to be another call's.

Beside its state, a pending or failed contact may be *replaced*: its row was mended into another contact
(`replaced_by`), and no run plans or claims it until a mend brings its row back (`dialer.ledger.retries`). A purge
deletes contacts in any state, and remembers whoever may have a call (`dialer.ledger.purge`).
"""
