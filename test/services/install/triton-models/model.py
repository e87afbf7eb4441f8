"""The models `dbl`, `tpl`, `dbl-queue` and `dbl-stream` of the tests: x times a factor, late or with an error on request.

Parameters of a request to the first three: `delay_ms` and `fail` (a bool). To `dbl-stream`, which answers x * 0, x * 1, ...:
`chunks` (3), `delay_ms` before each, and `fail_at` (the chunk that is an error instead; 0 fails before the first answer).
To all: `code` (the name of a TritonError code to fail with, INTERNAL by default) and `raise` (a bool: an exception at once).
"""

import json
import threading
import time

import triton_python_backend_utils as pb_utils

FINAL = pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL


class TritonPythonModel:
    def initialize(self, args):
        config = json.loads(args["model_config"])
        self.factor = int(config["parameters"]["factor"]["string_value"])
        self.streams = config.get("model_transaction_policy", {}).get("decoupled", False)
        # A queue forms only if the model takes one request after the other.
        self.one_by_one = config["name"] == "dbl-queue"

    def execute(self, requests):
        if any(json.loads(request.parameters() or "{}").get("raise") for request in requests):
            raise RuntimeError("injected exception")
        if self.one_by_one:
            return [self.answer(request, json.loads(request.parameters() or "{}")) for request in requests]
        for request in requests:
            threading.Thread(target=self.serve, args=(request, request.get_response_sender()), daemon=True).start()
        return None

    def serve(self, request, sender):
        parameters = json.loads(request.parameters() or "{}")
        if not self.streams:
            sender.send(self.answer(request, parameters), flags=FINAL)
            return
        for index in range(int(parameters.get("chunks", 3))):
            if not pause(request, parameters):
                break
            if int(parameters.get("fail_at", -1)) == index:
                sender.send(failure(parameters), flags=FINAL)
                return
            sender.send(times(request, index))
        sender.send(flags=FINAL)

    def answer(self, request, parameters):
        pause(request, parameters)
        return failure(parameters) if parameters.get("fail") else times(request, self.factor)


def pause(request, parameters):
    """Waits `delay_ms`; false if the caller went away, and then no longer than needed."""
    end = time.monotonic() + float(parameters.get("delay_ms", 0)) / 1000
    while (left := end - time.monotonic()) > 0:
        if request.is_cancelled():
            return False
        time.sleep(min(left, 0.01))
    return True


def times(request, factor):
    x = pb_utils.get_input_tensor_by_name(request, "x").as_numpy()
    return pb_utils.InferenceResponse(output_tensors=[pb_utils.Tensor("y", x * x.dtype.type(factor))])


def failure(parameters):
    code = getattr(pb_utils.TritonError, parameters.get("code", "INTERNAL"))
    return pb_utils.InferenceResponse(error=pb_utils.TritonError("injected failure", code))
