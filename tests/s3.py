"""A server that speaks S3 on loopback, by moto, with a folder's files in a bucket."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

NAME = "documents"


@dataclass(frozen=True)
class Bucket:
    """A bucket: its name, the client that fills it, and the environment by which fsspec finds it."""

    name: str
    client: Any
    environment: dict[str, str]

    def put(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=key, Body=content)


@contextlib.contextmanager
def bucket_of(folder: Path) -> Iterator[Bucket]:
    """Serve a new bucket with the files of a folder until the block ends; the environment of this process knows it."""
    import boto3
    import s3fs
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    known = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    before = dict(os.environ)
    os.environ.update(known)
    try:
        client = boto3.client("s3")
        client.create_bucket(Bucket=NAME)
        bucket = Bucket(NAME, client, known)
        for path in folder.iterdir():
            bucket.put(path.name, path.read_bytes())
        yield bucket
    finally:
        os.environ.clear()
        os.environ.update(before)
        httpx.post(
            f"{known['AWS_ENDPOINT_URL']}/moto-api/reset"
        )  # what moto holds belongs to the process, not the server
        server.stop()
        s3fs.S3FileSystem.clear_instance_cache()  # it would go on asking this server
