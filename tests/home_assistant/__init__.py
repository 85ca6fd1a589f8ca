"""This server with a real Home Assistant: `script/test-home-assistant`, which needs root.

No part of the ordinary run: it installs Home Assistant, in a system of its own.
"""
