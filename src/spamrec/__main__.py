"""`python -m spamrec`."""

from spamrec.cli import main

if __name__ == "__main__":
    main()
