"""Sheets that are no table of text or workbook on this machine: where their rows come from, and how they are read."""
