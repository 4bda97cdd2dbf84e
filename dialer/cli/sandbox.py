"""`dialer sandbox`: the local stand-in for the API, by itself."""

import typer

from dialer.errors import UsageError
from dialer.extras import install_command

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(
    add_help_option=False,  # its options, --help among them, are passed on
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def sandbox(context: typer.Context) -> None:
    """Serve a local stand-in for the API, with faults on request; `dialer sandbox --help` lists them.

    The options are those of `python -m dialer.sandbox`, which works without the rest of the package.
    """
    try:
        from dialer.sandbox.__main__ import main  # noqa: PLC0415 - an extra, missed with a sentence
    except ImportError as error:
        raise UsageError(f"The sandbox is not installed. Run: {install_command('sandbox')}") from error
    raise typer.Exit(main(context.args))
