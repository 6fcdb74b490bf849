"""Runs code that a model wrote and says what its functions return: run by its path, alone in a sandbox.

It takes the code and the calls, never what they should return: code that took this over could say anything, and would
still have to know the answers.
"""

import json
import os
import struct
import sys
from typing import Any

LONGEST = 1 << 20  # bytes of one message


def said(nonce: str, **what: Any) -> bytes:
    """One message: four bytes of length, most significant first, then JSON with the nonce. What is no JSON or is longer
    than LONGEST becomes a message with an error in its place."""
    try:
        text = json.dumps({"nonce": nonce, **what}, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        text = json.dumps({"nonce": nonce, "call": what.get("call"), "error": f"no JSON: {type(error).__name__}"})
    if len(text) > LONGEST:
        text = json.dumps({"nonce": nonce, "call": what.get("call"), "error": "too long"})
    content = text.encode("ascii")
    return struct.pack(">I", len(content)) + content


def main() -> None:
    """Read the job, run its code, answer call by call; a single message whose call is null where the code itself fails.

    The streams 0 to 2 lead nowhere by then: what the code prints must not stand between the messages.
    """
    job = json.loads(sys.stdin.buffer.read())
    results = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    nonce = job["nonce"]
    namespace: dict[str, Any] = {"__name__": "answer"}
    try:
        exec(compile(job["code"], "answer.py", "exec", dont_inherit=True), namespace)  # noqa: S102  what it is for
    except BaseException as error:  # noqa: BLE001  the code is a stranger's, and so is what it raises
        os.write(results, said(nonce, call=None, error=type(error).__name__))
        return
    for number, (function, arguments, keywords) in enumerate(job["calls"]):
        try:
            answer = said(nonce, call=number, value=namespace[function](*arguments, **keywords))
        except BaseException as error:  # noqa: BLE001  as above
            answer = said(nonce, call=number, error=type(error).__name__)
        os.write(results, answer)


if __name__ == "__main__":
    main()
