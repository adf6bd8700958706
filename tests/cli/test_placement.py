"""weir placement, through the binary; the page's example and the sample files as they stand."""
import json
import re

import pytest

from conftest import ROOT

PAGE = (ROOT / "docs" / "placement.md").read_text()
SAMPLES = sorted((ROOT / "examples" / "placement").glob("*.json"))
PINNED = {"num_replicas": 3, "constraints": {"+region=NODE1": 1, "+region=NODE2": 1, "+region=NODE3": 1},
          "lease_preferences": [["+region=NODE1"]]}


def blocks(language):
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [text for name, text in fences if name == language]


def cluster(steps=(), zone=PINNED, nodes=3, **partition):
    return {"nodes": [{"id": i + 1} for i in range(nodes)],
            "databases": [{"name": "d", "tables": [{"name": "t", "partitions": [
                {"name": "p", "zone": zone, **partition}]}]}],
            "steps": list(steps)}


def simulate(weir, file):
    """The outcome at the start and after each step."""
    (weir.directory / "cluster.json").write_text(json.dumps(file))
    return weir.json("placement", "cluster.json")


def partition(outcome):
    return next(one for one in outcome["ranges"] if one["range"] == "d.t/p")


def test_the_example_of_the_page(weir):
    [file] = blocks("json")
    (weir.directory / "cluster.json").write_text(file)
    printed = weir.run("placement", "cluster.json").stdout
    assert printed == blocks("")[0]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_samples(weir, sample):
    outcomes = weir.json("placement", sample)
    assert len(outcomes) == 1 + len(json.loads(sample.read_text())["steps"])
    text = weir.run("placement", sample).stdout
    assert all(outcome["title"] in text for outcome in outcomes)
    assert all(one["condition"] == "ok" for one in outcomes[0]["ranges"])


def test_samples_are_there():
    assert len(SAMPLES) >= 2


def test_a_lease_lapses_and_comes_back(weir):
    outcomes = simulate(weir, cluster([{"node": 1, "state": "suspect"}, {"node": 1, "state": "live"}]))
    assert [partition(outcome)["lease_holder"] for outcome in outcomes] == [1, 3, 1]
    assert [partition(outcome)["condition"] for outcome in outcomes] == ["ok", "under-replicated", "ok"]


def test_constraints_block_scale_in_until_they_change(weir):
    free = {"configure": "PARTITION p OF TABLE d.t", "zone": {"constraints": "{+region=NODE2: 1}"}}
    start, blocked, done = simulate(weir, cluster([{"node": 1, "state": "decommissioning"}, free], nodes=4))
    assert partition(start)["replicas"] == [1, 2, 3]
    assert partition(blocked)["replicas"] == [1, 2, 3] and partition(blocked)["condition"] == "blocked"
    assert "must match constraints" in partition(blocked)["violations"][-1]
    assert partition(done)["replicas"] == [2, 3, 4]
    assert done["nodes"][0]["replicas"] == 0


def test_without_a_quorum_there_is_no_lease(weir):
    outcomes = simulate(weir, cluster([{"node": [1, 2], "state": "dead"}]))
    assert partition(outcomes[1])["lease_holder"] is None
    assert partition(outcomes[1])["condition"] == "unavailable"


def test_placements_that_are_there_already(weir):
    [start] = simulate(weir, cluster(zone={"constraints": "[-region=NODE3]"}, replicas=[1, 2, 3], lease_holder=2))
    assert partition(start)["replicas"] == [1, 2, 3] and partition(start)["lease_holder"] == 2
    assert partition(start)["condition"] == "violating"


# --- the cases of KWDB's specification that are about several nodes; those of one node: tests/sql_door/kwdb_cases.py

THREE = {"+region=NODE1": 1, "+region=NODE2": 1, "+region=NODE3": 1}


def regional(steps=(), nodes=3, free=0):
    """Three partitions whose leases are preferred on node 1, 2 and 3, and `free` tables that nobody has pinned."""
    zones = {name: {"num_replicas": 3, "constraints": THREE, "lease_preferences": [[f"+region=NODE{node}"]]}
             for node, name in enumerate(["north", "east", "south"], 1)}
    tables = [{"name": "orders", "partitions": [{"name": name, "zone": zone} for name, zone in zones.items()]}]
    return {"nodes": [{"id": i + 1} for i in range(nodes)],
            "databases": [{"name": "d", "tables": tables + [{"name": f"free{i}"} for i in range(free)]}], "steps": list(steps)}


