"""`python -m spamrec`."""

from spamrec.start import main

if __name__ == "__main__":
    main()
