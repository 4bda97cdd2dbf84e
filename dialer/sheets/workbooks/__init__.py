"""Workbooks in: one worksheet as rows of text, with what its cells do not say."""
