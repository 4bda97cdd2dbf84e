"""One self-contained page about a campaign or a run: what happened, how fast, what is wrong, who needs a person."""
