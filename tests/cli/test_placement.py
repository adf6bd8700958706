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
