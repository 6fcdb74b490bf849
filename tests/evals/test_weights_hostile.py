"""Models made to harm: none of them is taken, and each is refused for what is wrong with it."""

import io
import json
import os
import pickle
import struct
import time
import zipfile
from pathlib import Path

import pytest

from tests.evals.model_files import PLAIN, TEMPLATE, folder, gguf, safetensors, text, value
from tracker.evals.troubles import BrokenWeights, RefusedWeights
from tracker.evals.weights import verify

HUGE = 2**63 - 1


class Bomb:
    """What a pickle runs when it is opened."""

    def __reduce__(self):
        return os.system, ("touch pickle-was-opened",)


def pickled():
    return pickle.dumps({"weight": Bomb()})


def zipped():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("archive/data.pkl", pickled())
    return held.getvalue()


def head(**tensors):
    return json.dumps(tensors).encode()


def one(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


TWICE = b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
GAP = head(a=one(), b=one(offsets=(12, 20)))
OVERLAP = head(a=one(), b=one(offsets=(4, 12)))

# Files beside good weights, by what a loader would make of them.
BESIDE = {
    "a pickle beside": ({"pytorch_model.bin": pickled()}, "is a pickle"),
    "a checkpoint": ({"model.ckpt": pickled()}, "is a pickle"),
    "a torch file": ({"consolidated.00.pth": zipped()}, "is a pickle"),
    "training arguments": ({"training_args.pt": pickled()}, "is a pickle"),
    "a pickle in a folder": ({"original/weights.pkl": pickled()}, "is a pickle"),
    "a pickle in capitals": ({"MODEL.BIN": pickled()}, "is a pickle"),
    "a pickle with a further ending": ({"weights.pkl.md5sums": pickled()}, "is a pickle"),
    "keras with a lambda": ({"tf_model.h5": b"\x89HDF\r\n\x1a\n"}, "can hold code"),
    "an array of objects": ({"scales.npy": b"\x93NUMPY" + pickled()}, "can hold code"),
    "onnx": ({"model.onnx": b"\x08\x07"}, "can hold code"),
    "an archive": ({"weights.zip": zipped()}, "is an archive"),
    "a tar": ({"weights.tar.gz": b"\x1f\x8b"}, "is an archive"),
    "its own code": ({"modeling_evil.py": b"import os"}, "is code"),
    "its own compiled code": ({"__pycache__/modeling.cpython-311.pyc": b"\0"}, "is code"),
    "a library": ({"kernel.so": b"\x7fELF"}, "is code"),
    "a start hook": ({"evil.pth": b"import os"}, "is"),
    "code in a hidden folder": ({".cache/huggingface/modules/evil.py": b"import os"}, "is code"),
    "code called a licence": ({"LICENSE.py": b"import os"}, "is code"),
    "yaml": ({"config.yaml": b"!!python/object/apply:os.system [id]"}, "no kind"),
    "a tokenizer that is a pickle": ({"tokenizer.model": pickled()}, "no kind"),
    "an adapter": ({"adapter_config.json": {"r": 8, "target_modules": ["q"]}}, "adapter"),
    "an adapter to another": ({"adapter_config.json": {"base_model_name_or_path": "evil/model"}}, "another repository"),
    "two formats": ({"model.gguf": gguf()}, "two formats"),
    "code in the tokenizer's config": (
        {"tokenizer_config.json": {"auto_map": {"AutoTokenizer": ["tokenization_evil.Evil", None]}}},
        "names code",
    ),
    "code in a processor's config": (
        {"processor_config.json": {"auto_map": {"AutoProcessor": "evil.P"}}},
        "names code",
    ),
    "code for generating": ({"generation_config.json": {"custom_generate": "evil/generate"}}, "names code"),
    "a second model": ({"generation_config.json": {"assistant_model": "evil/draft"}}, "another repository"),
    "a config with doubled keys": ({"generation_config.json": b'{"a": 1, "a": 2}'}, "twice"),
    "a config that is a pickle": ({"generation_config.json": pickled()}, "no JSON"),
    "a config nested for ever": ({"generation_config.json": b'{"a":' * 90_000}, "no JSON|nested"),
    "a config nested deep": ({"generation_config.json": b'{"a":' * 99 + b"1" + b"}" * 99}, "nested"),
    "a template that is a program": ({"chat_template.jinja": b"{{ ''.__class__.__mro__ }}"}, "chat template"),
    "a template in a list": (
        {"tokenizer_config.json": {"chat_template": [{"name": "default", "template": "{{ lipsum.__globals__ }}"}]}},
        "chat template",
    ),
    "a template with half a character": (
        {"tokenizer_config.json": b'{"chat_template": "\\ud800{{ messages.__class__ }}"}'},
        "chat template",
    ),
    "a template as long as a book": ({"chat_template.jinja": b"x" * 200_000}, "characters"),
    "an index that leads outside": (
        {"model.safetensors.index.json": {"weight_map": {"weight": "../../etc/passwd"}}},
        "not there",
    ),
    "an index of a pickle": (
        {"model.safetensors.index.json": {"weight_map": {"weight": "pytorch_model.bin"}}},
        "not there",
    ),
    "an index that lies": (
        {"model.safetensors.index.json": {"weight_map": {"other": "model.safetensors"}}},
        "is not in",
    ),
}
CONFIGS = {
    "code": {"auto_map": {"AutoModelForCausalLM": "modeling_evil.Evil"}},
    "code of another repository": {"auto_map": {"AutoConfig": "evil/repo--configuration.Evil"}},
    "code in a part": {"text_config": {"inner": [{"auto_map": {"AutoModel": "evil.Evil"}}]}},
    "a pipeline": {"custom_pipelines": {"evil": {"impl": "evil.Pipeline"}}},
    "trust": {"trust_remote_code": True},
    "attention from a repository": {"attn_implementation": "evil/attention"},
    "attention from a repository at a revision": {"_attn_implementation": "evil/attention@main:run"},
    "an inner attention from a repository": {"_attn_implementation_internal": "evil/attention"},
    "attention of a part": {"attn_implementation": {"text_config": "evil/attention"}},
    "experts from a repository": {"experts_implementation": "evil/experts"},
    "attention from a path": {"vision_config": {"attn_implementation": "../evil"}},
    "attention with a name of a module": {"attn_implementation": "os:system"},
    "a backbone from a repository": {"backbone": "evil/backbone", "use_pretrained_backbone": True},
    "kernels from a repository": {"kernel_config": {"RMSNorm": "evil/kernels:RMSNorm"}},
    "an object to make": {"_target_": "os.system"},
}
HEADERS = {
    "an empty file": b"",
    "a header longer than the file": struct.pack("<Q", 1000) + b"{}",
    "a header longer than memory": struct.pack("<Q", HUGE) + b"{}",
    "a header of nothing": struct.pack("<Q", 0),
    "a pickle with a good name": pickled(),
    "an archive with a good name": zipped(),
    "no JSON": safetensors(head=b"{]"),
    "a list": safetensors(head=b"[]"),
    "no text": safetensors(head=b"{\xff\xfe}"),
    "a name twice": safetensors(head=TWICE, data=bytes(8)),
    "a gap": safetensors(head=GAP, data=bytes(20)),
    "an overlap": safetensors(head=OVERLAP, data=bytes(12)),
    "two in one place": safetensors(head=head(a=one(), b=one()), data=bytes(8)),
    "beyond the end": safetensors(head=head(a=one(shape=(2000,), offsets=(0, 8000))), data=bytes(8)),
    "something behind": safetensors(data=bytes(16) + pickled()),
    "a shape of another size": safetensors(head=head(a=one(shape=(3,))), data=bytes(8)),
    "a shape that overflows": safetensors(head=head(a=one(shape=(2**62, 4, 2))), data=bytes(8)),
    "a negative shape": safetensors(head=head(a=one(shape=(-1, -2))), data=bytes(8)),
    "places the wrong way round": safetensors(head=head(a=one(offsets=(8, 0))), data=bytes(8)),
    "negative places": safetensors(head=head(a=one(offsets=(-8, 0))), data=bytes(8)),
    "places that are no numbers": safetensors(head=head(a=one(offsets=(0.0, 8.0))), data=bytes(8)),
    "an unknown type": safetensors(head=head(a=one(dtype="OBJECT")), data=bytes(8)),
    "a type that is a list": safetensors(head=head(a={**one(), "dtype": ["F32"]}), data=bytes(8)),
    "more fields": safetensors(head=head(a={**one(), "storage": "http://evil"}), data=bytes(8)),
    "metadata that is a table": safetensors(head=head(__metadata__={"a": {"b": 1}}, a=one()), data=bytes(8)),
    "metadata for a tensor": safetensors(head=head(__metadata__=[1], a=one()), data=bytes(8)),
    "a dimension for each number": safetensors(head=head(a=one(dtype="U8", shape=[1] * 40, offsets=(0, 1))), data=b"x"),
}
ARRAY = struct.pack("<I", 9)
GGUFS = {
    "an empty file": b"",
    "another beginning": gguf(begin=b"GGML"),
    "a pickle with a good name": pickled(),
    "the other byte order": b"GGUF" + struct.pack(">IQQ", 3, 1, 1) + bytes(64),
    "an old version": gguf(version=1),
    "a version to come": gguf(version=4),
    "a billion tensors": gguf(count=10**9),
    "more tensors than there are": gguf(count=2),
    "no tensors": gguf(tensors=(), data=b""),
    "a billion keys": gguf(keys=10**9),
    "more keys than there are": gguf(keys=50),
    "a key longer than the file": b"GGUF" + struct.pack("<IQQQ", 3, 1, 1, HUGE) + bytes(64),
    "a text longer than the file": gguf({"a": struct.pack("<IQ", 8, HUGE)}),
    "a text longer than numbers go": gguf({"a": struct.pack("<IQ", 8, 2**64 - 1)}),
    "an array longer than the file": gguf({"a": ARRAY + struct.pack("<IQ", 4, 10**6)}),
    "an array longer than memory": gguf({"a": ARRAY + struct.pack("<IQ", 4, HUGE)}),
    "a text as long as a library": gguf({"a": struct.pack("<I", 8) + text("x" * (1 << 21))}),
    "an array of endless texts": gguf({"a": ARRAY + struct.pack("<IQ", 8, 10**7)}),
    "arrays in arrays": gguf({"a": ARRAY + struct.pack("<IQ", 9, 1) + struct.pack("<IQ", 4, 0)}),
    "an unknown type of value": gguf({"a": struct.pack("<I", 77)}),
    "a truth of two": gguf({"a": value(7, "B", 2)}),
    "a key twice": gguf([*PLAIN.items(), ("general.file_type", value(4, "I", 2))]),
    "a key that is no text": gguf([(b"\xff\xfe", value(4, "I", 2))]),
    "an alignment of nothing": gguf({**PLAIN, "general.alignment": value(4, "I", 0)}),
    "an odd alignment": gguf({**PLAIN, "general.alignment": value(4, "I", 24)}),
    "a huge alignment": gguf({**PLAIN, "general.alignment": value(4, "I", 1 << 31)}),
    "an alignment that is a text": gguf({**PLAIN, "general.alignment": struct.pack("<I", 8) + text("32")}),
    "one of several parts": gguf({**PLAIN, "split.count": value(2, "H", 2)}),
    "five dimensions": gguf(tensors=(("a", [32, 1, 1, 1, 1], 2, 0),)),
    "a billion dimensions": gguf(tensors=(("a", [], 2, 0),)).replace(
        text("a") + struct.pack("<I", 0), text("a") + struct.pack("<I", 10**9)
    ),
    "a shape that overflows": gguf(tensors=(("a", [2**62, 2**62], 2, 0),)),
    "a shape with nothing in it": gguf(tensors=(("a", [32, 0], 2, 0),)),
    "a row that ends within a block": gguf(tensors=(("a", [16, 2], 2, 0),)),
    "an unknown type of tensor": gguf(tensors=(("a", [32], 99, 0),)),
    "a tensor beyond the end": gguf(tensors=(("a", [32], 2, 1 << 40),)),
    "tensors over each other": gguf(tensors=(("a", [32], 2, 0), ("b", [32], 2, 0)), data=bytes(64)),
    "a gap between tensors": gguf(tensors=(("a", [32], 2, 0), ("b", [32], 2, 64)), data=bytes(96)),
    "a tensor off the alignment": gguf(tensors=(("a", [32], 2, 0), ("b", [32], 2, 18)), data=bytes(64)),
    "a tensor twice": gguf(tensors=(("a", [32], 2, 0), ("a", [32], 2, 32)), data=bytes(64)),
    "a name as long as a page": gguf(tensors=(("a" * 1000, [32], 2, 0),)),
    "data cut off": gguf(data=bytes(10)),
    "something behind": gguf(data=bytes(32) + zipped()),
    "a template that is a program": gguf(
        {**PLAIN, "tokenizer.chat_template": struct.pack("<I", 8) + text("{{ cycler.__init__.__globals__ }}")}
    ),
    "a template as long as a book": gguf(
        {**PLAIN, "tokenizer.chat_template": struct.pack("<I", 8) + text("x" * 200_000)}
    ),
}


def refused(path, matching="."):
    """Refused soon, and without anything of it having run."""
    begun = time.monotonic()
    with pytest.raises((RefusedWeights, BrokenWeights), match=matching):
        verify(path)
    assert time.monotonic() - begun < 10
    assert not Path("pickle-was-opened").exists()


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_models_that_these_are_made_from_are_good(tmp_path):
    """Else each would be refused for that."""
    verify(folder(tmp_path / "model"))
    (tmp_path / "m.gguf").write_bytes(gguf())
    verify(tmp_path / "m.gguf")


def test_there_are_more_than_thirty():
    assert len(BESIDE) + len(CONFIGS) + len(HEADERS) + len(GGUFS) > 100


@pytest.mark.parametrize("what", BESIDE)
def test_a_folder_with_a_bad_file_is_refused(tmp_path, what):
    files, matching = BESIDE[what]
    refused(folder(tmp_path / "model", **files), matching)


@pytest.mark.parametrize("what", CONFIGS)
def test_a_configuration_that_names_code_is_refused(tmp_path, what):
    refused(folder(tmp_path / "model", config=CONFIGS[what]), "names")


@pytest.mark.parametrize("what", HEADERS)
def test_a_header_that_is_not_its_files_is_refused(tmp_path, what):
    refused(folder(tmp_path / "model", tensors=HEADERS[what]))


@pytest.mark.parametrize("what", GGUFS)
def test_a_gguf_that_is_not_what_it_says_is_refused(tmp_path, what):
    (tmp_path / "m.gguf").write_bytes(GGUFS[what])
    refused(tmp_path / "m.gguf")


@pytest.mark.parametrize("name", ["model.bin", "model.pt", "model.pkl", "model.safetensors", "model.zip", "model"])
def test_a_single_file_that_is_no_gguf_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(pickled())
    refused(tmp_path / name, "has to be GGUF")


def test_a_link_to_a_pickle_called_gguf_is_refused(tmp_path):
    (tmp_path / "model.bin").write_bytes(pickled())
    (tmp_path / "model.gguf").symlink_to("model.bin")
    refused(tmp_path / "model.gguf", "is a pickle")


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside.json", "../../x"])
def test_a_link_that_leaves_the_folder_is_refused(tmp_path, target):
    (tmp_path / "outside.json").write_text("{}")
    path = folder(tmp_path / "model")
    (path / "tokenizer.json").symlink_to(target)
    refused(path, "leaves the folder")


def test_a_link_to_a_folder_is_refused(tmp_path):
    path = folder(tmp_path / "model", **{"inner/vocab.txt": b"a"})
    (path / "again").symlink_to("inner")
    refused(path, "link to a folder")


def test_a_link_without_end_is_refused(tmp_path):
    path = folder(tmp_path / "model")
    (path / "vocab.txt").symlink_to("vocab.txt")
    refused(path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    path = folder(tmp_path / "model")
    os.mkfifo(path / "vocab.txt")
    refused(path, "no ordinary file")


def test_a_model_without_a_configuration_is_refused(tmp_path):
    path = folder(tmp_path / "model")
    (path / "config.json").unlink()
    refused(path, r"no config\.json")


def test_two_gguf_files_are_one_too_many(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.gguf").write_bytes(gguf())
    refused(tmp_path, "name one")


def test_a_gguf_beside_a_pickle_is_refused(tmp_path):
    (tmp_path / "a.gguf").write_bytes(gguf())
    (tmp_path / "a.bin").write_bytes(pickled())
    refused(tmp_path, "is a pickle")


def test_a_gguf_cut_anywhere_is_refused(tmp_path):
    whole = gguf()
    for end in range(0, len(whole) - 1, 7):
        (tmp_path / "m.gguf").write_bytes(whole[:end])
        with pytest.raises(BrokenWeights):
            verify(tmp_path / "m.gguf")


def test_a_flipped_bit_in_a_header_ends_in_words_and_never_in_a_crash(tmp_path):
    """What stays possible after it, a letter of a name for instance, may be taken; nothing else may happen."""
    file = tmp_path / "m.gguf"
    whole = gguf({key: content for key, content in PLAIN.items() if key != "tokenizer.chat_template"})
    path = folder(tmp_path / "model")
    tensors = safetensors()
    outcomes = set()
    for bit in range(0, 8 * (len(whole) - 18), 3):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        file.write_bytes(changed)
        outcomes.add(_outcome(file))
    (path / "tokenizer_config.json").unlink()
    for bit in range(0, 8 * (len(tensors) - 16), 3):
        changed = bytearray(tensors)
        changed[bit // 8] ^= 1 << bit % 8
        (path / "model.safetensors").write_bytes(changed)
        outcomes.add(_outcome(path))
    assert outcomes == {"taken", "broken"}
    assert TEMPLATE in PLAIN["tokenizer.chat_template"].decode("latin-1")


def _outcome(path):
    try:
        verify(path)
    except (BrokenWeights, RefusedWeights):
        return "broken"
    return "taken"
