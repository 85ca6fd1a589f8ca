"""The embedded voice.

onnxruntime's Linux builds send events to their maker since 1.29 (its pull request 27379), and
keep a number of this machine on the disk. Only this variable stops all of it, and only if it is
set before the library is loaded, which no other room does: nothing leaves the house.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
