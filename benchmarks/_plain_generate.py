"""The same model by transformers' own `generate`, a static batch at a time, told and telling by lines.

`python -m benchmarks._plain_generate FOLDER DEVICE`. A line in is {"bandwidth": true}, or {"asked": [[system, prompt],
...], "batch": 8, "tokens": 1024, "temperature": 1.0, "seconds": 60}; a line out says what it came to.
"""

import contextlib
import json
import sys
import time
from typing import Any

COPIED = 2**31  # bytes; on a processor less is far more than its caches keep


def main(folder: str, device: str) -> None:
    import torch
    import transformers

    torch.manual_seed(2026)
    numbers = torch.bfloat16 if device.startswith("cuda") else torch.float32
    reader = transformers.AutoTokenizer.from_pretrained(folder, padding_side="left")
    if reader.pad_token_id is None:
        reader.pad_token = reader.eos_token
    # All output is ours to write: a library's greeting would be taken for an answer.
    with contextlib.redirect_stdout(sys.stderr):
        model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=numbers).to(device).eval()
    tell({"ready": {"transformers": transformers.__version__, "torch": torch.__version__, "dtype": str(numbers)}})
    for line in sys.stdin:
        said = json.loads(line)
        try:
            tell({"bandwidth": bandwidth(torch, device)} if "bandwidth" in said else answer(torch, model, reader, said))
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            tell({"memory": True})


def answer(torch: Any, model: Any, reader: Any, said: dict[str, Any]) -> dict[str, Any]:
    """Prompts of like length side by side, so that the least is lost to padding; no new batch after `seconds`."""
    texts = [
        reader.apply_chat_template(
            [{"role": "system", "content": system}, {"role": "user", "content": prompt}],
            add_generation_prompt=True,
            tokenize=False,
        )
        for system, prompt in said["asked"]
    ]
    texts.sort(key=len)
    batches = [texts[at : at + said["batch"]] for at in range(0, len(texts), said["batch"])]
    ends = torch.tensor(_ends(model), device=model.device)
    choosing = {"do_sample": True, "temperature": said["temperature"], "top_k": 0, "top_p": 1.0}
    if not said["temperature"]:
        choosing = {"do_sample": False, "temperature": None, "top_k": None, "top_p": None}
    tokens = samples = 0
    began = time.perf_counter()
    for batch in batches:
        asked = reader(batch, return_tensors="pt", padding=True, add_special_tokens=False).to(model.device)
        with torch.inference_mode():
            made = model.generate(**asked, **choosing, max_new_tokens=said["tokens"], pad_token_id=reader.pad_token_id)
        made = made[:, asked["input_ids"].shape[1] :]
        # What follows a row's first end is padding; the end itself was made like any other token.
        ended = torch.isin(made, ends).cumsum(dim=1)
        tokens += int((ended == 0).sum()) + int((ended[:, -1] > 0).sum())
        samples += len(batch)
        if time.perf_counter() - began > said["seconds"]:
            break
    return {"tokens": tokens, "samples": samples, "seconds": time.perf_counter() - began}


def bandwidth(torch: Any, device: str) -> float:
    """Bytes a second, read and written, of a copy on the device: the best of several."""
    size = COPIED if device.startswith("cuda") else COPIED // 8
    from_ = torch.ones(size, dtype=torch.uint8, device=device)
    to = torch.empty_like(from_)
    best = 0.0
    for _ in range(10):
        _wait(torch, device)
        began = time.perf_counter()
        to.copy_(from_)
        _wait(torch, device)
        best = max(best, 2 * size / (time.perf_counter() - began))
    return best


def _wait(torch: Any, device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def _ends(model: Any) -> list[int]:
    ends = model.generation_config.eos_token_id
    return [ends] if isinstance(ends, int) else list(ends or [])


def tell(said: dict[str, Any]) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
