"""What the compiled module has. Times are in seconds. Attributes of plain values cannot be assigned, even where it is not said."""

import builtins
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from types import TracebackType
from typing import Any, Literal, Protocol, TypeVar, Union, overload

__version__: str

_Path = Union[str, bytes, os.PathLike[str], os.PathLike[bytes]]
_Secret = Union[str, bytes, Callable[[], Union[str, bytes]]]
_Secrets = Mapping[str, _Secret]
_Raised = Union[type[BaseException], None]
_F = TypeVar("_F", bound=Callable[[StepContext], Any])

# Enums. Each member is a str, and its text is accepted wherever the member is.

class Severity(str, Enum):
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"

class Effect(str, Enum):
    PURE = "pure"
    IDEMPOTENT = "idempotent"
    MUTATING = "mutating"

class OnFailure(str, Enum):
    ROLLBACK = "rollback"
    CONTINUE = "continue"
    STOP = "stop"

class RiskLevel(str, Enum):
    UNSPECIFIED = "unspecified"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

class InputType(str, Enum):
    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    PATH = "path"
    SECRET = "secret"

class Stream(str, Enum):
    OUT = "out"
    ERR = "err"

class QuestionKind(str, Enum):
    STEP = "step"
    ROLLBACK = "rollback"
    STOP_ROLLBACK = "stop_rollback"
    CONTINUE_ROLLBACK = "continue_rollback"
    DOUBT = "doubt"

class AnswerKind(str, Enum):
    YES_NO = "yes-no"
    TEXT = "text"
    CHOICE = "choice"
    SECRET = "secret"

class RollbackMode(str, Enum):
    AUTO = "auto"
    ASK = "ask"
    NEVER = "never"

class OnRollbackFailure(str, Enum):
    CONTINUE = "continue"
    STOP = "stop"
    ASK = "ask"

