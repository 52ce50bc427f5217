"""Python source -> JavaScript, so that a page without a kernel runs the renderer that Python runs.

A part of the language is enough for that: functions, classes, dataclasses and named tuples, generators, comprehensions,
f-strings, exceptions. What can't be translated raises Untranslatable with its line; tests compare what both print.
Whole numbers and floats are one type in JavaScript: a number that is printed goes through `numeral` or `exact`.
"""

from __future__ import annotations

import ast
import importlib.util
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

NATIVE = {  # modules that runtime.js has, and what it calls their names
    "convkit.arguments": "$arguments",
    "xml.sax.saxutils": "$markup",
    "html": "$html",
    "math": "$math",
    "re": "$re",
}
IGNORED = ("__future__", "typing", "dataclasses", "collections.abc", "functools", "abc")
BUILTINS = {
    "abs": "Math.abs", "all": "$all", "any": "$any", "bool": "$t", "dict": "$dict",
    "enumerate": "$enumerate", "float": "$float", "frozenset": "$set", "getattr": "$getattr", "int": "$int",
    "iter": "$list", "len": "$len", "list": "$list",
    "map": "$map", "max": "$max", "min": "$min", "next": "$next", "range": "$range", "repr": "$repr",
    "reversed": "$reversed", "round": "$round", "set": "$set", "sorted": "$sorted", "str": "$str", "sum": "$sum",
    "tuple": "$list", "zip": "$zip", "replace": "$replace", "isinstance": "$isinstance",
    "ValueError": "$ValueError", "TypeError": "$ValueError", "KeyError": "$KeyError", "Exception": "Error",
    "NotImplementedError": "Error", "OverflowError": "$ValueError",
}  # fmt: skip
WITH_OPTIONS = ("max", "min", "sorted")  # their keywords go first, as one object
METHODS = {
    "append", "capitalize", "endswith", "isdigit", "join", "lower", "partition", "removeprefix", "removesuffix",
    "replace", "rstrip", "split", "startswith", "strip", "upper",
}  # fmt: skip
RESERVED = {
    "arguments", "await", "case", "catch", "const", "default", "delete", "do", "enum", "eval", "export", "function",
    "instanceof", "interface", "let", "new", "null", "package", "private", "protected", "public", "static", "switch",
    "this", "throw", "typeof", "undefined", "var", "void", "super", "extends",
}  # fmt: skip
OPERATORS: dict[type, str] = {
    ast.Add: "$add", ast.Mult: "$mul", ast.Mod: "$mod", ast.Sub: "-", ast.Div: "/", ast.Pow: "**"
}  # fmt: skip
COMPARISONS: dict[type, str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
TRUTHS = ("$any", "$all", "$in", "$isinstance", "$eq", "!", "$method.startswith", "$method.endswith")


class Untranslatable(NotImplementedError):
    """A line that is outside of the part of Python that is translated."""


@dataclass(frozen=True)
class Signature:
    """The parameters of a function or of a class, in order."""

    names: tuple[str, ...]
    is_class: bool = False


@dataclass
class Module:
    """A module on its way: its tree, and what its names are."""

    name: str
    tree: ast.Module
    signatures: dict[str, Signature] = field(default_factory=dict)
    methods: dict[str, Signature] = field(default_factory=dict)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)  # name -> (module, its name there)
    modules: dict[str, str] = field(default_factory=dict)  # name -> module


@cache
def translate(entries: tuple[str, ...], looked_up: str = "") -> str:
    """These modules and all that they import from this package, as one script that ends with `$modules` filled.

    looked_up: a module whose functions are not translated; `$lookup(name, arguments)` answers for them.
    """
    found: dict[str, Module] = {}
    for entry in entries:
        _read(entry, found, looked_up)
    methods = {name: signature for module in found.values() for name, signature in module.methods.items()}
    return "\n".join(
        _Writer(module, found, methods, looked_up).script() for module in found.values() if module.name not in NATIVE
    )


def _read(name: str, found: dict[str, Module], looked_up: str) -> None:
    """Parse a module after all that it imports."""
    if name in found:
        return
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise Untranslatable(f"{name} has no source")
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    module = Module(name, tree)
    if name in NATIVE:
        for statement in tree.body:
            _sign(statement, module)
        found[name] = module
        return
    is_package = Path(spec.origin).name == "__init__.py"
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            source = _absolute(node, name, is_package)
            if source in IGNORED:
                continue
            for alias in node.names:
                bound, inner = alias.asname or alias.name, f"{source}.{alias.name}"
                if source.startswith("convkit") and source not in NATIVE and _is_module(inner):
                    module.modules[bound] = inner
                    _read(inner, found, looked_up)
                else:
                    module.imported[bound] = (source, alias.name)
            if source.startswith("convkit") and source != looked_up and not _all_modules(node, source):
                _read(source, found, looked_up)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                module.modules[alias.asname or alias.name] = alias.name
    for statement in tree.body:
        _sign(statement, module)
    found[name] = module


