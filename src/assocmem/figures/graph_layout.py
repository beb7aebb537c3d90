"""Places of the nodes of a graph in rows of bounded width (a Coffman-Graham layering), and smooth paths for its edges.

Only the widths of the nodes matter here; what they look like does not.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import pairwise

import networkx as nx

HEIGHT, GAP, ROW = 28, 14, 74
"""Height of a node, space between two, and distance of two rows, in pixels."""
DUMMY = 8.0
"""Width of the gap that an edge takes through a row."""
Point = tuple[float, float]
Key = Hashable


def arrange(
    graph: nx.DiGraph[str], widths: Mapping[str, float], width: float
) -> tuple[dict[str, Point], dict[tuple[str, str], str], Point]:
    """Places of all nodes, a path for each edge, and the size; connected parts stand side by side or below."""
    places: dict[str, Point] = {}
    paths: dict[tuple[str, str], str] = {}
    parts = sorted(nx.weakly_connected_components(graph), key=lambda part: (-len(part), min(part)))
    left, top, tallest, widest = 0.0, 0.0, 0.0, 0.0
    for part in parts:
        rows = _rows(nx.DiGraph(graph.subgraph(sorted(part))), widths, width)
        columns, size = _columns(graph, rows, widths)
        if left and left + size > width:
            left, top, tallest = 0.0, top + tallest, 0.0
        for name in part:
            x, row = columns[name]
            places[name] = (left + x, top + 22 + ROW * row)
        for pair in graph.out_edges(part):
            stops = [columns[stop] for stop in _chain(pair, columns)]
            paths[pair] = _path([(left + x, top + 22 + ROW * row) for x, row in stops])
        left += size + 2 * GAP
        tallest = max(tallest, ROW * (len(rows) - 1) + 60)
        widest = max(widest, left - 2 * GAP)
    return {name: places[name] for name in widths}, paths, (widest + 4, top + tallest)


def _rows(graph: nx.DiGraph[str], widths: Mapping[str, float], width: float) -> list[list[str]]:
    """Nodes in rows, each below all that it rests on, no row wider than ``width``."""
    depth = {name: d for d, layer in enumerate(nx.topological_generations(graph)) for name in layer}
    order = list(nx.lexicographical_topological_sort(graph, key=lambda name: (depth[name], name)))
    row: dict[str, int] = {}
    taken: list[float] = []

    def fits(index: int, name: str) -> bool:
        while len(taken) <= index:
            taken.append(0.0)
        need = widths[name] + GAP
        return taken[index] == 0 or taken[index] + need <= width

    def put(index: int, name: str) -> None:
        if name in row:
            taken[row[name]] -= widths[name] + GAP
        row[name] = index
        taken[index] += widths[name] + GAP

    for name in order:
        index = max((row[basis] + 1 for basis in graph.predecessors(name)), default=0)
        while not fits(index, name):
            index += 1
        put(index, name)
    for name in reversed(order):  # What rests on nothing moves down to just above its first use.
        if not graph.in_degree(name) and graph.out_degree(name):
            lowest = min(row[user] for user in graph.successors(name)) - 1
            better = next((index for index in range(lowest, row[name], -1) if fits(index, name)), row[name])
            put(better, name)
    used = sorted(set(row.values()))
    return [[name for name in order if row[name] == index] for index in used]


def _chain(pair: tuple[str, str], columns: Mapping[Key, tuple[float, int]]) -> list[Key]:
    """The stops of an edge: its ends and the gaps that it takes through the rows between."""
    first, last = columns[pair[0]][1], columns[pair[1]][1]
    return [pair[0], *[(*pair, index) for index in range(first + 1, last)], pair[1]]


def _columns(
    graph: nx.DiGraph[str], rows: list[list[str]], widths: Mapping[str, float]
) -> tuple[dict[Key, tuple[float, int]], float]:
    """Horizontal places: neighbors near each other, no overlap; also the width."""
    level = {name: index for index, names in enumerate(rows) for name in names}
    lines: list[list[Key]] = [list(names) for names in rows]
    links: dict[Key, list[Key]] = {name: [] for name in level}
    for a, b in graph.edges(level):
        stops: list[Key] = [a, *[(a, b, index) for index in range(level[a] + 1, level[b])], b]
        for index, stop in enumerate(stops):
            links.setdefault(stop, [])
            if 0 < index < len(stops) - 1:
                lines[level[a] + index].append(stop)
        for upper, lower in pairwise(stops):
            links[upper].append(lower)
            links[lower].append(upper)

    def size(stop: Key) -> float:
        return widths[stop] + GAP if isinstance(stop, str) else DUMMY

    at: dict[Key, float] = {}
    for line in lines:
        right = 0.0
        for stop in line:
            at[stop] = right + size(stop) / 2
            right += size(stop)
    span = max(sum(map(size, line)) for line in lines)
    for sweep in range(24):
        for index in range(len(lines)) if sweep % 2 == 0 else reversed(range(len(lines))):
            line = lines[index]
            wish = {
                stop: sum(at[o] for o in links[stop]) / len(links[stop]) if links[stop] else at[stop] for stop in line
            }
            if sweep < 20:
                line.sort(key=lambda stop: wish[stop])
            at.update(_spread(line, wish, size, span))
    place = {stop: (x, index) for index, line in enumerate(lines) for stop, x in ((s, at[s]) for s in line)}
    least = min(x - (size(stop) - GAP * isinstance(stop, str)) / 2 for stop, (x, _) in place.items()) - 2
    most = max(x + (size(stop) - GAP * isinstance(stop, str)) / 2 for stop, (x, _) in place.items())
    return {stop: (x - least, index) for stop, (x, index) in place.items()}, most - least


def _spread(line: list[Key], wish: Mapping[Key, float], size: Callable[[Key], float], span: float) -> dict[Key, float]:
    """Places as near to those wished for as the order and the widths allow, all within the span."""
    places: list[float] = []
    edge = 0.0
    for stop in line:
        places.append(max(wish[stop], edge + size(stop) / 2))
        edge = places[-1] + size(stop) / 2
    edge = span
    for index in range(len(line) - 1, -1, -1):
        places[index] = min(places[index], edge - size(line[index]) / 2)
        edge = places[index] - size(line[index]) / 2
    return dict(zip(line, places, strict=True))


def _path(stops: Sequence[Point]) -> str:
    """A smooth line from the bottom of the first stop through the gaps to the top of the last."""
    half = HEIGHT / 2
    x, y = stops[0][0], stops[0][1] + half
    out = [f"M{x:.1f} {y:.1f}"]
    for index, (nx_, ny) in enumerate(stops[1:], start=1):
        top = ny - half - (2 if index == len(stops) - 1 else 0)
        middle = (y + top) / 2
        out.append(f"C{x:.1f} {middle:.1f} {nx_:.1f} {middle:.1f} {nx_:.1f} {top:.1f}")
        x, y = nx_, top
        if index < len(stops) - 1:
            y = ny + half
            out.append(f"V{y:.1f}")
    return "".join(out)
