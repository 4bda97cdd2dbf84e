"""The documentation: Markdown for people, and `python -m docs.generate`, which writes its generated parts."""
