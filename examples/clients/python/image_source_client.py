"""The two questions that a hub has for image-source.

Each is asked until it is answered or its time is over. What an answer means for
the person who waits is not decided here, but in `image_source_hub`.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import TypeVar

import grpc
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from grpc_status import rpc_status

from imagesource.v1.image_pb2 import Image
from imagesource.v1.image_source_service_pb2 import (
    ImageForReferenceRequest,
    MenuImage,
    MenuImagesRequest,
)
from imagesource.v1.image_source_service_pb2_grpc import ImageSourceServiceStub

log = logging.getLogger(__name__)

# Of one attempt. The service ends a lookup after 10 s.
ATTEMPT_SECONDS = 12.0
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0

CHANNEL_OPTIONS = [
    ("grpc.max_reconnect_backoff_ms", int(LONGEST_PAUSE * 1000)),  # else two minutes
    # A connection may lead nowhere without a word.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 5_000),
]

# How a connection ends that is refused, reset or broken off, or an attempt that
# was not answered in its time.
LOST = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}

Reply = TypeVar("Reply")


class ImageSourceError(Exception):
    """A question that has no answer, or none in time."""

    def __init__(self, error: grpc.aio.AioRpcError) -> None:
        super().__init__(f"{error.code().name}: {error.details()}")
        self.code = error.code()
        status = rpc_status.from_call(error)
        info, retry = ErrorInfo(), RetryInfo()
        for detail in status.details if status else ():
            detail.Unpack(info)  # does nothing where the detail is another one
            detail.Unpack(retry)
        self.reason = info.reason if info.domain == "imagesource.v1" else ""
        """A stable name. Empty where the error does not come from the service."""
        self.retry_delay = retry.retry_delay.ToTimedelta().total_seconds() or None
        """What the service says itself, where too much is asked."""

    @property
    def passes(self) -> bool:
        """Whether the same question can have an answer later."""
        if self.reason:
            return self.reason == "NOT_READY" or self.retry_delay is not None
        return self.code in LOST


class ImageSource:
    """The service at an address.

    `patience` is how many seconds a question may take, with all its attempts:
    longer than a restart of the service does.
    """

    def __init__(self, address: str, patience: float = 60.0) -> None:
        self._address = address
        self._patience = patience

    async def menu(self) -> Sequence[MenuImage]:
        """The images to show, in the order to show them."""
        reply = await self._ask(self._stub.MenuImages, MenuImagesRequest())
        return reply.images

    async def resolve(self, reference: str) -> Image:
        """What was chosen, as it is now: with its digest."""
        request = ImageForReferenceRequest(reference=reference)
        reply = await self._ask(self._stub.ImageForReference, request)
        return reply.image

    @cached_property
    def _stub(self) -> ImageSourceServiceStub:
        """Made at the first question, since a channel belongs to an event loop."""
        channel = grpc.aio.insecure_channel(self._address, options=CHANNEL_OPTIONS)
        return ImageSourceServiceStub(channel)

    async def _ask(self, call: Callable[..., Awaitable[Reply]], request) -> Reply:
        """Asks again; only for calls that change nothing."""
        end = time.monotonic() + self._patience
        pause = FIRST_PAUSE
        while True:
            left = max(0.001, end - time.monotonic())
            try:
                return await call(request, timeout=min(ATTEMPT_SECONDS, left))
            except grpc.aio.AioRpcError as error:
                failure = ImageSourceError(error)
            # Not all at once where many have waited.
            wait = failure.retry_delay or pause * random.uniform(0.5, 1.5)
            if not failure.passes or time.monotonic() + wait > end:
                raise failure
            log.warning("waiting: %s", failure)
            await asyncio.sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE)
