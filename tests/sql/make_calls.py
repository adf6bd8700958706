#!/usr/bin/env python3
"""Writes cases/calls.sql: calls of every function, aggregate and operator that Weir computes, with values at the edges of
its arguments' types, drawn by a fixed seed. Calls that PostgreSQL answers stand several in a query, others alone.

    make_calls.py "host=127.0.0.1 port=5432 user=postgres dbname=postgres"

record_cases.py then records the answers. What is left out on purpose stands in SKIPPED.
"""
import pathlib
import random
import re
import sys

import psycopg

HERE = pathlib.Path(__file__).parent
COMPUTED = HERE.parents[1] / "src" / "postgres" / "facts" / "computed.txt"
CALLS = 2  # of each
TOGETHER = 8

# Of the session, the catalog or chance; what has no end; what docs/sql.md says is different.
SKIPPED = re.compile(
    r"^(pg_|has_|txid_|inet_|current|row_security|to_reg|set|nextval|currval|lastval|random|gen_random|version|now$|timeofday|"
    r".*_timestamp$|.*hash.*|generate_s|age$|xid|max_xid8|min_xid8|ts_match|json.*_(record|recordset)$|format_type|"
    r"obj_desc|col_desc|shobj|nameconcatoid|suppress|bpchar|mode$|any_value|amvalidate)")
# Zones of times with a time zone end at 16 hours.
SKIPPED_CALLS = re.compile(r"timezone\('24:00:00'::interval, '[^']*'::timetz")
SKIPPED_TYPES = {"internal", "trigger", "event_trigger", "anyenum", "aclitem", "_aclitem", "refcursor", "record", "_record",
                 "xml", "point", "tsvector", "tsquery", "regclass", "regproc", "regprocedure", "regoper", "regoperator",
                 "regrole", "regnamespace", "regcollation", "regtype", "pg_node_tree", "anycompatiblemultirange"}

