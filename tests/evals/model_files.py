"""Small model folders and files, made where a test asks for them."""

import json
import struct

TEMPLATE = "{% for message in messages %}{{ message['role'] + ': ' + message['content'] }}{% endfor %}"
CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "attn_implementation": "sdpa",
    "torch_dtype": "bfloat16",
    "vocab_size": 8,
}


def safetensors(tensors=None, *, metadata=None, data=None, head=None):
    """The bytes of a file with these tensors: name to type, shape, bytes. `data` and `head` replace what is right."""
    tensors = {"weight": ("BF16", [2, 4], bytes(16))} if tensors is None else tensors
    said, place = {}, 0
    for name, (dtype, shape, content) in tensors.items():
        said[name] = {"dtype": dtype, "shape": shape, "data_offsets": [place, place + len(content)]}
        place += len(content)
    if metadata is not None:
        said["__metadata__"] = metadata
    head = json.dumps(said).encode() if head is None else head
    data = b"".join(content for _, _, content in tensors.values()) if data is None else data
    return struct.pack("<Q", len(head)) + head + data


def folder(path, *, config=None, tensors=None, **files):
    """A whole model; `files` are further ones by their name in it."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "config.json").write_text(json.dumps({**CONFIG, **(config or {})}))
    (path / "model.safetensors").write_bytes(safetensors() if tensors is None else tensors)
    (path / "tokenizer_config.json").write_text(json.dumps({"chat_template": TEMPLATE}))
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def text(said):
    content = said.encode() if isinstance(said, str) else said
    return struct.pack("<Q", len(content)) + content


def value(kind, form, number):
    return struct.pack("<I", kind) + struct.pack(f"<{form}", number)


PLAIN = {
    "general.architecture": struct.pack("<I", 8) + text("llama"),
    "general.file_type": value(4, "I", 2),
    "tokenizer.chat_template": struct.pack("<I", 8) + text(TEMPLATE),
    "tokenizer.ggml.tokens": struct.pack("<IIQ", 9, 8, 2) + text("a") + text("b"),
}


def gguf(
    values=None, *, version=3, keys=None, tensors=(("weight", [32], 2, 0),), count=None, data=bytes(18), begin=None
):
    """The bytes of a GGUF file, right unless told otherwise."""
    values = PLAIN if values is None else values
    pairs = list(values.items()) if isinstance(values, dict) else values
    said = b"GGUF" if begin is None else begin
    said += struct.pack("<IQQ", version, len(tensors) if count is None else count, len(pairs) if keys is None else keys)
    said += b"".join(text(key) + content for key, content in pairs)
    for name, shape, kind, offset in tensors:
        said += text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        said += struct.pack("<IQ", kind, offset)
    return said + bytes(-len(said) % 32) + data
