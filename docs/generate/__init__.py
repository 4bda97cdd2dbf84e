"""Writes the parts of the documentation that are the program's own words, numbers and output.

Two kinds of parts are written anew in every page; everything else in a page is written by hand:

- what stands between `<!-- generated: NAME -->` and `<!-- end -->` (`dialer` itself is asked: `blocks`),
- the output below each `$ command` of a ```` ```console ```` block (the command is run: `sessions`).

Beside them, `docs/json` holds the JSON Schema of what each command prints with `--json` (`json_schemas`).

`python -m docs.generate` writes all of it; tests fail with that command where a page is out of date.
"""
