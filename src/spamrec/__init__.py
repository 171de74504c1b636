"""Recruiter spam told from the mail a person must not lose."""

__version__ = "0.1.0"
