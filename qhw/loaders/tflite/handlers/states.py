"""TFLite's variables: state that a streaming network keeps from one inference to the next.

A variable holds the last rows of an image that grows by some rows with each inference. An inference
joins them with its new rows and assigns the newest ones. Both become one layer, a ``History``.
Elsewhere elements of a variable may be moved, but not computed with."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from ....graph.source import Finding
from ....layers import Input
from ....ops import History
from ..operators import handles
from ..reader import MOVES, Reader
from ..values import Coding, Flow, Rows, TFLiteNode, Unsupported, Variable
from .moves import axis_of
from .moves import joined as concatenated

__all__ = ["checked", "joined", "state_of"]


class Kept(Input):
    """Elements of a variable from the inferences before; where they are joined with new rows, a
    ``History`` has them."""

    kind = "state"


@handles("VAR_HANDLE", inputs=(0, 0))
def _handle(reader: Reader, node: TFLiteNode):
    return _named(reader, node)


def _named(reader: Reader, node: TFLiteNode) -> Variable:
    """The variable of a handle; handles with the same name are of one variable."""
    key = str(node("container")), str(node("shared_name"))
    return reader.variables.setdefault(key, Variable(key[1] or node.name))


@handles("CALL_ONCE", inputs=(0, 0))
def _once(reader: Reader, node: TFLiteNode) -> list[Flow]:
    """A subgraph that assigns constants before the first inference."""
    number, others = int(node("init_subgraph_index")), reader.file.others
    if not 1 <= number <= len(others):
        raise Unsupported(f"there is no subgraph {number} behind the first")
    start = others[number - 1]
    known: dict[int, Variable] = {}
    for one in start.nodes:
        if one.op == "VAR_HANDLE":
            known[one.outputs[0]] = _named(reader, one)
            continue
        value = start.tensors[one.inputs[1]] if len(one.inputs) == 2 and one.inputs[1] >= 0 else (
            None)
        if one.op != "ASSIGN_VARIABLE" or one.inputs[0] not in known or value is None or (
                value.data is None or value.fault):
            raise Unsupported(f"its subgraph {number} has {one.op} ({one.name!r}), and only "
                              f"constants are assigned before the first inference")
        if known[one.inputs[0]].started:
            raise Unsupported(f"it assigns the variable {known[one.inputs[0]].name!r} behind "
                              f"operators that read it")
        known[one.inputs[0]].initial = value
    return []


def _variable(reader: Reader, node: TFLiteNode) -> Variable:
    found = reader.values.get(node.inputs[0])
    if not isinstance(found, Variable):
        raise Unsupported("its input 0 is no variable")
    found.started = True
    return found


@handles("READ_VARIABLE")
def _read(reader: Reader, node: TFLiteNode):
    """Gives the rows that this inference has assigned, or else the rows of the ones before."""
    variable, (number,) = _variable(reader, node), node.outputs
    coding, shape = reader.coding(number), reader.tensor(number).shape
    if variable.assigned:
        flow = variable.assigned[1]
        if reader.tensor(number).type != reader.tensor(variable.assigned[0].inputs[1]).type:
            raise Unsupported(f"the variable {variable.name!r} has elements of another type")
        return replace(flow, shape=shape)
    own = Flow("", shape).own
    name = reader.add(Kept(own, coding.codes, Fraction(1), Fraction(coding.zero)))
    reader.unjoined[name] = variable
    return Flow(name, shape)


@handles("ASSIGN_VARIABLE", inputs=(2, 2))
def _assign(reader: Reader, node: TFLiteNode) -> list[Flow]:
    variable = _variable(reader, node)
    variable.assigned = node, reader.flow(node, 1)
    return []


def state_of(reader: Reader, node: TFLiteNode, k: int, shape: tuple[int, ...]) -> Coding:
    """Returns the coding of a state that no other operator uses; Unsupported if it is no variable
    tensor of its shape.

    Parameters
    ----------
    reader : the file's tensors
    node : the operator
    k : index of the state among its inputs
    shape : the state's dimensions"""
    number = node.inputs[k]
    tensor, file = reader.tensor(number), reader.file
    if number < 0 or not tensor.variable or tensor.data is not None or tensor.shape != shape:
        raise Unsupported(f"its state {tensor.name!r} must be a variable tensor of shape "
                          f"{list(shape)}")
    ends = [*file.inputs, *file.outputs, *(k for n in file.nodes for k in (*n.inputs, *n.outputs))]
    if ends.count(number) > 1:
        raise Unsupported(f"its state {tensor.name!r} is used elsewhere too")
    coding = reader.coding(number)
    if coding.codes.width == 16 and coding.zero:
        raise Unsupported(f"its state {tensor.name!r} has 16 bits and a zero point other than 0")
    return coding


