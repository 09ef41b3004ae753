"""Methods: their parameters and results, and what actions, promises and helpers make of their bodies."""

import ast
from dataclasses import replace
from typing import assert_never

from quiesce.spec.codes import Code
from quiesce.spec.model import (
    BOOL,
    TRUE,
    Accepts,
    Action,
    ActionKind,
    Always,
    Blocks,
    Claim,
    EnabledWhere,
    Fails,
    Initially,
    LeadsTo,
    Outcome,
    ParameterDecl,
    Pristine,
    Promise,
    Recoverable,
    RefusesOrAccepts,
    Step,
)
from quiesce.spec.reading import instead
from quiesce.spec.reading.alternatives import as_expected
from quiesce.spec.reading.annotations import AllMembers, OneMember, Scalar, read_annotation
from quiesce.spec.reading.arguments_of_promises import ArgumentsOfPromises
from quiesce.spec.reading.calls import symbolic
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.decorators import Decoration, read_decorator
from quiesce.spec.reading.expected import ExpectedUnder, needs_no_assumptions
from quiesce.spec.reading.expressions import Expressions
from quiesce.spec.reading.frames import Frames, promises
from quiesce.spec.reading.problems import POISON, Poison
from quiesce.spec.reading.scope import Binding, Scope, StateRef
from quiesce.spec.reading.statements import Statements, without_docstring
from quiesce.spec.reading.symbols import ActionWord, ClaimWord, Helper, ParameterType, PromiseWord


def read_helper(context: Context, node: ast.FunctionDef, owner: str | None) -> Helper | Poison:
    """A helper of the class `owner`, or of the module; its expression is read where it is called."""
    if isinstance(node.returns, ast.Constant) and node.returns.value is None:
        message = f"`{node.name}` has no decorator, so it is a helper, and a helper returns a value"
        hint = f'an action starts with `@call("{node.name}")`, `@internal` or `@environment`'
        return context.report(Code.BAD_SIGNATURE, node.returns, message, hint)
    parameters: list[tuple[str, ParameterType]] = []
    sound = True
    for arg in _parameters(context, node, of_module=owner is None):
        declared = _parameter(context, arg)
        if declared is not POISON and (declared.new or declared.answer):
            context.report(Code.BAD_TYPE, arg, "only an action can be given a new member, or an answer")
        if declared is POISON:
            sound = False
        else:
            parameters.append((declared.name, declared.type))
    result = POISON if node.returns is None else read_annotation(context, node.returns)
    if node.returns is None:
        context.report(
            Code.BAD_SIGNATURE, context.source.name_span(node), "a helper says what it returns", "write `-> bool`"
        )
    elif isinstance(result, OneMember | AllMembers):
        context.report(Code.BAD_SIGNATURE, node.returns, "a helper returns a bool, an integer or a member of an enum")
    value = _returned(context, node)
    if not sound or value is POISON or not isinstance(result, Scalar):
        return POISON
    return Helper(node.name, owner, value, tuple(parameters), result.type)