@cache
def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _all_modules(node: ast.ImportFrom, source: str) -> bool:
    return all(_is_module(f"{source}.{alias.name}") for alias in node.names)


def _absolute(node: ast.ImportFrom, name: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = name.split(".")
    base = parts[: len(parts) - node.level + is_package]
    return ".".join([*base, *([node.module] if node.module else [])])


def _sign(statement: ast.stmt, module: Module) -> None:
    if isinstance(statement, ast.FunctionDef):
        module.signatures[statement.name] = Signature(_parameters(statement.args))
    elif isinstance(statement, ast.ClassDef):
        module.signatures[statement.name] = Signature(_fields(statement), is_class=True)
        for inner in statement.body:
            if isinstance(inner, ast.FunctionDef):
                module.methods[inner.name] = Signature(_parameters(inner.args)[1:])


def _parameters(args: ast.arguments) -> tuple[str, ...]:
    return tuple(arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs))


def _fields(node: ast.ClassDef) -> tuple[str, ...]:
    """What a class is called with: the parameters of __init__, or its annotated fields."""
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
            return _parameters(inner.args)[1:]
    return tuple(inner.target.id for inner in node.body if _is_field(inner))  # type: ignore[attr-defined]


def _is_field(node: ast.stmt) -> bool:
    return isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)


def _js(name: str) -> str:
    return f"{name}$" if name in RESERVED else name


def _text(value: str) -> str:
    return json.dumps(value)


