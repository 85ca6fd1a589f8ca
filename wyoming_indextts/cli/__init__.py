"""The command line; `main` is the program's entry point."""

from wyoming_indextts.cli.dispatch import main

__all__ = ["main"]
