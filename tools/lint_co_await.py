#!/usr/bin/env python3
"""Fails if a coroutine takes a shape that the distribution's compiler translates wrongly.

    tools/lint_co_await.py [project root]

gcc 12 destroys temporaries in some co_await expressions twice or too early. So:

  - coroutines stand only in the transport files named below;
  - co_await stands only in `auto r = co_await f(...);`, `co_await f(...);` or
    `co_return co_await f(...);`;
  - its arguments are names, std::move of a name, scalars, or one of a few harmless wrappers of
    these; no braces, lambdas, `?:` or `&&`;
  - a lambda with captures is no coroutine, and no coroutine takes an rvalue reference.
"""

import pathlib
import re
import sys

from source_tree import ROOT, relative, source_files

TRANSPORT_FILES = {f"server/http/{name}{suffix}"
                   for name in ("listener", "session", "websocket_session")
                   for suffix in (".h", ".cc")}

COMMENT_OR_LITERAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
KEYWORD = re.compile(r"\bco_await\b")
# What may stand between the statement's begin and co_await.
PREFIX = re.compile(r"^(?:(?:case\b[^;{}]*|default\s*):(?!:))?\s*"
                    r"(?:(?:const\s+)?auto\s+\w+\s*=|co_return)?\s*$")
NAME = r"[A-Za-z_]\w*(?:\s*(?:::|\.|->)\s*[A-Za-z_]\w*(?:\(\))?)*"
AWAITED = re.compile(rf"^\s*({NAME})\s*(?:\((.*)\))?\s*$", re.DOTALL)
SIMPLE_ARGUMENT = re.compile(
    rf'^[*&]?(?:{NAME}(?:\(\))?|-?\d[\w.\']*|""|\'\')$')
WRAPPER = re.compile(
    r"^(?:(?:std|net|asio|boost::asio)::)?"
    r"(?:move|ref|cref|get|buffer|dynamic_buffer|bind_executor|as_tuple|redirect_error|"
    r"static_cast<[\w:]+>|chrono::(?:nano|micro|milli)?seconds|chrono::minutes)\s*\((.*)\)$",
    re.DOTALL)
LAMBDA = re.compile(r"\[([^\[\]]*)\]\s*(?:\([^()]*\))?\s*(?:mutable\b)?\s*"
                    r"(?:->\s*[\w:<>,\s&*]+?)?\s*\{")
COROUTINE_PARAMETERS = re.compile(r"\bawaitable<[^;{}()]*>\s+[\w:]+\s*\(([^()]*)\)")


def blank(text):
    """Replaces comments and the inside of literals, keeping offsets' line numbers."""
    def replace(match):
        piece = match.group()
        lines = "\n" * piece.count("\n")
        return lines if piece.startswith(("//", "/*")) else piece[-1] + lines + piece[-1]
    return COMMENT_OR_LITERAL.sub(replace, text)


def split_arguments(text):
    """Splits at the commas outside all brackets."""
    pieces, depth, begin = [], 0, 0
    for index, character in enumerate(text):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 0:
            pieces.append(text[begin:index])
            begin = index + 1
    return [piece.strip() for piece in [*pieces, text[begin:]] if piece.strip()]


def is_harmless(argument, depth=0):
    if SIMPLE_ARGUMENT.match(argument):
        return True
    wrapped = WRAPPER.match(argument)
    return (wrapped is not None and depth < 3
            and all(is_harmless(inner, depth + 1) for inner in split_arguments(wrapped.group(1))))


def check_statement(prefix, expression):
    """Returns what is wrong with `<prefix>co_await<expression>;`, or None."""
    if not PREFIX.match(prefix):
        return "co_await stands inside a larger expression or statement"
    awaited = AWAITED.match(expression)
    if not awaited:
        return "co_await is not applied to one plain call"
    for argument in split_arguments(awaited.group(2) or ""):
        if not is_harmless(argument):
            return f"argument `{argument}` is not a named object, a move of one, or a scalar"
    return None


def check_awaits(text):
    for match in KEYWORD.finditer(text):
        begin = max(text.rfind(delimiter, 0, match.start()) for delimiter in ";{}") + 1
        end = text.find(";", match.end())
        problem = check_statement(text[begin:match.start()].strip(), text[match.end():end])
        if problem:
            yield match.start(), problem


def body_end(text, brace):
    """The offset of the brace that closes the one at `brace`."""
    depth = 0
    for index in range(brace, len(text)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            return index
    return len(text)


def check_lambdas(text):
    for match in LAMBDA.finditer(text):
        brace = match.end() - 1
        body = text[brace:body_end(text, brace)]
        if match.group(1).strip() and re.search(r"\bco_(?:await|return|yield)\b", body):
            yield match.start(), "a lambda with captures is a coroutine"


def check_parameters(text):
    for match in COROUTINE_PARAMETERS.finditer(text):
        if "&&" in match.group(1):
            yield match.start(), "a coroutine takes an rvalue reference"


def check_text(name, text):
    """Returns the problems of one file as texts."""
    blanked = blank(text)
    found = [*check_awaits(blanked), *check_lambdas(blanked), *check_parameters(blanked)]
    first = re.search(r"\bco_(?:await|yield)\b", blanked)
    if first and name not in TRANSPORT_FILES:
        found.append((first.start(), "coroutines stand only in the transport files"))
    return [f"{name}:{blanked.count(chr(10), 0, offset) + 1}: {problem}"
            for offset, problem in sorted(found)]


def main(arguments):
    root = pathlib.Path(arguments[0]).resolve() if arguments else ROOT
    problems = []
    for path in source_files(root, {".h", ".cc"}):
        name = relative(path, root)
        if not name.startswith("tests/"):
            problems += check_text(name, path.read_text(encoding="utf-8"))
    for problem in problems:
        print(problem)
    print(f"lint_co_await: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