class _Writer:
    """Writes one module: a method for each kind of node."""

    def __init__(self, module: Module, found: dict[str, Module], methods: dict[str, Signature], looked_up: str) -> None:
        self.module, self.found, self.methods, self.looked_up = module, found, methods, looked_up
        self.scopes: list[set[str]] = []  # of the functions around: none at the top of a module

    def script(self) -> str:
        names = ", ".join(sorted(map(_js, self._globals)))
        inside = "\n".join(filter(None, map(self.value, self.module.tree.body)))
        return f"$modules[{_text(self.module.name)}] = (() => {{\n{inside}\nreturn {{ {names} }};\n}})();"

    @cached_property
    def _globals(self) -> set[str]:
        """All names of the module, without those such as `Items = list[Box]`, which only annotations use."""
        assigned = [
            node for node in self.module.tree.body if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value
        ]
        types = [node for node in assigned if isinstance(node, ast.Assign) and _is_annotation(node.value)]
        return (set(self.module.signatures) | _bound(assigned)) - _bound(types)

    # ---- statements

    def block(self, statements: Iterable[ast.stmt]) -> str:
        return " ".join(filter(None, map(self.value, statements)))

    def _refusal(self, node: ast.AST) -> Untranslatable:
        line = getattr(node, "lineno", "?")
        return Untranslatable(f"{self.module.name}, line {line}: {type(node).__name__} is not translated")

    def _import(self, node: ast.stmt) -> str:
        return ""

    _importfrom = _pass = _assert = _import

    def _expr(self, node: ast.Expr) -> str:
        return "" if isinstance(node.value, ast.Constant) else f"{self.value(node.value)};"

    def _return(self, node: ast.Return) -> str:
        return f"return {self.value(node.value) if node.value else 'null'};"

    def _raise(self, node: ast.Raise) -> str:
        if node.exc is None:
            raise self._refusal(node)
        made = self.value(node.exc)
        return f"throw {made if made.startswith('new ') else f'new {made}()'};"

    def _if(self, node: ast.If) -> str:
        other = f" else {{ {self.block(node.orelse)} }}" if node.orelse else ""
        return f"if ({self.test(node.test)}) {{ {self.block(node.body)} }}{other}"

    def _for(self, node: ast.For) -> str:
        if node.orelse:
            raise self._refusal(node)
        return f"for ({self.target(node.target)} of $iter({self.value(node.iter)})) {{ {self.block(node.body)} }}"

    def _try(self, node: ast.Try) -> str:
        if node.finalbody:
            raise self._refusal(node)
        branches = []
        for handler in node.handlers:
            kinds = self.value(handler.type) if handler.type else "Error"
            named = f"let {_js(handler.name)} = $error; " if handler.name else ""
            branches.append(f"if ($caught($error, {kinds})) {{ {named}{self.block(handler.body)} }}")
        caught = " else ".join([*branches, "throw $error;"])
        return f"try {{ {self.block([*node.body, *node.orelse])} }} catch ($error) {{ {caught} }}"

    def _assign(self, node: ast.Assign) -> str:
        if not self.scopes and _is_annotation(node.value):
            return ""
        value, lines = self.value(node.value), []
        for target in node.targets:
            lines.append(self._assigned(target, value))
            value = self.value(target) if len(node.targets) > 1 else value
        return " ".join(lines)

    def _annassign(self, node: ast.AnnAssign) -> str:
        return self._assigned(node.target, self.value(node.value)) if node.value else ""

    def _assigned(self, target: ast.expr, value: str) -> str:
        word = "" if self.scopes else "const "
        if isinstance(target, ast.Subscript):
            return f"$put({self.value(target.value)}, {self.value(target.slice)}, {value});"
        if isinstance(target, (ast.Tuple, ast.List)):
            assigned = f"{self.target(target)} = {value}"
            return f"{word}{assigned};" if word else f"({assigned});"
        return f"{word}{self.target(target)} = {value};"

    def _augassign(self, node: ast.AugAssign) -> str:
        if isinstance(node.op, ast.Add):
            made = f"$extend({self.value(node.target)}, {self.value(node.value)})"
        else:
            made = self._operation(node.op, node.target, node.value)
        return self._assigned(node.target, made)

    def target(self, node: ast.expr) -> str:
        if isinstance(node, (ast.Tuple, ast.List)):
            return f"[{', '.join(map(self.target, node.elts))}]"
        if isinstance(node, ast.Subscript):
            raise self._refusal(node)
        if isinstance(node, ast.Starred):
            return f"...{self.target(node.value)}"
        return self.value(node)

    def _functiondef(self, node: ast.FunctionDef) -> str:
        name = _js(node.name)
        written = f"function{self._star(node)} {name}{self.function(node)}"
        is_cached = _decorators(node) & {"cache", "lru_cache"}
        return f"const {name} = $cache({written});" if is_cached else written

    def _star(self, node: ast.FunctionDef) -> str:
        return "*" if any(isinstance(found, (ast.Yield, ast.YieldFrom)) for found in _own(node)) else ""

    def function(self, node: ast.FunctionDef, method: bool = False) -> str:
        """Parameters and body."""
        parameters = self._signature(node.args, method)
        names = set(_parameters(node.args)) | ({node.args.vararg.arg} if node.args.vararg else set())
        bound = _bound(node.body) - names
        inner = {
            found.name for found in _own(node) if isinstance(found, (ast.FunctionDef, ast.ExceptHandler)) and found.name
        }
        self.scopes.append(bound | names | inner)
        let = f"let {', '.join(sorted(map(_js, bound)))}; " if bound else ""
        this = "const self = this; " if method else ""
        body = self.block(node.body)
        self.scopes.pop()
        return f"({parameters}) {{ {this}{let}{body} }}"

    def _signature(self, args: ast.arguments, method: bool) -> str:
        plain = [*args.posonlyargs, *args.args]
        defaults = [None] * (len(plain) - len(args.defaults)) + list(args.defaults)
        found = [self._parameter(arg, value) for arg, value in zip(plain, defaults, strict=True)][method:]
        found += [self._parameter(arg, value) for arg, value in zip(args.kwonlyargs, args.kw_defaults, strict=True)]
        return ", ".join([*found, *([f"...{_js(args.vararg.arg)}"] if args.vararg else [])])

    def _parameter(self, arg: ast.arg, default: ast.expr | None) -> str:
        return _js(arg.arg) if default is None else f"{_js(arg.arg)} = {self.value(default)}"

    def _classdef(self, node: ast.ClassDef) -> str:
        bases = [ast.unparse(base) for base in node.bases]
        parts, constants = [], []
        fields = [inner for inner in node.body if _is_field(inner)]
        has_init = any(isinstance(inner, ast.FunctionDef) and inner.name == "__init__" for inner in node.body)
        is_record = "dataclass" in _decorators(node) or "NamedTuple" in bases
        if is_record and not has_init:
            parts.append(self._constructor(fields))
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef):
                parts.append(self._method(inner))
            elif isinstance(inner, ast.Assign) or (isinstance(inner, ast.AnnAssign) and not is_record and inner.value):
                target: Any = inner.targets[0] if isinstance(inner, ast.Assign) else inner.target
                constants.append(f"{node.name}.prototype.{target.id} = {self.value(inner.value)};")  # type: ignore[arg-type]
        extends = "" if not bases or "NamedTuple" in bases else f" extends {self.value(node.bases[0])}"
        return "\n".join([f"class {node.name}{extends} {{ {' '.join(parts)} }}", *constants])

    def _constructor(self, fields: Sequence[Any]) -> str:
        names = [_js(inner.target.id) for inner in fields]
        given = [
            name if inner.value is None else f"{name} = {self.value(inner.value)}"
            for name, inner in zip(names, fields, strict=True)
        ]
        body = " ".join(f"this.{name} = {name};" for name in names)
        return f"constructor({', '.join(given)}) {{ {body} }}"

    def _method(self, node: ast.FunctionDef) -> str:
        if node.name == "__init__":
            return f"constructor{self.function(node, method=True)}"
        name, names = {"__repr__": "toString"}.get(node.name, node.name), _decorators(node)
        if "cached_property" in names:
            made = f"function {self.function(node, method=True)}"
            return f"get {name}() {{ return $once(this, {_text(name)}, {made}); }}"
        kind = "get " if "property" in names else self._star(node)
        return f"{kind}{name}{self.function(node, method=True)}"

    # ---- expressions

    def value(self, node: ast.expr | ast.stmt) -> str:
        """The text of an expression, or of a statement."""
        write = getattr(self, f"_{type(node).__name__.lower()}", None)
        if write is None:
            raise self._refusal(node)
        return str(write(node))

    def test(self, node: ast.expr) -> str:
        """An expression whose truth is asked for."""
        if isinstance(node, ast.BoolOp):
            sign = " && " if isinstance(node.op, ast.And) else " || "
            return f"({sign.join(map(self.test, node.values))})"
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return f"!{self.test(node.operand)}"
        found = self.value(node)
        return found if isinstance(node, ast.Compare) or found.startswith(TRUTHS) else f"$t({found})"

    def _constant(self, node: ast.Constant) -> str:
        if isinstance(node.value, str):
            return _text(node.value)
        if isinstance(node.value, bool):
            return "true" if node.value else "false"
        return repr(node.value) if isinstance(node.value, (int, float)) else "null"

    def _name(self, node: ast.Name) -> str:
        name = node.id
        if self._is_local(name) or name in self.module.signatures:
            return _js(name)
        if name in self.module.imported:
            return self._imported(*self.module.imported[name])
        if name in self.module.modules:
            module = self.module.modules[name]
            return NATIVE.get(module) or f"$modules[{_text(module)}]"
        if name in self._globals:
            return _js(name)
        if name not in BUILTINS:
            raise Untranslatable(f"{self.module.name}, line {node.lineno}: {name} is not known in a browser")
        return BUILTINS[name]

    def _imported(self, source: str, name: str) -> str:
        if source in NATIVE:
            return f"{NATIVE[source]}.{name}"
        if source == self.looked_up:
            return f"$lookup({_text(name)})"
        return f"$modules[{_text(source)}].{_js(name)}"

    def _attribute(self, node: ast.Attribute) -> str:
        return f"{self.value(node.value)}.{_js(node.attr)}"

    def _subscript(self, node: ast.Subscript) -> str:
        whole = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            start, stop = (self.value(part) if part else "null" for part in (node.slice.lower, node.slice.upper))
            step = f", {self.value(node.slice.step)}" if node.slice.step else ""
            return f"$slice({whole}, {start}, {stop}{step})"
        return f"$item({whole}, {self.value(node.slice)})"

    def _tuple(self, node: ast.Tuple | ast.List) -> str:
        return f"[{', '.join(map(self.value, node.elts))}]"

    _list = _tuple

    def _starred(self, node: ast.Starred) -> str:
        return f"...$iter({self.value(node.value)})"

    def _dict(self, node: ast.Dict) -> str:
        parts = [
            f"...$items({self.value(value)})" if key is None else f"[{self.value(key)}, {self.value(value)}]"
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        return f"$dict([{', '.join(parts)}])"

    def _joinedstr(self, node: ast.JoinedStr) -> str:
        return f"({' + '.join([_text(''), *map(self._piece, node.values)])})"

    def _piece(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return _text(str(node.value))
        if not isinstance(node, ast.FormattedValue):
            raise self._refusal(node)
        value = self.value(node.value)
        if node.format_spec is not None:
            return f"$format({value}, {self.value(node.format_spec)})"
        return f"{'$repr' if node.conversion == ord('r') else '$str'}({value})"

    def _binop(self, node: ast.BinOp) -> str:
        return self._operation(node.op, node.left, node.right)

    def _operation(self, op: ast.operator, left: ast.expr, right: ast.expr) -> str:
        one, other = self.value(left), self.value(right)
        if isinstance(op, ast.FloorDiv):
            return f"Math.floor(({one}) / ({other}))"
        sign = OPERATORS.get(type(op))
        if sign is None:
            raise self._refusal(left)
        if sign == "$add" and any(isinstance(side, (ast.Constant, ast.JoinedStr)) for side in (left, right)):
            sign = "+"
        return f"{sign}({one}, {other})" if sign.startswith("$") else f"(({one}) {sign} ({other}))"

    def _unaryop(self, node: ast.UnaryOp) -> str:
        if isinstance(node.op, ast.Not):
            return f"!{self.test(node.operand)}"
        return f"(-{self.value(node.operand)})" if isinstance(node.op, ast.USub) else self.value(node.operand)

    def _boolop(self, node: ast.BoolOp) -> str:
        *first, last = map(self.value, node.values)
        name = "$and" if isinstance(node.op, ast.And) else "$or"
        found = last
        for value in reversed(first):
            found = f"{name}({value}, () => {found})"
        return found

    def _compare(self, node: ast.Compare) -> str:
        sides = [node.left, *node.comparators]
        found = [self._compared(op, *pair) for op, pair in zip(node.ops, itertools.pairwise(sides), strict=True)]
        return f"({' && '.join(found)})"

    def _compared(self, op: ast.cmpop, left: ast.expr, right: ast.expr) -> str:
        one, other = self.value(left), self.value(right)
        if isinstance(op, (ast.Is, ast.IsNot)):
            return f"{one} {'==' if isinstance(op, ast.Is) else '!='} {other}"
        if isinstance(op, (ast.Eq, ast.NotEq)):
            if any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (left, right)):
                return f"{one} {'===' if isinstance(op, ast.Eq) else '!=='} {other}"
            return f"{'' if isinstance(op, ast.Eq) else '!'}$eq({one}, {other})"
        if isinstance(op, (ast.In, ast.NotIn)):
            return f"{'' if isinstance(op, ast.In) else '!'}$in({one}, {other})"
        return f"({one}) {COMPARISONS[type(op)]} ({other})"

    def _ifexp(self, node: ast.IfExp) -> str:
        return f"({self.test(node.test)} ? {self.value(node.body)} : {self.value(node.orelse)})"

    def _lambda(self, node: ast.Lambda) -> str:
        self.scopes.append(set(_parameters(node.args)))
        found = f"(({self._signature(node.args, False)}) => {self.value(node.body)})"
        self.scopes.pop()
        return found

    def _yield(self, node: ast.Yield) -> str:
        return f"yield {self.value(node.value) if node.value else 'null'}"

    def _yieldfrom(self, node: ast.YieldFrom) -> str:
        return f"yield* $iter({self.value(node.value)})"

    def _listcomp(self, node: Any) -> str:
        return self._comprehension(node.generators, lambda: self.value(node.elt))

    _generatorexp = _listcomp

    def _setcomp(self, node: ast.SetComp) -> str:
        return f"$set({self._listcomp(node)})"

    def _dictcomp(self, node: ast.DictComp) -> str:
        pairs = self._comprehension(node.generators, lambda: f"[{self.value(node.key)}, {self.value(node.value)}]")
        return f"$dict({pairs})"

    def _comprehension(self, generators: list[ast.comprehension], element: Any) -> str:
        heads, first = [], self.value(generators[0].iter)
        self.scopes.append(set())
        for n, generator in enumerate(generators):
            source = "$first" if n == 0 else self.value(generator.iter)
            self.scopes[-1] |= _names(generator.target)
            conditions = "".join(f"if ({self.test(condition)}) " for condition in generator.ifs)
            heads.append(f"for (const {self.target(generator.target)} of $iter({source})) {conditions}")
        inner = f"$made.push({element()});"
        self.scopes.pop()
        return f"(($first) => {{ const $made = []; {''.join(heads)}{inner} return $made; }})({first})"

    def _call(self, node: ast.Call) -> str:
        given = [self.value(arg) for arg in node.args]
        if isinstance(node.func, ast.Name):
            return self._named_call(node, node.func.id, given)
        if not isinstance(node.func, ast.Attribute):
            return f"{self.value(node.func)}({', '.join(given)})"
        name, owner = node.func.attr, node.func.value
        if isinstance(owner, ast.Name) and owner.id in self.module.modules and not self._is_local(owner.id):
            signature = self._signature_of(self.module.modules[owner.id], name)
            return f"{self.value(node.func)}({', '.join(self._ordered(node, given, signature))})"
        if isinstance(owner, ast.Call) and ast.unparse(owner.func) == "super":
            return f"super.{name}({', '.join(given)})"
        if name == "_replace":
            return f"$replace({self.value(owner)}, {self._options(node)})"
        if name in METHODS and name not in self.methods:
            return f"$method.{name}({', '.join([self.value(owner), *given])})"
        return f"{self.value(owner)}.{_js(name)}({', '.join(self._ordered(node, given, self.methods.get(name)))})"

    def _is_local(self, name: str) -> bool:
        return any(name in scope for scope in self.scopes)

    def _named_call(self, node: ast.Call, name: str, given: list[str]) -> str:
        function = self.value(node.func)
        if not self._is_local(name) and name in BUILTINS and function == BUILTINS[name]:
            if name in WITH_OPTIONS:
                return f"{function}({', '.join([self._options(node), *given])})"
            if name == "replace":
                return f"$replace({given[0]}, {self._options(node)})"
            if name == "enumerate":
                given += [self.value(word.value) for word in node.keywords]
            made = "new " if "Error" in function else ""
            return f"{made}{function}({', '.join(given)})"
        source, own = self.module.imported.get(name, (self.module.name, name))
        signature = None if self._is_local(name) else self._signature_of(source, own)
        made = "new " if (signature and signature.is_class) or name.endswith("Error") else ""
        return f"{made}{function}({', '.join(self._ordered(node, given, signature))})"

    def _signature_of(self, module: str, name: str) -> Signature | None:
        return self.found[module].signatures.get(name) if module in self.found else None

    def _ordered(self, node: ast.Call, given: list[str], signature: Signature | None) -> list[str]:
        """Arguments with those given by name at their positions."""
        if not node.keywords:
            return given
        words = {word.arg: self.value(word.value) for word in node.keywords}
        if signature is None or None in words or not set(words) <= set(signature.names):
            raise self._refusal(node)
        rest = signature.names[len(given) :]
        last = max(rest.index(name) for name in words if name in rest)
        return [*given, *(words.get(name, "undefined") for name in rest[: last + 1])]

    def _options(self, node: ast.Call) -> str:
        parts = [
            f"...$object({self.value(word.value)})"
            if word.arg is None
            else f"{_js(word.arg)}: {self.value(word.value)}"
            for word in node.keywords
        ]
        return f"{{{', '.join(parts)}}}"


def _decorators(node: ast.FunctionDef | ast.ClassDef) -> set[str]:
    """The names of what decorates a function or a class, without their modules."""
    called = [found.func if isinstance(found, ast.Call) else found for found in node.decorator_list]
    return {ast.unparse(found).rpartition(".")[2] for found in called}


def _is_annotation(node: ast.expr | None) -> bool:
    """Whether a value is a type: list[int], A | B, Any."""
    if isinstance(node, ast.Subscript):
        return (
            isinstance(node.value, ast.Name)
            and (node.value.id[0].isupper() or node.value.id in ("list", "dict", "tuple"))
            and not node.value.id.isupper()
        )
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.BitOr) and _is_annotation(node.left)
    return isinstance(node, ast.Name) and node.id in ("Any", "Whole")


def _own(node: ast.FunctionDef) -> Iterable[ast.AST]:
    """All nodes of a function that are not inside another function."""
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        found = waiting.pop()
        yield found
        if not isinstance(found, (ast.FunctionDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(found)


def _bound(statements: Iterable[ast.stmt]) -> set[str]:
    """Names that these statements assign, outside of functions and comprehensions."""
    names: set[str] = set()
    waiting: list[ast.AST] = list(statements)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.NamedExpr)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                names |= _names(target)
        if not isinstance(
            node, (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
        ):
            waiting += ast.iter_child_nodes(node)
    return names


def _names(target: ast.expr) -> set[str]:
    if isinstance(target, ast.Name):
        return {target.id}
    if isinstance(target, (ast.Tuple, ast.List)):
        return {name for part in target.elts for name in _names(part)}
    return _names(target.value) if isinstance(target, ast.Starred) else set()