EDGES = {
    "bool": ["true", "false"],
    "int2": ["0", "1", "-1", "32767", "-32768", "7"],
    "int4": ["0", "1", "-1", "2147483647", "-2147483648", "7", "3"],
    "int8": ["0", "1", "-1", "9223372036854775807", "-9223372036854775808", "42"],
    "float4": ["0", "1.5", "-1.5", "NaN", "Infinity", "-Infinity", "3.4e38", "1e-40", "0.1"],
    "float8": ["0", "1.5", "-2.5", "NaN", "Infinity", "-Infinity", "1.7e308", "5e-324", "0.1", "1e10"],
    "numeric": ["0", "1", "-1.50", "NaN", "Infinity", "-Infinity", "12345678901234567890.123456789", "0.0001", "2.5"],
    "money": ["$0.00", "-1.25", "92233720368547758.07", "12.34"],
    "text": ["", "a", "AbC", "hello world", "äöü", "%", "a_b", "  x  ", "{1,2}", "12", "日本語", "a,b,c"],
    "varchar": ["", "abc", "äöü"],
    "char": ["a", "b"],
    "name": ["abx", "pg_class"],
    "bytea": ["", "\\x00", "\\xdeadbeef", "\\x616263"],
    "date": ["2024-02-29", "0044-03-15 BC", "infinity", "-infinity", "1970-01-01", "1999-12-31"],
    "time": ["00:00:00", "23:59:59.999999", "24:00:00", "12:34:56"],
    "timetz": ["00:00:00+00", "23:59:59.999999-08", "12:00:00+05:30"],
    "timestamp": ["2024-02-29 12:34:56.789", "infinity", "-infinity", "0044-03-15 BC 01:00:00", "1999-12-31 23:59:59.999999"],
    "timestamptz": ["2024-02-29 12:34:56.789+02", "infinity", "-infinity", "1999-12-31 23:59:59.999999+00"],
    "interval": ["0", "1 day", "1 mon", "-1 year 2 mons -3 days 04:05:06.789", "24:00:00", "1 mon 31 days 25:00:00"],
    "uuid": ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000000"],
    "json": ["null", "1", '"a"', "[1,2,[3]]", '{"a":1,"b":{"c":[true,null]},"a":2}', "{}", "[]", '"\\u00e4"'],
    "jsonb": ["null", "1.50", '"a"', '[1,2,[3],"a"]', '{"a":1,"b":{"c":[true,null]}}', "{}", "[]", "true"],
    "jsonpath": ["$", "$.a", "$[*]", "$.b.c[0]", "$ ? (@ > 1)", "strict $.x", "$.**"],
    "bit": ["1", "0"],
    "varbit": ["", "1", "10101", "0000000011111111"],
    "inet": ["192.168.1.5/24", "10.0.0.1", "::1", "2001:db8::/32", "0.0.0.0/0"],
    "cidr": ["192.168.1.0/24", "10.0.0.0/8", "2001:db8::/32"],
    "macaddr": ["08:00:2b:01:02:03", "ff:ff:ff:ff:ff:ff"],
    "macaddr8": ["08:00:2b:01:02:03:04:05", "00:00:00:00:00:00:00:00"],
    "int4range": ["empty", "[1,5)", "(,3)", "[2,)", "(,)", "[5,9]"],
    "int8range": ["empty", "[1,5)", "(,3)"],
    "numrange": ["empty", "[1.0,2.50]", "(1,)", "(,5]", "(2.5,4)"],
    "daterange": ["empty", "[2024-01-01,2024-02-01)", "[2024-01-15,)"],
    "tsrange": ["empty", "[2024-01-01,2024-02-01)"],
    "tstzrange": ["empty", "[2024-01-01 00:00+00,2024-02-01 00:00+00)"],
    "int4multirange": ["{}", "{[1,5)}", "{(,3),[5,9)}", "{[1,2),[4,6),[8,)}"],
    "nummultirange": ["{}", "{[1.0,2.50)}", "{(,1],[3,5)}"],
    "oid": ["0", "1", "4294967295", "1259"],
    "tid": ["(0,1)", "(4294967295,65535)"],
    "cid": ["0", "7"],
    "int2vector": ["1 2 3"],
    "oidvector": ["1 2 3"],
}
ARRAYS = {
    "int4": ["{}", "{1,2,3}", "{NULL,1}", "{3}"], "text": ["{}", "{a,b,c}", '{NULL,"x y",""}'],
    "float8": ["{0.5,0.25}", "{}", "{0,1}"], "numeric": ["{1.0,2.50}", "{}"], "int8": ["{1,2}", "{}"], "int2": ["{1,2}"],
    "jsonb": ['{1,"{}"}'], "oid": ["{1,2}"], "name": ["{a,b}"], "int4range": ['{"[1,3)","[5,9)"}', "{}"],
    "numrange": ['{"[1,3)","[2,9)"}'], "int8range": ["{}"], "daterange": ["{}"], "tsrange": ["{}"], "tstzrange": ["{}"],
}
POLYMORPHIC = [
    {"anyelement": "int4", "anynonarray": "int4", "anyarray": "_int4", "anyrange": "int4range", "any": "int4",
     "anymultirange": "int4multirange", "anycompatible": "int4", "anycompatiblearray": "_int4",
     "anycompatiblenonarray": "int4", "anycompatiblerange": "int4range"},
    {"anyelement": "text", "anynonarray": "text", "anyarray": "_text", "anyrange": "numrange", "any": "text",
     "anymultirange": "nummultirange", "anycompatible": "text", "anycompatiblearray": "_text",
     "anycompatiblenonarray": "text", "anycompatiblerange": "numrange"},
    {"anyelement": "numeric", "anynonarray": "numeric", "anyarray": "_numeric", "anyrange": "numrange",
     "anymultirange": "nummultirange", "any": "timestamp", "anycompatible": "numeric", "anycompatiblearray": "_numeric",
     "anycompatiblenonarray": "date", "anycompatiblerange": "numrange"},
]