class Methods:
    """Reads the decorated methods of the machine."""

    def __init__(self, context: Context, expressions: Expressions) -> None:
        self._context = context
        self._expressions = expressions
        self._statements = Statements(context, expressions)
        self._agreed: dict[tuple[str, str], ParameterDecl] = {}
        self._sound: dict[str, Action] = {}
        self._arguments_of_promises = ArgumentsOfPromises(context, self._sound)
        self._frames = Frames(context, expressions, self._sound)

    def action(self, word: ActionWord, node: ast.FunctionDef) -> Action:
        """An action. Parts that could not be understood are left out of it; they are reported."""
        context, mistakes = self._context, len(self._context.problems)
        decoration = read_decorator(context, node.decorator_list[0], word)
        self._arguments_of_promises.check_fair(node.decorator_list[0], (*decoration.fair, *decoration.until))
        names: dict[str, Binding] = {"self": StateRef(old=False)}
        parameters: list[ParameterDecl] = []
        for arg in _parameters(context, node):
            declared = _parameter(context, arg)
            names[arg.arg] = POISON if declared is POISON else symbolic(context, declared.name, declared.type)
            if declared is not POISON:
                self._check_agreed(arg, declared, decoration.calls)
                parameters.append(declared)
            if word == "timeout":
                context.report(Code.BAD_SIGNATURE, arg, "the clock gives nothing: a timeout has no parameters")
        if not (isinstance(node.returns, ast.Constant) and node.returns.value is None):
            where = node.returns or context.source.name_span(node)
            context.report(Code.BAD_SIGNATURE, where, "an action returns nothing", "write `-> None`")
        statements = without_docstring(node.body)
        body = self._statements.body(statements, Scope(names, frozenset(names)), parameters)
        outcome = _outcome(decoration)
        if not isinstance(outcome, Accepts) and body.updates:
            verb = "is refused" if isinstance(outcome, Fails) else "waits"
            message = f"a call that {verb} changes nothing"
            context.report(Code.INERT_BODY, body.updates[0].span, message)
        if not isinstance(outcome, Accepts) and body.assumes:
            message = "nothing rests on what is assumed here: this call changes nothing"
            hint = "assume it in the outcomes that change something"
            context.report(Code.BAD_ASSUMPTION, body.assumes[0].span, message, hint)
        if isinstance(outcome, Blocks) and body.lower_calls:
            message = "a call that waits asks nothing of the layer below"
            context.report(Code.BAD_LAYER, body.lower_calls[0].span, message)
        action = Action(
            node.name,
            _kind(word),
            decoration.calls,
            tuple(parameters),
            body.when,
            body.updates,
            outcome,
            decoration.satisfies,
            ast.get_docstring(node) or "",
            context.source.name_span(node),
            when_spans=body.when_spans,
            assumes=body.assumes,
            preconditions=body.preconditions,
            lower_calls=body.lower_calls,
            ends=decoration.ends,
            until=decoration.until,
            fair=decoration.fair if decoration.until else (),
            timeout=decoration.timeout,
        )
        if len(context.problems) == mistakes:
            self._sound[action.name] = action
        return action

    def promise(self, word: PromiseWord, node: ast.FunctionDef) -> tuple[Promise, ...]:
        """A promise, or several if it is false under some alternatives; none if its claim could not be understood."""
        context = self._context
        decoration = read_decorator(context, node.decorator_list[0], word)
        self._arguments_of_promises.check_fair(node.decorator_list[0], decoration.fair)
        unassumed = needs_no_assumptions(decoration.expected)
        if unassumed and not context.problems and not any(a.assumes for a in self._sound.values()):
            message = "no action assumes anything, so there is nothing to do without"
            context.report(Code.BAD_DECORATOR, node.decorator_list[0], message, 'write "refuted"')
        doc, where = ast.get_docstring(node) or "", context.source.name_span(node)
        promise = Promise(node.name, Always(TRUE), holds=True, satisfies=decoration.satisfies, doc=doc, span=where)
        if word == "unchanged":
            found = self._unchanged(node, decoration, promise)
            return (*self._as_expected(found[0], decoration), *found[1:]) if found else ()
        scope, parameters = self._promise_scope(word, node, decoration)
        self._check_result(word, node)
        value = _returned(context, node)
        if value is POISON:
            return ()
        claim = self._claim(word, value, scope, decoration, parameters)
        if claim is POISON:
            return ()
        return self._as_expected(replace(promise, claim=claim), decoration)

    def _as_expected(self, promise: Promise, decoration: Decoration) -> tuple[Promise, ...]:
        expected, alternatives = decoration.expected, self._context.symbols.alternatives
        policy = expected.policy if isinstance(expected, ExpectedUnder) else ""
        return tuple(as_expected(promise, expected, alternatives.get(policy, ())))

    def _unchanged(self, node: ast.FunctionDef, decoration: Decoration, promise: Promise) -> tuple[Promise, ...]:
        """The promises that values stay as they are; what is expected is expected of the first, and not of the others.

        The first is about the steps of all actions that are not in `unless`.
        """
        context = self._context
        self._arguments_of_promises.check("unchanged", node.decorator_list[0], decoration, ())
        parameters = [_parameter(context, arg) for arg in _parameters(context, node)]
        sound = [parameter for parameter in parameters if parameter is not POISON]
        for parameter in sound:
            if parameter.new or parameter.answer:
                message = "only an action can be given a new member, or an answer"
                context.report(Code.BAD_TYPE, parameter.span, message)
        value = _returned(context, node)
        if value is POISON or len(sound) < len(parameters):
            return ()
        steps = self._frames.read(node, value, sound, decoration)
        return () if steps is POISON else tuple(promises(promise, steps))

    def _check_agreed(self, arg: ast.arg, declared: ParameterDecl, calls: tuple[str, ...]) -> None:
        """Outcomes of one call are told apart by what it is given, so they must see the same parameters."""
        for call in calls:
            first = self._agreed.setdefault((call, arg.arg), declared)
            if (first.type, first.new, first.answer) != (declared.type, declared.new, declared.answer):
                message = f"line {first.span.line} gives `{arg.arg}` another type, for another outcome of {call}"
                self._context.report(Code.PARAMETERS_DISAGREE, arg, message)
                return

    def _promise_scope(
        self, word: ClaimWord, node: ast.FunctionDef, decoration: Decoration
    ) -> tuple[Scope, tuple[ParameterDecl, ...]]:
        """The names that a promise sees, and the arguments of the step or call among them."""
        context = self._context
        names: dict[str, Binding] = {"self": StateRef(old=False)}
        parameters: list[ParameterDecl] = []
        args = _parameters(context, node)
        if word == "step":
            needs_old = not decoration.only or not args or args[0].arg == "old"
            if needs_old:
                names["old"] = StateRef(old=True)
            if needs_old and (not args or args[0].arg != "old" or not self._is_machine(args[0].annotation)):
                message = f'a promise about steps is given `self, old: "{context.symbols.machine}"`'
                context.report(Code.BAD_SIGNATURE, args[0] if args else context.source.name_span(node), message)
            args = [arg for arg in args[int(needs_old) :] if arg.arg != "old"]
        if word in ("step", "accepts", "refuses", "enabled"):
            for arg in args:
                declared = _parameter(context, arg)
                names[arg.arg] = POISON if declared is POISON else symbolic(context, declared.name, declared.type)
                if declared is not POISON:
                    parameters.append(declared)
            self._arguments_of_promises.check(word, node.decorator_list[0], decoration, parameters)
        elif args:
            hint = "only a @step promise has another one, `old`" if args[0].arg == "old" else None
            context.report(Code.BAD_SIGNATURE, args[0], "a promise has no parameter but `self`", hint)
            names |= {arg.arg: POISON for arg in args}
        return Scope(names, frozenset(names)), tuple(parameters)

    def _is_machine(self, annotation: ast.expr | None) -> bool:
        machine = self._context.symbols.machine
        match annotation:
            case ast.Constant(value=str(name)):
                return name == machine
            case ast.Name(id=name):
                if name == machine and not self._context.symbols.lazy_annotations:
                    hint = f'put it in quotes: `old: "{machine}"`'
                    message = f"Python does not know `{name}` before the end of its class"
                    self._context.report(Code.TOO_EARLY, annotation, message, hint)
                return name == machine
            case _:
                return False

    def _check_result(self, word: ClaimWord, node: ast.FunctionDef) -> None:
        match word, node.returns:
            case "leads_to", ast.Subscript(
                value=ast.Name(id="tuple"), slice=ast.Tuple(elts=[ast.Name(id="bool"), ast.Name(id="bool")])
            ):
                return
            case "leads_to", _:
                pass
            case _, ast.Name(id="bool"):
                return
        wanted = "tuple[bool, bool]" if word == "leads_to" else "bool"
        where = node.returns or self._context.source.name_span(node)
        self._context.report(
            Code.BAD_SIGNATURE, where, f"a promise of this kind returns {wanted}", f"write `-> {wanted}`"
        )

    def _claim(
        self,
        word: ClaimWord,
        value: ast.expr,
        scope: Scope,
        decoration: Decoration,
        parameters: tuple[ParameterDecl, ...],
    ) -> Claim | Poison:
        if word == "leads_to":
            return self._leads_to(value, scope, decoration)
        claim = self._expressions.read(value, scope, BOOL)
        if claim is POISON:
            return POISON
        match word:
            case "always":
                return Always(claim)
            case "step":
                return Step(claim, self._unless(decoration), parameters)
            case "pristine":
                return Pristine(claim)
            case "recoverable":
                return Recoverable(claim)
            case "accepts" | "refuses":
                return RefusesOrAccepts(claim, decoration.calls, decoration.fails, parameters)
            case "enabled":
                return EnabledWhere(claim, decoration.enabled, parameters)
            case "initially":
                return Initially(claim)
            case _:
                assert_never(word)

    def _unless(self, decoration: Decoration) -> tuple[str, ...]:
        """The actions that a promise about steps is not about."""
        if decoration.only is None:
            return decoration.unless
        return tuple(name for name in self._context.symbols.actions if name not in decoration.only)

    def _leads_to(self, value: ast.expr, scope: Scope, decoration: Decoration) -> LeadsTo | Poison:
        match value:
            case ast.Tuple(elts=[first, second]):
                trigger, goal = (self._expressions.read(part, scope, BOOL) for part in (first, second))
                return POISON if trigger is POISON or goal is POISON else LeadsTo(trigger, goal, decoration.fair)
            case _:
                message = "this promise returns two predicates, `return trigger, goal`"
                return self._context.report(Code.BAD_BODY, value, message)


