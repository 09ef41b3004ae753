"""Member classes and the machine class: fields, variables and families, and which methods there are."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from quiesce.spec.codes import Code
from quiesce.spec.model import IntType, Literal, ScalarType, Span, Value, VariableDecl
from quiesce.spec.reading import instead
from quiesce.spec.reading.activities import read_session
from quiesce.spec.reading.annotations import AllMembers, OneMember, Scalar, read_annotation
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.decorators import decorator_word
from quiesce.spec.reading.expressions import Expressions
from quiesce.spec.reading.lower import is_layer, read_layer
from quiesce.spec.reading.methods import read_helper
from quiesce.spec.reading.problems import POISON, Poison
from quiesce.spec.reading.scope import Scope
from quiesce.spec.reading.statements import without_docstring
from quiesce.spec.reading.symbols import ActionWord, Layer, MemberClass, PromiseWord


@dataclass(eq=False, repr=False)
class Decorated:
    """Methods of the machine with the words of their decorators, in the order of the text."""

    actions: list[tuple[ActionWord, ast.FunctionDef]] = field(default_factory=list)
    promises: list[tuple[PromiseWord, ast.FunctionDef]] = field(default_factory=list)


class Classes:
    """Reads the classes of one spec."""

    def __init__(self, context: Context, expressions: Expressions) -> None:
        self._context = context
        self._expressions = expressions

    def members(self, classes: Sequence[ast.ClassDef]) -> None:
        """The member classes, with their fields and helpers. All are known before the first is read."""
        context = self._context
        for node in classes:
            doc, where = ast.get_docstring(node) or "", context.source.name_span(node)
            context.symbols.members[node.name] = MemberClass(node.name, doc, where)
        for node in classes:
            self._member(node, context.symbols.members[node.name])

    def functions(self, nodes: Sequence[ast.FunctionDef]) -> None:
        """The functions of the module, which are helpers that know their parameters alone."""
        context = self._context
        for node in nodes:
            if node.decorator_list:
                message = "a function of the module is a helper, without a decorator"
                context.report(Code.BAD_DECORATOR, node.decorator_list[0], message)
            context.symbols.functions[node.name] = read_helper(context, node, None)

    def machine(self, node: ast.ClassDef) -> Decorated:
        """Variables, families and helpers of the machine; its other methods are only sorted."""
        context, symbols = self._context, self._context.symbols
        symbols.machine = node.name
        seen: dict[str, Span] = {}
        decorated = Decorated()
        for statement in without_docstring(node.body):
            match statement:
                case ast.AnnAssign(target=ast.Name(id=name) as target):
                    if self._is_first(seen, name, context.source.span(target)):
                        self._variable_or_family(statement, target)
                case ast.FunctionDef(name=name) if not instead.is_special(name):
                    if self._is_first(seen, name, context.source.name_span(statement), helper=_is_helper(statement)):
                        self._method(statement, decorated)
                case ast.Assign(targets=[ast.Name(id=name) as target], value=ast.Call(func=function) as called) if (
                    context.word(function) == "session"
                ):
                    if self._is_first(seen, name, context.source.span(target)):
                        symbols.sessions[name] = read_session(context, called, name, target)
                case _:
                    for name in self._misplaced(statement, "variables, families and methods"):
                        symbols.variables[name] = POISON
        for name in instead.declared_inside(node.body):
            if name not in symbols.of_machine():
                symbols.variables[name] = POISON  # it is reported that it is declared there
        for layer in symbols.layers.values():
            if layer is not POISON:
                self._check_layer(layer, seen)
        for cls in symbols.members.values():
            if cls.family is POISON and cls.name not in symbols.faulty:
                message = f"no family of the machine holds members of class {cls.name}"
                context.report(Code.BAD_MEMBERSHIP, cls.span, message, f"give it one: `{node.name}` needs `Family[…]`")
        return decorated

    def _member(self, node: ast.ClassDef, cls: MemberClass) -> None:
        context = self._context
        seen: dict[str, Span] = {}
        helpers: list[ast.FunctionDef] = []
        for statement in without_docstring(node.body):
            match statement:
                case ast.AnnAssign(target=ast.Name(id=name) as target):
                    if self._is_first(seen, name, context.source.span(target)):
                        cls.fields[name] = self._scalar(statement, target)
                case ast.FunctionDef(name=name) if not instead.is_special(name):
                    if self._is_first(seen, name, context.source.name_span(statement), helper=True):
                        helpers.append(statement)
                case _:
                    for name in self._misplaced(statement, "fields and helpers"):
                        cls.fields[name] = POISON
        for name in instead.declared_inside(node.body):
            if name not in {*cls.fields, *(method.name for method in helpers)}:
                cls.fields[name] = POISON  # it is reported that it is declared there
        for method in helpers:
            if method.decorator_list:
                message = "methods of a member class are helpers, without a decorator"
                context.report(Code.BAD_DECORATOR, method.decorator_list[0], message)
            cls.helpers[method.name] = read_helper(context, method, cls.name)

    def _check_layer(self, layer: Layer, seen: Mapping[str, Span]) -> None:
        """The names under which a layer's variables are kept must be free."""
        for variable in layer.variables:
            if variable.name in seen:
                message = f"`{variable.name}` is how `self.{layer.name}` keeps a variable of its contract"
                self._context.report(Code.DUPLICATE, seen[variable.name], message, "rename it")

    def _is_first(self, seen: dict[str, Span], name: str, where: Span, *, helper: bool = False) -> bool:
        """Whether a name of the class is new; a helper's may start with `_`."""
        context = self._context
        context.check_name(name, where, private=helper)
        if name in seen:
            context.duplicate(name, where, seen[name])
            return False
        seen[name] = where
        if (defined := context.symbols.defined.get(name)) is not None:
            context.report(Code.SHADOWED, where, f"`{name}` hides what line {defined.line} defines")
        return True

    def _misplaced(self, statement: ast.stmt, wanted: str) -> Sequence[str]:
        """Report a statement that no class has; the names that it was perhaps meant to define."""
        context = self._context
        match statement:
            case ast.Pass():
                return ()
            case ast.FunctionDef(name=name):
                context.report(Code.NOT_A_SPEC, context.source.name_span(statement), *instead.special_method(name))
                return ()
            case ast.AsyncFunctionDef(name=name):
                hint = "write `def`: an action is one step, and waits for nothing"
                context.report(Code.NOT_A_SPEC, statement, "a method of a spec is not async", hint)
                return (name,)
            case ast.ClassDef(name=name):
                context.symbols.faulty.add(name)
                context.report(
                    Code.NOT_A_SPEC, statement, "a class is declared outside of classes", "move it above this one"
                )
                return ()
            case ast.Assign(
                targets=[ast.Name(id=name) as target],
                value=ast.Call(func=ast.Name(id="policy" | "Requirement" as word)),
            ):
                context.symbols.faulty.add(name)
                hint = f"move it above the classes, and call it `{name}` everywhere"
                context.report(Code.NOT_A_SPEC, target, f"a {word.lower()} is declared outside of classes", hint)
                return (name,)
            case ast.Assign(targets=[ast.Name(id=name) as target], value=value):
                hint = f"write `{name}: {instead.type_of(value)} = {context.text(value)}`"
                context.report(Code.BAD_DECLARATION, target, f"`{name}` has no type", hint)
                return (name,)
            case _:
                context.report(Code.NOT_A_SPEC, statement, f"this class has {wanted}, and nothing else")
                return ()

    def _method(self, node: ast.FunctionDef, decorated: Decorated) -> None:
        symbols, where = self._context.symbols, self._context.source.name_span(node)
        match decorator_word(self._context, node):
            case Poison():
                symbols.variables[node.name] = POISON
            case None:
                symbols.helpers[node.name] = read_helper(self._context, node, symbols.machine)
            case "call" | "internal" | "environment" | "activity" | "timeout" as word:
                symbols.actions[node.name] = where
                decorated.actions.append((word, node))
            case word:
                symbols.promises[node.name] = where
                decorated.promises.append((word, node))

    def _variable_or_family(self, node: ast.AnnAssign, target: ast.Name) -> None:
        context, symbols = self._context, self._context.symbols
        if is_layer(context, node.annotation):
            symbols.layers[target.id] = read_layer(context, node, target)
            return
        annotation = read_annotation(context, node.annotation)
        if not isinstance(annotation, AllMembers):
            symbols.variables[target.id] = self._declared(node, target, annotation)
            return
        cls = symbols.members[annotation.type.name]
        symbols.families[target.id] = cls
        cls.declared = context.source.span(target)
        if node.value is not None:
            context.report(Code.BAD_DECLARATION, node.value, "a family has no default: its members come and go")
        if cls.family is not POISON:
            message = f"members of class {cls.name} are in the family `{cls.family}` already"
            context.report(Code.BAD_MEMBERSHIP, target, message, "write a second class for a second family")
            return
        cls.family = target.id

    def _scalar(self, node: ast.AnnAssign, target: ast.Name) -> VariableDecl | Poison:
        return self._declared(node, target, read_annotation(self._context, node.annotation))

    def _declared(
        self, node: ast.AnnAssign, target: ast.Name, annotation: Scalar | OneMember | AllMembers | Poison
    ) -> VariableDecl | Poison:
        """A variable or field, once its type is known."""
        context = self._context
        match annotation:
            case Poison():
                return POISON
            case OneMember() | AllMembers():
                message = f"`{target.id}` cannot hold members: that takes a family of the machine"
                return context.report(Code.BAD_TYPE, node.annotation, message)
            case Scalar(answer=True):
                return context.report(Code.BAD_TYPE, node.annotation, "an answer is a parameter of an action")
            case Scalar(type_, persistent):
                pass
        if node.value is None:
            context.report(Code.BAD_DECLARATION, target, f"`{target.id}` needs a default: the state it starts in")
        initial = False if node.value is None else self._default(node.value, type_)
        return VariableDecl(target.id, type_, initial, persistent, context.source.span(target))

    def _default(self, node: ast.expr, type_: ScalarType) -> Value:
        """The value of a constant of this type; of anything else, which is reported, the value means nothing."""
        context = self._context
        context.check_order(node)
        match self._expressions.read(node, Scope({}), type_):
            case Poison():
                return False
            case Literal(value):
                pass
            case _:
                context.report(Code.BAD_DEFAULT, node, "a default is a constant, written out")
                return False
        if isinstance(type_, IntType) and isinstance(value, int):
            below = type_.low is not None and value < type_.low
            above = type_.high is not None and value > type_.high
            if below or above:
                bound = f"at least {type_.low}" if below else f"at most {type_.high}"
                context.report(Code.BAD_DEFAULT, node, f"{value} is outside its type: it has to be {bound}")
        return value


def _is_helper(node: ast.FunctionDef) -> bool:
    return not node.decorator_list
