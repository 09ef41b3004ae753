from collections.abc import Callable
from dataclasses import replace

import pytest
from quiesce.generate.names import NameClash, check_names, snake_case
from quiesce.spec.model import Machine


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("WSPStartup", "wsp_startup"),
        ("WSPSetSockOpt", "wsp_set_sock_opt"),
        ("curl_global_init", "curl_global_init"),
        ("SDL_InitSubSystem", "sdl_init_sub_system"),
        ("CoInitialize", "co_initialize"),
        ("open-file 2", "open_file_2"),
        ("2nd", "call_2nd"),
        ("import", "import_"),
        ("OPEN_SOCKETS", "open_sockets"),
    ],
)
def test_calls_become_snake_case(name: str, expected: str) -> None:
    assert snake_case(name) == expected


def test_two_things_of_one_name_are_refused(machine_of: Callable[[str], Machine]) -> None:
    gate = machine_of("gate")
    hold = gate.actions_by_name["hold"]
    twice = replace(hold, calls=("GateHold",))
    with pytest.raises(NameClash, match="gate_hold"):
        check_names(replace(gate, actions=(*gate.actions, twice)))
    with pytest.raises(NameClash, match="GateCore"):
        check_names(replace(gate, enums=(replace(gate.enums[0], type=replace(gate.enums[0].type, name="GateCore")),)))


def test_a_class_may_not_hide_what_the_generated_code_uses(machine_of: Callable[[str], Machine]) -> None:
    gate = machine_of("gate")
    with pytest.raises(NameClash, match="needs the name int itself"):
        check_names(replace(gate, enums=(replace(gate.enums[0], type=replace(gate.enums[0].type, name="int")),)))


@pytest.mark.parametrize("name", ["min", "str", "dict", "action"])
def test_a_parameter_may_not_hide_what_the_generated_code_uses(machine_of: Callable[[str], Machine], name: str) -> None:
    pool = machine_of("pool")
    touch = pool.actions_by_name["touch"]
    hiding = replace(touch, parameters=tuple(replace(parameter, name=name) for parameter in touch.parameters))
    with pytest.raises(NameClash, match="touch"):
        check_names(replace(pool, actions=(hiding,)))
