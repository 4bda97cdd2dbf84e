"""Every night: each enabled campaign of a folder, and one summary of them all."""