def state(node, state):
    return {"node": node, "state": state}


def zone(partition, **fields):
    return {"configure": f"PARTITION {partition} OF TABLE d.orders", "zone": fields}


def unpinned(constraints):
    return [zone(name, constraints=constraints) for name in ["north", "east", "south"]]


def of_partitions(outcome):
    return [one for one in outcome["ranges"] if one["range"] in ("d.orders/north", "d.orders/east", "d.orders/south")]


def is_placed(one, replicas, lease):
    """`lease`: a node, or those that may have it."""
    return one["replicas"] == replicas and one["lease_holder"] in (lease if isinstance(lease, set) else {lease})


ALL, WITHOUT_1 = [1, 2, 3], [2, 3, 4]
AS_PREFERRED, LAPSED = [(ALL, 1), (ALL, 2), (ALL, 3)], [(ALL, {2, 3}), (ALL, 2), (ALL, 3)]
MOVED = [(WITHOUT_1, {2, 3, 4}), (WITHOUT_1, 2), (WITHOUT_1, 3)]

PLACEMENT_CASES = {
    # S2: a node fails, its lease goes to another; the replicas stay.
    "T119": (regional([state(1, "suspect")]), [AS_PREFERRED, LAPSED]),
    # S3: it stays away; there is no other node to take its replicas.
    "T120": (regional([state(1, "suspect"), state(1, "dead")]), [AS_PREFERRED, LAPSED, LAPSED]),
    # S4: nor may another node take them.
    "T121": (regional([state(1, "dead")], nodes=4), [AS_PREFERRED, LAPSED]),
    # S5: unless the constraints leave one replica free.
    "T122": (regional([state(1, "dead"), *unpinned({"+region=NODE2": 1, "+region=NODE3": 1})], nodes=4),
             [AS_PREFERRED, LAPSED, None, None, MOVED]),
    # S7: the lease comes back with the node.
    "T123": (regional([state(1, "dead"), state(1, "live")]), [AS_PREFERRED, LAPSED, AS_PREFERRED]),
    # S9, S10: constraints block scale-in until they change.
    "T124": (regional([state(1, "decommissioning"), *unpinned({f"+region=NODE{i}": 1 for i in WITHOUT_1})], nodes=4),
             [AS_PREFERRED, LAPSED, None, None, MOVED]),
    # S8: without a quorum there is no lease; one node that returns is enough.
    "T126": (regional([state([1, 2], "dead"), state(2, "live")]), [AS_PREFERRED, [(ALL, None)] * 3, LAPSED]),
    # S12: what is pinned does not move onto a new node.
    "T127": (regional([{"join": {"id": 4}}]), [AS_PREFERRED, AS_PREFERRED]),
    # S13: a prohibited node keeps its replica until another can take it.
    "T128": (regional([zone("north", constraints=["-region=NODE3"]), {"join": {"id": 4}}]),
             [AS_PREFERRED, AS_PREFERRED, [([1, 2, 4], 1), (ALL, 2), (ALL, 3)]]),
    # S15: one replica, where it is asked for, and nowhere else.
    "T129": (regional([zone("north", num_replicas=1, constraints=["+region=NODE2"], lease_preferences=[]),
                       state(2, "dead"), state(2, "live")]),
             [AS_PREFERRED, [([2], 2), (ALL, 2), (ALL, 3)], [([2], None), (ALL, {1, 3}), (ALL, 3)],
              [([2], 2), (ALL, 2), (ALL, 3)]]),
    # S20, S21: the first preference that a replica fulfils; one that rules a node out.
    "T130": (regional([zone("north", lease_preferences=[["+region=NODE4"], ["+region=NODE2"]]),
                       zone("east", lease_preferences=[["-region=NODE2"]])], nodes=4),
             [AS_PREFERRED, [(ALL, 2), (ALL, 2), (ALL, 3)], [(ALL, 2), (ALL, {1, 3}), (ALL, 3)]]),
}


