"""A model that answers with its own inputs, late or with an error if the request's parameters say so."""

import asyncio

from mlserver import MLModel
from mlserver.errors import MLServerError
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput


class EchoSlow(MLModel):
    """Parameters of a request: `delay_ms`, `fail` (a bool) and `http_status` (of the failure, 503 by default)."""

    async def load(self) -> bool:
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        await asyncio.sleep(float(_parameter(payload, "delay_ms", 0)) / 1000)
        if _parameter(payload, "fail", False):
            raise MLServerError("injected failure", int(_parameter(payload, "http_status", 503)))
        outputs = [
            ResponseOutput(name=i.name, shape=i.shape, datatype=i.datatype, data=i.data) for i in payload.inputs
        ]
        return InferenceResponse(model_name=self.name, model_version=self.version, id=payload.id, outputs=outputs)


def _parameter(payload: InferenceRequest, name: str, default):
    return default if payload.parameters is None else getattr(payload.parameters, name, default)
