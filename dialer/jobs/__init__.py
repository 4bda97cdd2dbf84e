"""The use-cases: one module a command, and a folder for each stage that several of them share."""
