"""`python -m docs.generate`: write every generated part anew, and say which pages changed."""

import sys

from docs.generate.blocks import fill_blocks
from docs.generate.json_schemas import write_schemas
from docs.generate.pages import ROOT, pages
from docs.generate.sessions import replay


def main() -> int:
    """Write every page anew and return the exit code 0."""
    for page in pages():
        before = page.read_text("utf-8")
        after = replay(fill_blocks(before))
        if after != before:
            page.write_text(after, "utf-8")
            sys.stdout.write(f"{page.relative_to(ROOT)}\n")
    for name in write_schemas():
        sys.stdout.write(f"docs/json/{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