def _kind(word: ActionWord) -> ActionKind:
    """Who takes the step. That time has passed is a step of the world outside."""
    return ActionKind.ENVIRONMENT if word == "timeout" else ActionKind(word)


def _outcome(decoration: Decoration) -> Outcome:
    if decoration.fails is not None:
        return Fails(decoration.fails)
    return Blocks(decoration.fair) if decoration.blocks else Accepts()


def _parameters(context: Context, node: ast.FunctionDef, *, of_module: bool = False) -> list[ast.arg]:
    """The parameters, of a method those behind `self`; each name once."""
    args, where = node.args, context.source.name_span(node)
    odd: list[ast.arg | ast.expr] = [*args.posonlyargs, *args.kwonlyargs, *args.defaults]
    odd += [arg for arg in (args.vararg, args.kwarg) if arg is not None]
    if odd:
        hint = "leave the default out: each call gives every argument" if odd[0] in args.defaults else None
        context.report(Code.BAD_SIGNATURE, odd[0], "parameters are plain: no default, no `*` and no `/`", hint)
    if getattr(node, "type_params", None):
        context.report(Code.BAD_SIGNATURE, where, "a method has no type parameters")
    if not of_module and (not args.args or args.args[0].arg != "self"):
        context.report(Code.BAD_SIGNATURE, where, "the first parameter of a method is `self`")
        return args.args
    first: dict[str, ast.arg] = {}
    for arg in args.args if of_module else args.args[1:]:
        context.check_name(arg.arg, arg, local=True)
        if arg.arg in first:
            context.duplicate(arg.arg, arg, context.source.span(first[arg.arg]))
        elif (defined := context.symbols.defined.get(arg.arg)) is not None:
            context.report(Code.SHADOWED, arg, f"`{arg.arg}` hides what line {defined.line} defines")
        first.setdefault(arg.arg, arg)
    return list(first.values())


