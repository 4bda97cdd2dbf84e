"""`python -m dialer` is the command line."""

from dialer.cli import main

if __name__ == "__main__":
    main()
