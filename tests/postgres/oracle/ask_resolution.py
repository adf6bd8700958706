#!/usr/bin/env python3
"""Asks a running PostgreSQL 15 what operators, functions, casts and common types it finds for pairs of types.

    tests/postgres/oracle/ask_resolution.py "host=… port=… user=… dbname=…"

The database should be an empty one of its own. Each answer is read from the rule of a view that is rolled back.
Writes beside itself, all in pg_type's names and with what does not resolve left out; "!" where several fit equally, "?"
where they do and some may be of types that src/postgres/facts leaves out:
  operators.tsv      operator, left type ("-": prefix), then for each right type  type=operator's OID:result type
  functions.tsv      name, argument types ("," between), function's OID, result type
  casts.tsv          source type, then the types it is cast to explicitly and, with "=", assigned to
  common_types.tsv   type, then for each other  type=what COALESCE of both has
"""
import collections
import itertools
import pathlib
import sys

import psycopg

HERE = pathlib.Path(__file__).resolve().parent
FACTS = HERE.parent.parent.parent / "src" / "postgres" / "facts"
TYPES = ("unknown bool int2 int4 int8 float4 float8 numeric money text varchar bpchar char name bytea date time timetz "
         "timestamp timestamptz interval uuid json jsonb bit varbit inet cidr macaddr oid regclass xid int4range _int4 "
         "_text _numeric").split()
FEW_TYPES = "unknown int4 int8 float8 numeric text varchar date timestamp interval jsonb _int4".split()
SET_UP = """
CREATE FUNCTION pg_temp.resolve(expression text, tag text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
  EXECUTE 'CREATE VIEW asked AS SELECT ' || expression || ' AS x FROM columns';
  SELECT coalesce((regexp_match(ev_action, ':targetList.*?' || tag || ' (\\d+) '))[1], '') || ':' || typname INTO answer
    FROM pg_rewrite, pg_attribute JOIN pg_type t ON t.oid = atttypid
    WHERE ev_class = 'asked'::regclass AND attrelid = ev_class AND attname = 'x';
  RAISE EXCEPTION USING ERRCODE = 'RV000', MESSAGE = answer;
EXCEPTION WHEN OTHERS THEN
  RETURN CASE SQLSTATE WHEN 'RV000' THEN SQLERRM WHEN '42725' THEN '!' END;
END $$;
CREATE FUNCTION pg_temp.assigns(target text, source text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('EXPLAIN INSERT INTO columns(%s) SELECT %s FROM columns', target, source);
  RETURN true;
EXCEPTION WHEN OTHERS THEN
  RETURN false;
END $$;
"""


def quoted(type_name):
    return f'"{type_name}"'


class Oracle:
    def __init__(self, connection):
        self.connection = connection
        columns = ", ".join(f'"c_{name}" {quoted(name)}' for name in TYPES if name != "unknown")
        connection.execute(f"CREATE TEMP TABLE columns ({columns})")
        connection.execute(SET_UP)

    @staticmethod
    def value(type_name):
        return "NULL" if type_name == "unknown" else f'"c_{type_name}"'

    def resolve(self, expression, tag, partial=False):
        row = self.connection.execute("SELECT pg_temp.resolve(%s, %s)", [expression, tag]).fetchone()
        return "?" if row[0] == "!" and partial else row[0]

    def names(self, table, catalog, column):
        """The names of a table's rows, and whether PostgreSQL has more rows of that name."""
        counts = collections.Counter(
            line.split('"')[1] for line in (FACTS / table).read_text().splitlines() if line.startswith("{"))
        rows = self.connection.execute(f"SELECT {column}, count(*) FROM {catalog} GROUP BY 1").fetchall()
        return {name: counts[name] < count for name, count in sorted(rows) if name in counts}

    def operators(self):
        for name, partial in self.names("operators.inc", "pg_operator", "oprname").items():
            for left in ["-", *TYPES]:
                answers = []
                for right in TYPES:
                    prefix = "" if left == "-" else self.value(left) + " "
                    answer = self.resolve(f"{prefix}OPERATOR(pg_catalog.{name}) {self.value(right)}", ":opno", partial)
                    if answer:
                        answers.append(f"{right}={answer}")
                if answers:
                    yield [name, left, *answers]

    def functions(self):
        partial = self.names("functions.inc", "pg_proc", "proname")
        counts = {}
        for line in (FACTS / "computed.txt").read_text().splitlines():
            if line.startswith("#") or "(" not in line:
                continue
            name, rest = line.split("(", 1)
            arguments = rest.split(")  ")[0]
            if rest.split(")  ")[1].startswith("catalog"):
                continue
            counts.setdefault(name, set()).add(len(arguments.split(",")) if arguments else 0)
        for name, arities in sorted(counts.items()):
            for arity in sorted(arities & {1, 2}):
                for types in itertools.product(TYPES if arity == 1 else FEW_TYPES, repeat=arity):
                    arguments = ", ".join(map(self.value, types))
                    answer = self.resolve(f"pg_catalog.{quoted(name)}({arguments})", "(?::funcid|:aggfnoid)",
                                          partial[name])
                    if answer in ("!", "?"):
                        yield [name, ",".join(types), answer]
                    elif answer and not answer.startswith(":"):
                        yield [name, ",".join(types), *answer.split(":")]

    def casts(self):
        for source in TYPES[1:]:
            answers = []
            for target in TYPES[1:]:
                if self.resolve(f"CAST({self.value(source)} AS {quoted(target)})", "x"):
                    row = self.connection.execute("SELECT pg_temp.assigns(%s, %s)",
                                                  [f'"c_{target}"', self.value(source)]).fetchone()
                    answers.append(target + ("=" if row[0] else ""))
            yield [source, *answers]

    def common_types(self):
        for one in TYPES:
            answers = []
            for other in TYPES:
                answer = self.resolve(f"coalesce({self.value(one)}, {self.value(other)})", "x")
                if answer:
                    answers.append(f"{other}={answer[1:]}")
            yield [one, *answers]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with psycopg.connect(sys.argv[1]) as connection:
        oracle = Oracle(connection)
        for what in ("casts", "common_types", "operators", "functions"):
            lines = ["\t".join(line) for line in getattr(oracle, what)()]
            (HERE / f"{what}.tsv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
