"""A bare loop of aiohttp: a semaphore, a session, and the first choice of each answer."""

import asyncio
import json
import os
import sys
from pathlib import Path

import aiohttp

from mammoth_spark.config import Endpoint
from tests.bench.llm import requests
from tests.bench.peers.server_time import timed


async def asked(bodies: list[bytes], url: str, window: int) -> int:
    room = asyncio.Semaphore(window)
    connector = aiohttp.TCPConnector(limit=window)
    async with aiohttp.ClientSession(connector=connector, headers={"Content-Type": "application/json"}) as session:

        async def one(body: bytes) -> bool:
            async with room, session.post(url, data=body) as response:
                answer = await response.json()
                return bool(json.loads(answer["choices"][0]["message"]["content"]))

        return sum(await asyncio.gather(*map(one, bodies)))


def main() -> None:
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    base_url = os.environ["MAMMOTH_ENDPOINT"]
    endpoint = Endpoint(model="rules", base_url=base_url)
    some = requests(order["count"])
    with timed() as figures:
        bodies = [request.body(endpoint, 1) for request in some]
        answered = asyncio.run(asked(bodies, f"{base_url}/chat/completions", order["window"]))
    assert answered == order["count"], f"{answered} of {order['count']} answered"
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