def _parameter(context: Context, arg: ast.arg) -> ParameterDecl | Poison:
    if arg.annotation is None:
        return context.report(Code.BAD_SIGNATURE, arg, f"`{arg.arg}` has no type", f"write `{arg.arg}: Type`")
    match read_annotation(context, arg.annotation):
        case Scalar(type_, persistent=False, answer=answer):
            return ParameterDecl(arg.arg, type_, new=False, span=context.source.span(arg), answer=answer)
        case OneMember(type_, new):
            return ParameterDecl(arg.arg, type_, new, context.source.span(arg))
        case Scalar() | AllMembers():
            return context.report(Code.BAD_TYPE, arg.annotation, "a parameter is one value or one member")
        case Poison():
            return POISON


def _claimed(context: Context, node: ast.stmt) -> str:
    """The claim of an `assert`, or of an expression that stands alone."""
    match node:
        case ast.Assert(test=claim) | ast.Expr(value=claim):
            return context.text(claim)
        case _:
            return ""


def _returned(context: Context, node: ast.FunctionDef) -> ast.expr | Poison:
    """The one expression that the method returns."""
    match without_docstring(node.body):
        case [ast.Return(value=ast.expr() as value)]:
            return value
        case body:
            odd = next((statement for statement in body if not isinstance(statement, ast.Return)), None)
            where = odd or (body[1] if len(body) > 1 else context.source.name_span(node))
            hint = "make parts of it helper methods" if odd is None else instead.in_promise(odd, _claimed(context, odd))
            return context.report(Code.BAD_BODY, where, "the body is one `return` of an expression", hint)