def joined(reader: Reader, node: TFLiteNode) -> Flow | None:
    """Adds a ``History`` for a concatenation of a variable's elements with new ones; None if an
    operator is none."""
    if node.op != "CONCATENATION":
        return None
    kept = [k for k, number in enumerate(node.inputs)
            if isinstance(flow := reader.values.get(number), Flow) and flow.node in reader.unjoined]
    if not kept:
        return None
    flows = [reader.flow(node, k) for k in range(len(node.inputs))]
    out, place = reader.activated(node.outputs[0], node("activation")), kept[0]
    codings = [reader.coding(number) for number in node.inputs]
    variable = reader.unjoined[flows[place].node]
    axis = axis_of(node("axis"), flows[0])
    if len(kept) > 1 or len(flows) < 2 or place not in (0, len(flows) - 1):
        raise Unsupported(f"it joins the variable {variable.name!r} otherwise than before or "
                          f"behind new rows")
    if prod(flows[0].shape[:axis]) != 1 or any(
            (c.scale, c.zero) != (out.scale, out.zero) for c in codings):
        raise Unsupported(f"it joins the variable {variable.name!r} with rows of another scale, or "
                          f"along an inner dimension", "join rows with the variable's scale")
    made = _history(reader, node, variable, flows, place, axis)
    return made.at(reader.clamped(made.node, out))


def _history(reader: Reader, node: TFLiteNode, variable: Variable, flows: Sequence[Flow],
             place: int, axis: int) -> Flow:
    """The layer that joins the variable at ``place`` of ``flows``."""
    old, first = flows[place], place > 0
    new = concatenated(reader, [f for f in flows if f is not old], axis) if len(flows) > 2 else (
        flows[0 if first else 1])
    shape = old.shape[axis + 1:]
    if new.shape[axis + 1:] != shape:
        raise Unsupported(f"it joins {list(old.shape)} and {list(new.shape)}")
    _, places = traced(reader, old.node, {n.name for n in reader.nodes if isinstance(n.op, Kept)})
    if not np.array_equal(places, places[0] + np.arange(len(places))):
        raise Unsupported(f"it joins elements of the variable {variable.name!r} in another order")
    initial = _initial(reader, variable, node.inputs[place], int(places[0]), len(places))
    x = reader.viewed(new, (new.shape[axis], *shape))
    zero = reader.tensors[x].zero
    name = reader.add(History(initial.reshape(-1, *shape), zero=zero, newest_first=first), x)
    count, added = len(places), prod(new.shape)
    variable.rows.append(Rows(node, int(places[0]), count, 0 if first else added,
                              {name: 0, new.node: 0 if first else count}))
    whole = old.shape[axis] + new.shape[axis]
    return Flow(name, (*new.shape[:axis], whole, *shape))


def traced(reader: Reader, name: str, ends: set[str]) -> tuple[str, np.ndarray]:
    """Finds which elements of one of the layers ``ends`` a layer of ``reader`` has, if only moves
    lie between.

    Returns the layer and the index of each element, (elements,); none if there is no such layer."""
    nodes, way = {n.name: n for n in reader.nodes}, list[Any]()
    end = name
    while end not in ends:
        node = nodes[end]
        if not isinstance(node.op, MOVES):
            return end, np.zeros(0, np.int64)
        way.append(node.op)
        end, = node.inputs
    places = np.arange(reader.tensors[end].size).reshape(1, *reader.tensors[end].shape)
    for op in reversed(way):
        places = op.evaluate(places)
    return end, places.ravel()


def _initial(reader: Reader, variable: Variable, number: int, first: int, count: int) -> np.ndarray:
    """Codes that the variable has before the first inference; its zero point if the file does not
    say them."""
    tensor, given = reader.tensor(number), variable.initial
    if given is None:
        return np.full(count, reader.coding(number).zero)
    assert given.data is not None
    if given.type != tensor.type or given.data.size < first + count:
        raise Unsupported(f"the variable {variable.name!r} begins with {given.data.size} elements "
                          f"of type {given.type}, which do not fit")
    return given.data.ravel()[first:first + count].astype(np.int64)


def checked(reader: Reader, finding: Finding) -> Finding:
    """Returns an operator's finding; a reason against it if it joins or assigns rows that are not
    kept until the next inference."""
    for variable in reader.variables.values():
        for rows in variable.rows:
            if variable.assigned is None and finding.node is rows.node:
                return replace(finding, became="", reason=(
                    f"the variable {variable.name!r} is joined with new rows and never assigned"))
            if variable.assigned and finding.node is variable.assigned[0] and not _kept(
                    reader, rows, variable.assigned[1]):
                return replace(finding, became="", reason=(
                    f"it assigns other elements than the newest {rows.count} of those that "
                    f"{rows.node.name!r} joins"),
                    help="assign the newest rows of the concatenation")
    return finding


def _kept(reader: Reader, rows: Rows, flow: Flow) -> bool:
    """Whether the elements assigned are those that the history has in the next inference."""
    end, places = traced(reader, flow.node, {*rows.parts})
    if end not in rows.parts:
        return False
    part = places[rows.first:rows.first + rows.count] + rows.parts[end]
    return np.array_equal(part, rows.kept + np.arange(rows.count))
