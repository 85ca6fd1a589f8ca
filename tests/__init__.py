"""The tests load onnxruntime themselves: it is told first to report nothing; see `kokoro`."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