def spelled(type_name):
    return '"char"' if type_name == "char" else type_name


def value(chance, type_name):
    """An expression of the type, NULL now and then; None for a type without values here."""
    element = type_name[1:] if type_name.startswith("_") else ""
    texts = ARRAYS.get(element) if element else EDGES.get(type_name)
    if type_name == "cstring":
        return "'12'"
    if texts is None:
        return None
    spelling = spelled(element) + "[]" if element else spelled(type_name)
    if chance.random() < 0.08:
        return f"NULL::{spelling}"
    text = chance.choice(texts).replace("'", "''")
    return f"'{text}'::{spelling}"


def argument_lists(chance, types):
    """Arguments for each of a few calls."""
    for _ in range(CALLS):
        real = chance.choice(POLYMORPHIC)
        values = [value(chance, real.get(type_name, type_name)) for type_name in types]
        if None not in values:
            yield values


def quoted(name):
    return name if re.fullmatch("[a-z_][a-z0-9_]*", name) else f'"{name}"'


def aggregate_call(name, values):
    columns = ", ".join(f"c{i}" for i in range(len(values)))
    if not values:
        return f"(select {name}(*) from (values (1), (2)) v)"
    return f"(select {quoted(name)}({columns}) from (values ({', '.join(values)}), ({', '.join(values)})) v({columns}))"


def calls(connection):
    chance = random.Random(15)
    computed = {line.split("  ", 1)[0] for line in COMPUTED.read_text().splitlines() if line and not line.startswith("#")}
    functions = connection.execute("""
        SELECT proname, proname || '(' || oidvectortypes(proargtypes) || ')', prokind::text, proretset,
               ARRAY(SELECT typname::text FROM unnest(proargtypes) WITH ORDINALITY a(t, n) JOIN pg_type ON oid = t ORDER BY n)
        FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace ORDER BY proname COLLATE "C", oid""").fetchall()
    for name, signature, kind, returns_set, types in functions:
        if signature not in computed or kind not in "fa" or returns_set or SKIPPED.match(name) or SKIPPED_TYPES & set(types):
            continue
        for values in argument_lists(chance, types) if types else [[]]:
            yield aggregate_call(name, values) if kind == "a" else f"{quoted(name)}({', '.join(values)})"
    operators = connection.execute("""
        SELECT oprname, oprcode::regprocedure::text, ARRAY(SELECT typname::text FROM unnest(ARRAY[oprleft, oprright])
               WITH ORDINALITY a(t, n) JOIN pg_type ON oid = t WHERE t <> 0 ORDER BY n),
               (SELECT proname || '(' || oidvectortypes(proargtypes) || ')' FROM pg_proc WHERE pg_proc.oid = oprcode)
        FROM pg_operator ORDER BY oprname COLLATE "C", oid""").fetchall()
    for name, _, types, signature in operators:
        function = signature.split("(")[0]
        if signature not in computed or SKIPPED.match(function) or SKIPPED_TYPES & set(types):
            continue
        for values in argument_lists(chance, types):
            yield f"{values[0]} {name} {values[1]}" if len(values) == 2 else f"{name} {values[0]}"


def is_answered(connection, call):
    try:
        connection.execute(f"select {call}")
        return True
    except psycopg.Error:
        return False


def main() -> int:
    answered, refused = [], []
    with psycopg.connect(sys.argv[1], autocommit=True) as connection:
        connection.execute("set timezone to 'UTC'")
        for call in dict.fromkeys(calls(connection)):
            if SKIPPED_CALLS.match(call):
                continue
            (answered if is_answered(connection, call) else refused).append(call)
    groups = [answered[i:i + TOGETHER] for i in range(0, len(answered), TOGETHER)]
    lines = [f"select {', '.join(group)};" for group in groups] + [f"select {call};" for call in refused]
    (HERE / "cases" / "calls.sql").write_text("-- Made by make_calls.py.\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