class RunStatus(str, Enum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    ROLLED_BACK = "rolled_back"
    PARTIALLY_ROLLED_BACK = "partially_rolled_back"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PARKED = "parked"

class ResidueCause(str, Enum):
    NO_UNDO = "no_undo"
    IRREVERSIBLE = "irreversible"
    UNDO_FAILED = "undo_failed"
    UNDO_DECLINED = "undo_declined"
    UNDO_ABANDONED = "undo_abandoned"

_RollbackMode = Union[RollbackMode, Literal["auto", "ask", "never"]]
_OnRollbackFailure = Union[OnRollbackFailure, Literal["continue", "stop", "ask"]]
_Effect = Union[Effect, Literal["pure", "idempotent", "mutating"]]

# Errors

class SourceSpan:
    line: int
    column: int
    end_line: int
    end_column: int
    known: bool

class Diagnostic:
    severity: Severity
    code: str
    message: str
    hint: str
    path: str
    step: str
    span: SourceSpan
    line: int
    column: int

class Error(Exception):
    code: str
    message: str
    diagnostics: tuple[Diagnostic, ...]

class DocumentError(Error): ...
class InputError(Error): ...
class UnknownHandlerError(Error): ...
class StoreError(Error): ...
class FileError(Error, OSError): ...

# Model

class RetryPolicy:
    retries: int
    delay: float
    max_delay: float
    jitter: int

class Action:
    handler: str
    params: dict[str, Any]
    effect: Effect | None
    timeout: float | None
    retry: RetryPolicy
    capture: str
    span: SourceSpan

class Input:
    name: str
    type: InputType
    required: bool
    default: Any
    pattern: str
    description: str
    origin: str
    span: SourceSpan

class Link:
    text: str
    target: str
    span: SourceSpan

class _AddAction(Protocol):
    def __call__(
        self,
        handler: str,
        params: Mapping[str, Any] | None = None,
        *,
        effect: _Effect | None = None,
        timeout: float | None = None,
        retries: int = 0,
        capture: str = "",
    ) -> Step: ...

class Step:
    title: str
    irreversible: bool
    on_failure: OnFailure
    @property
    def id(self) -> str: ...
    @property
    def notes(self) -> str: ...
    @property
    def actions(self) -> list[Action]: ...
    @property
    def checks(self) -> list[Action]: ...
    @property
    def undo(self) -> list[Action]: ...
    @property
    def span(self) -> SourceSpan: ...
    def titled(self, title: str) -> Step: ...
    @property
    def use(self) -> _AddAction: ...
    @property
    def check(self) -> _AddAction: ...
    @property
    def rollback(self) -> _AddAction: ...

class Runbook:
    title: str
    purpose: str
    risk_level: RiskLevel
    def __init__(self, title: str) -> None: ...
    @property
    def frequency(self) -> str: ...
    @property
    def required_access(self) -> list[str]: ...
    @property
    def metadata(self) -> dict[str, Any]: ...
    @property
    def inputs(self) -> list[Input]: ...
    @property
    def prerequisites(self) -> list[Step]: ...
    @property
    def steps(self) -> list[Step]: ...
    @property
    def verification(self) -> list[Step]: ...
    @property
    def rollback(self) -> list[Step]: ...
    @property
    def related(self) -> list[Link]: ...
    @property
    def path(self) -> str: ...
    @property
    def source(self) -> bytes: ...
    def step(self, id: str) -> Step: ...
    def to_json(self) -> dict[str, Any]: ...
    def to_yaml(self) -> str: ...
    @staticmethod
    def from_json(form: Any) -> Runbook: ...

class Parsed:
    runbook: Runbook
    diagnostics: list[Diagnostic]
    ok: bool

def parse(text: str | bytes, path: _Path | None = None, *, handler_languages: Sequence[str] = ()) -> Parsed: ...
def parse_file(path: _Path, *, handler_languages: Sequence[str] = ()) -> Parsed: ...
def load(path: _Path, *, handler_languages: Sequence[str] = ()) -> Runbook: ...

# Handlers

class StepContext:
    params: dict[str, Any]
    values: dict[str, Any]
    secrets: dict[str, str]
    run: str
    step: str
    attempt: int
    idempotency_key: str
    timeout: float | None
    directory: str
    environment: dict[str, str]
    stop_requested: bool
    def log(self, line: str) -> None: ...
    def output(self, data: str | bytes, stream: Stream | Literal["out", "err"] = Stream.OUT) -> None: ...
    def wait_for_stop(self, timeout: float | None = None) -> bool: ...

class HandlerParam:
    def __init__(self, name: str, required: bool = False, description: str = "", expand: bool = False) -> None: ...
    name: str
    required: bool
    description: str
    expand: bool

class _Register(Protocol):
    @overload
    def __call__(
        self,
        name: str,
        function: None = None,
        *,
        effect: _Effect = Effect.MUTATING,
        description: str = "",
        params: Iterable[str | HandlerParam] = (),
        languages: Sequence[str] = (),
        expand: bool = True,
    ) -> Callable[[_F], _F]: ...
    @overload
    def __call__(
        self,
        name: str,
        function: _F,
        *,
        effect: _Effect = Effect.MUTATING,
        description: str = "",
        params: Iterable[str | HandlerParam] = (),
        languages: Sequence[str] = (),
        expand: bool = True,
    ) -> _F: ...

class HandlerRegistry:
    def __init__(self) -> None: ...
    @property
    def add(self) -> _Register: ...
    @property
    def replace(self) -> _Register: ...
    def names(self) -> list[str]: ...
    def languages(self) -> list[str]: ...
    def copy(self) -> HandlerRegistry: ...
    def __contains__(self, name: object) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...

def builtin_handlers() -> HandlerRegistry: ...

# The linter

class LintRule:
    code: str
    severity: Severity
    summary: str
    fixable: bool

class Suppressed:
    diagnostic: Diagnostic
    reason: str

class LintReport:
    diagnostics: list[Diagnostic]
    suppressed: list[Suppressed]
    is_runbook: bool
    ok: bool
    runbook: Runbook
    fixes: int
    def fixed(self) -> bytes: ...

def lint(text: str | bytes, path: _Path | None = None, *, handlers: HandlerRegistry | None = None) -> LintReport: ...
def lint_file(path: _Path, *, handlers: HandlerRegistry | None = None) -> LintReport: ...
def lint_rules() -> list[LintRule]: ...
def to_sarif(reports: Sequence[LintReport]) -> dict[str, Any]: ...

# Plans

class Plan:
    title: str
    runbook: Runbook
    inputs: dict[str, Any]
    secrets: dict[str, str]
    handlers: list[str]
    warnings: list[Diagnostic]
    digest: str
    document_digest: str
    def to_json(self) -> dict[str, Any]: ...
    def to_text(self) -> str: ...

def make_plan(
    runbook: Runbook, handlers: HandlerRegistry, inputs: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Plan: ...
def continue_from(plan: Plan, journal: Sequence[Event]) -> Plan: ...
def plan_of_run(store: RunStore, run: str, handlers: HandlerRegistry) -> Plan: ...
def choose(plan: Plan, *, from_: str = "", only: Sequence[str] = (), skip: Sequence[str] = ()) -> Plan: ...

# Events, stores and reports

class Event:
    @property
    def seq(self) -> int: ...
    @property
    def fence(self) -> int: ...
    @property
    def time(self) -> datetime: ...
    @property
    def type(self) -> str: ...
    @property
    def step(self) -> str | None: ...
    @property
    def data(self) -> dict[str, Any]: ...
    def to_json(self) -> dict[str, Any]: ...

class RunSummary:
    run: str
    title: str
    status: RunStatus
    started: datetime
    actor: str

class RunStore:
    def list(self) -> list[RunSummary]: ...
    def load(self, run: str) -> builtins.list[Event]: ...
    def document(self, run: str) -> bytes: ...
    def output(self, run: str, seq: int) -> bytes: ...
    def post(self, run: str, *, token: str = ..., yes: bool = ..., text: str = ..., who: str = ..., note: str = ...) -> int: ...
    def verify(self, run: str, head: str = "") -> tuple[str, builtins.list[str]]: ...
    def standing(self, run: str) -> str: ...

def memory_store() -> RunStore: ...
def open_sqlite(path: _Path, *, read_only: bool = False) -> RunStore: ...
def open_postgres(connection: str, *, schema: str = ..., patience: float = ..., read_only: bool = ..., folder: _Path | None = ...) -> RunStore: ...

class Report:
    @property
    def run(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def status(self) -> RunStatus: ...
    @property
    def reason(self) -> str: ...
    @property
    def started(self) -> datetime: ...
    @property
    def ended(self) -> datetime | None: ...
    def to_markdown(self) -> str: ...
    def to_text(self) -> str: ...
    def to_json(self) -> dict[str, Any]: ...

def make_report(events: Iterable[Event], store: RunStore | None = None) -> Report: ...

# Runs

class Question:
    run: str
    token: str
    kind: QuestionKind
    step: str
    title: str
    text: str
    wants: AnswerKind
    choices: list[str]
    pattern: str

class Answer:
    def __init__(self, yes: bool, who: str = "", note: str = "", text: str = "") -> None: ...
    yes: bool
    who: str
    note: str

class Residue:
    step: str
    title: str
    index: int
    iteration: int
    cause: ResidueCause

class RunResult:
    @property
    def run(self) -> str: ...
    @property
    def status(self) -> RunStatus: ...
    @property
    def ok(self) -> bool: ...
    @property
    def reason(self) -> str: ...
    @property
    def residue(self) -> list[Residue]: ...
    @property
    def error(self) -> Error | None: ...
    @property
    def events(self) -> list[Event]: ...

class RunHandle:
    @property
    def id(self) -> str: ...
    @property
    def status(self) -> RunStatus: ...
    def wait(self, timeout: float | None = None) -> RunResult: ...
    def cancel(self, who: str = "") -> None: ...
    def answer(self, token: str, yes: bool, who: str = "", note: str = "", text: str = "") -> None: ...
    def __iter__(self) -> Iterator[Event]: ...

class Executor:
    def __init__(
        self, handlers: HandlerRegistry, store: RunStore | _Path | None = None,
        approver: Callable[[Question], Answer | bool | None] | None = None, *, workers: int = 4,
        output_cap: int = 1048576, grace: float = 5.0, pass_environment: Sequence[str] = (),
        supervised: bool | None = None, lease: float = 30.0,
    ) -> None: ...
    @property
    def store(self) -> RunStore: ...
    def start(
        self, plan: Plan, *, actor: str = "", run_id: str = "", directory: _Path | None = None,
        rollback: _RollbackMode = ..., on_rollback_failure: _OnRollbackFailure = ..., parallel: int = 4,
        timeout: float | None = None, secrets: Mapping[str, _Secret] | None = None,
    ) -> RunHandle: ...
    def run(
        self, plan: Plan, *, actor: str = "", run_id: str = "", directory: _Path | None = None,
        rollback: _RollbackMode = ..., on_rollback_failure: _OnRollbackFailure = ..., parallel: int = 4,
        timeout: float | None = None, secrets: Mapping[str, _Secret] | None = None,
    ) -> RunResult: ...
    def resume(self, run: str, *, secrets: _Secrets | None = None, take_over: bool = False) -> RunHandle: ...
    def cancel_all(self, who: str = "") -> None: ...
    def close(self) -> None: ...
    def __enter__(self) -> Executor: ...
    def __exit__(self, type: _Raised, value: BaseException | None, traceback: TracebackType | None) -> None: ...

class UndoFailure:
    name: str
    error: BaseException

class RollbackStack:
    def __init__(self) -> None: ...
    @property
    def failures(self) -> list[UndoFailure]: ...
    def arm(self, name: str, undo: Callable[..., object], *args: Any, **kwargs: Any) -> None: ...
    def commit(self) -> None: ...
    def unwind(self) -> list[UndoFailure]: ...
    def __len__(self) -> int: ...
    def __enter__(self) -> RollbackStack: ...
    def __exit__(self, type: _Raised, value: BaseException | None, traceback: TracebackType | None) -> None: ...
