"""`python -m wainbox_relay.cli`, as tests and the demo start it."""

from wainbox_relay.cli import main

if __name__ == "__main__":
    main()
