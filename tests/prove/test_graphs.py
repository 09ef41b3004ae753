"""Walks through small graphs, whose answers can be seen at a glance."""

from quiesce.prove.search.graphs import Graph

ROUND = [(1, 2), (2, 3), (3, 1), (3, 4), (4, 5)]
"""A circle of three, and a way out of it."""


def test_nearer_nodes_come_before_farther_ones_in_the_order_of_edges() -> None:
    tree = [("a", "c"), ("a", "b"), ("b", "d"), ("c", "e"), ("e", "a")]
    assert Graph(tree, ["f"]).breadth_first(["a"]) == ("a", "c", "b", "e", "d")


def test_what_is_not_reached_is_not_met() -> None:
    assert Graph(ROUND, [6]).breadth_first([4]) == (4, 5)
    assert Graph(ROUND, [6]).breadth_first([6, 5]) == (6, 5)
    assert Graph(ROUND, [6]).breadth_first([]) == ()


def test_a_shortest_way_has_both_ends() -> None:
    graph = Graph([*ROUND, (1, 4)])
    assert graph.shortest_way(1, 5) == (1, 4, 5)
    assert graph.shortest_way(2, 2) == (2,)


def test_there_is_no_way_against_the_arrows_or_from_nowhere() -> None:
    assert Graph(ROUND).shortest_way(5, 1) is None
    assert Graph(ROUND).shortest_way(7, 1) is None


def test_two_nodes_are_on_one_circle_if_ways_lead_to_and_fro() -> None:
    graph = Graph([*ROUND, (5, 5)])
    assert graph.on_one_circle(1, 3)
    assert graph.on_one_circle(5, 5)
    assert not graph.on_one_circle(3, 4)
    assert not graph.on_one_circle(7, 8)
