"""What stories are about besides bad weather."""

KINDS = {
    "": 0.48,
    "taken over": 0.06,
    "released": 0.06,
    "lying": 0.14,
    "shifting": 0.06,
    "spared": 0.08,
    "lost": 0.06,
    "restored": 0.06,
}
"""What the stories are about besides bad weather, each with its share.

Each run in bad weather is taken over by another; people look at the listing after each run; the API creates calls and
answers that it has refused them, or creates them at another time than asked; numbers join the suppression list during a
run; the ledger is lost, or a backup restored.
"""

TAKEOVERS = {"": 0.35, "released": 0.3, "lying": 0.3, "lost": 0.3, "taken over": 1.0}
"""Of so many stories of a kind the runs in bad weather may be taken over."""