@pytest.mark.parametrize("case", PLACEMENT_CASES)
def test_cases_of_several_nodes(weir, case):
    file, expected = PLACEMENT_CASES[case]
    for outcome, placements in zip(simulate(weir, file), expected, strict=True):
        for one, wanted in zip(of_partitions(outcome), placements or [], strict=placements is not None):
            assert is_placed(one, *wanted), (outcome["title"], one, wanted)


def test_what_nobody_has_pinned_is_repaired_and_moves(weir):
    dead = simulate(weir, regional([state(1, "dead")], nodes=4, free=1))[1]  # T121
    assert [one["replicas"] for one in dead["ranges"] if one["range"] == "d.free0"] == [WITHOUT_1]
    assert [one["condition"] for one in of_partitions(dead)] == ["under-replicated"] * 3
    leaving = simulate(weir, regional([state(1, "decommissioning")], free=1))[1]  # T125: three nodes, three replicas
    assert all(one["replicas"] == ALL and one["lease_holder"] in (2, 3) for one in leaving["ranges"])
    joined = simulate(weir, regional([{"join": {"id": 4}}], free=6))[1]  # T127
    assert joined["nodes"][3]["replicas"] > 0


def test_standard_input_and_wide_clusters(weir):
    file = {"nodes": [{"id": i + 1} for i in range(100)], "databases": [{"name": "d", "tables": [{"name": "t"}]}]}
    text = weir.run("placement", "-", input=json.dumps(file)).stdout
    assert "{1,2,3}" in text and "  99  100  " not in text


@pytest.mark.parametrize(("text", "error"), [
    ("", "parse error at line 1, column 1"),
    ('{"nodes": [\n{"id": 1},,]}', "parse error at line 2, column 11"),
    ("[]", "cluster.json:1: is to be an object"),
    ("{}", 'cluster.json:1: the field "nodes" is missing'),
    ('{"nodes": [],\n"zones": 1}', "cluster.json:2: zones: there is no such field; it may have nodes, "),
    ('{"nodes": [{"id": 1},\n {"id": 1}]}', "cluster.json:2: nodes[1]: node 1 comes twice"),
    ('{"nodes": [{"id": 0}]}', "cluster.json:1: nodes[0].id: is to be a whole number from 1 to 2147483647"),
    ('{"nodes": [{"id": 1, "id": 2}]}', 'the field "id" comes twice in one object'),
    ('{"nodes": [{"id": 1, "locality": "east"}]}', "nodes[0].locality: invalid locality"),
    ('{"nodes": [{"id": 1, "state": "ill"}]}', "nodes[0].state: is to be one of live, suspect, dead"),
    ('{"nodes": [],\n "steps": [{"node": 7, "state": "dead"}]}', "cluster.json:2: steps[0]: node 7 is not known"),
    ('{"nodes": [],\n "steps": [{"discard": "TABLE x.y"}]}', 'cluster.json:2: steps[0].discard: there is no "TABLE x.y"'),
    ('{"nodes": [],\n "steps": [{}]}', "cluster.json:2: steps[0]: a step has one of the fields"),
    ('{"nodes": [], "default_zone":\n {"num_replicas": 2}}',
     "cluster.json:2: default_zone: could not validate zone config: at least 3 replicas are required"),
    ('{"nodes": ' + "[" * 1000 + "]" * 1000 + "}", "is nested too deeply"),
])
def test_faults_are_told_with_their_place(weir, text, error):
    (weir.directory / "cluster.json").write_text(text)
    assert error in weir.error("placement", "cluster.json")


def test_zones_are_held_to_kwdbs_rules(weir):
    (weir.directory / "cluster.json").write_text(json.dumps(cluster(zone={"constraints": {"+region=NODE1": 1}}), indent=1))
    error = weir.error("placement", "cluster.json")
    assert "databases[0].tables[0].partitions[0].zone: could not validate zone config: when per-replica constraints" in error
    assert "COPY FROM PARENT" in error


def test_a_file_that_is_missing(weir):
    assert "'nowhere.json' cannot be read" in weir.error("placement", "nowhere.json")
    assert "'.' cannot be read" in weir.error("placement", ".")
