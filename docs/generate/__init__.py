"""Writes the parts of the documentation that are the program's own words, numbers and output.

Two kinds of parts are written anew in every page; everything else in a page is written by hand:

- what stands between `<!-- generated: NAME -->` and `<!-- end -->` (`dialer` itself is asked: `blocks`),
- the output below each `$ command` of a ```` ```console ```` block (the command is run: `sessions`).

`python -m docs.generate` writes all pages; tests fail with that command where a page is out of date.
"""
