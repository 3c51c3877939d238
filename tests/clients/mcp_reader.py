"""An assistant that asks the tools of `matomo-mcp`, which it starts as a process of its own.

Its argument is JSON: {"url", "token", "calls": [[tool, arguments], ...]}; it says what each tool answered.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, TextIO

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

NOWHERE = Path("/dev/null")


async def main(given: dict[str, Any], log: TextIO) -> None:
    environ = {"MATOMO_URL": given["url"], "MATOMO_TOKEN": given["token"]}
    server = StdioServerParameters(command=sys.executable, args=["-m", "matomo_mcp"], env=environ)
    async with stdio_client(server, errlog=log) as streams, ClientSession(*streams) as session:
        await session.initialize()
        answers = [await session.call_tool(tool, arguments) for tool, arguments in given["calls"]]
    json.dump([json.loads(answer.content[0].text) for answer in answers], sys.stdout)


with NOWHERE.open("w") as nowhere:
    asyncio.run(main(json.loads(sys.argv[1]), nowhere))
