"""The executable: which procedure is called, and its answer on standard output."""

from __future__ import annotations

import sys

from wireproof.buf_plugin.rpc import (
    INTERNAL,
    PROCEDURES,
    PROTOCOL,
    PluginError,
    failure,
    path_of,
    request_of,
    response,
    spec,
)

_USAGE = """\
wireproof-buf-plugin is started by buf, not by hand. Name it in buf.yaml:

  plugins:
    - plugin: wireproof-buf-plugin
  breaking:
    use: [FILE, WIREPROOF_EXTRA]

and run `buf breaking --against …`; `buf config ls-breaking-rules` lists its rules.
"""


def main(args: list[str] | None = None) -> None:
    """Answer one call of buf; exit 0 with an answer (errors are answers too), 2 without one."""
    words, form = _parsed(sys.argv[1:] if args is None else args)
    if words == ["--protocol"]:
        sys.stdout.write(f"{PROTOCOL}\n")
        sys.exit(0)
    if words in (["-h"], ["--help"]):
        sys.stdout.write(_USAGE)
        sys.exit(0)
    if words == ["--spec"]:
        _write(_in_form(spec(), "pluginrpc.v1.Spec", form))
    method = _method(words)
    if method is None or form not in ("binary", "json"):
        said = " ".join(words)
        sys.stderr.write(f"{_USAGE}\nunknown call: {said} --format {form}\n" if said else _USAGE)
        sys.exit(2)
    _write(answer(method, sys.stdin.buffer.read(), form))


def answer(method: str, stdin: bytes, form: str = "binary") -> bytes:
    """The `pluginrpc.v1.Response` to *method*: whatever goes wrong is an Error in it."""
    try:
        if form == "json":
            stdin = _from_json(stdin)
        found = response(method, _called(method, request_of(method, stdin)))
    except PluginError as error:
        found = failure(error)
    except Exception as error:  # noqa: BLE001 - buf must get an answer, never a traceback
        words = f"Wireproof failed on this input, please report it: {type(error).__name__}: {error}"
        found = failure(PluginError(words, INTERNAL))
    return _in_form(found, "pluginrpc.v1.Response", form)


def _called(method: str, request: bytes) -> bytes:
    if method == "Check":
        from wireproof.buf_plugin.check import check  # the only call that needs the rules

        return check(request)
    from wireproof.buf_plugin.offer import list_categories, list_rules

    return list_rules(request) if method == "ListRules" else list_categories(request)


def _parsed(args: list[str]) -> tuple[list[str], str]:
    """The words of the call and the format; argparse alone would cost more than the answer."""
    words, form, waiting = [], "binary", list(args)
    while waiting:
        word = waiting.pop(0)
        if word == "--format" and waiting:
            form = waiting.pop(0)
        elif word.startswith("--format="):
            form = word.partition("=")[2]
        else:
            words.append(word)
    return words, form


def _method(words: list[str]) -> str | None:
    """A procedure is called by its argument or by its path."""
    if len(words) != 1:
        return None
    paths = {path_of(method): method for method in PROCEDURES.values()}
    return PROCEDURES.get(words[0]) or paths.get(words[0])


def _from_json(stdin: bytes) -> bytes:
    from wireproof.buf_plugin.messages import from_json

    return from_json("pluginrpc.v1.Request", stdin)


def _in_form(message: bytes, kind: str, form: str) -> bytes:
    if form != "json":
        return message
    from wireproof.buf_plugin.messages import to_json

    return to_json(kind, message)


def _write(answered: bytes) -> None:
    sys.stdout.buffer.write(answered)
    sys.stdout.buffer.flush()
    sys.exit(0)
