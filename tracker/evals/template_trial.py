"""Reads a chat template on its standard input and renders it in Jinja's immutable sandbox, as the libraries will: run
by its path, alone in a process with limits."""

import resource
import sys
from importlib import import_module
from typing import Any

SECONDS = 3  # of computing, which a busy machine does not make longer
LONGEST_RESULT = 1 << 22
CONVERSATION = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "What is 2 + 3?"},
    {"role": "assistant", "content": "5"},
    {"role": "user", "content": "And 3 + 4?"},
]
GIVEN = {"add_generation_prompt": True, "bos_token": "<s>", "eos_token": "</s>", "tools": None}


def refused(template: str) -> str:
    """Why it is more than a template; "" if it is none."""
    # By name: it is there where models are run, and only there.
    jinja2, ext, sandbox = map(import_module, ("jinja2", "jinja2.ext", "jinja2.sandbox"))
    nodes, template_error = jinja2.nodes, jinja2.TemplateError

    class Generation(ext.Extension):  # type: ignore[name-defined]
        """Marks what the assistant said, for training."""

        tags = {"generation"}

        def parse(self, parser: Any) -> Any:
            parser.stream.skip()
            return parser.parse_statements(("name:endgeneration",), drop_needle=True)

    def raise_exception(message: str) -> None:
        raise template_error(message)

    environment = sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, ext.loopcontrols]
    )
    environment.globals.update(raise_exception=raise_exception, strftime_now=lambda form: "2026-01-01")
    try:
        tree = environment.parse(template)
    except (template_error, RecursionError) as error:
        return f"cannot be read: {error}"
    for node in tree.find_all((nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Include, nodes.Import)):
        asked: Any = ""
        if isinstance(node, nodes.Getattr):
            asked = node.attr
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            asked = node.arg.value
        elif isinstance(node, nodes.Filter) and node.name == "attr":
            return "asks for attributes by a computed name"
        elif isinstance(node, nodes.Include | nodes.Import):
            return "loads another"
        if isinstance(asked, str) and (asked.startswith("_") or sandbox.is_internal_attribute(None, asked)):
            return f"reaches for Python's inside: {asked[:40]!r}"
    if tree.find((nodes.Extends, nodes.FromImport)):
        return "loads another"
    return rendered(environment, template, sandbox.SecurityError, template_error)


def rendered(environment: Any, template: str, unsafe: type[Exception], own: type[Exception]) -> str:
    """What goes wrong when short conversations are rendered; "" if nothing. `unsafe` is what the sandbox raises, `own`
    what the template does: one that takes no such conversation is harmless."""
    made = environment.from_string(template)
    for messages in (CONVERSATION, CONVERSATION[1:], CONVERSATION[1:2]):
        length = 0
        try:
            for piece in made.generate(**GIVEN, messages=messages):
                length += len(piece)
                if length > LONGEST_RESULT:
                    return f"makes more than {LONGEST_RESULT} characters of a short conversation"
        except unsafe as error:
            return f"is stopped by the sandbox: {error}"
        except (MemoryError, OverflowError):
            return "needs more memory than a template may"
        except (own, TypeError, ValueError, KeyError, AttributeError, ZeroDivisionError):
            continue  # it does not take such conversations, and says so
    return ""


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    reason = refused(sys.stdin.buffer.read().decode("utf-8", "replace"))
    sys.stdout.write(f"refused: {reason}\n" if reason else "harmless\n")
    sys.stdout.flush()
    sys.exit(1 if reason else 0)
