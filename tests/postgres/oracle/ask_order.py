"""Asks a running PostgreSQL 15 how it orders and hashes values, and writes the answers down in order.tsv.

    python tests/postgres/oracle/ask_order.py "host=… dbname=…"

A line each value, with tab-separated fields (backslash escapes as in COPY); those of a type follow each other in its
order:

    OID  INPUT  RANK  HASH  PARTITION_HASH

RANK is the same for values that are equal; HASH is the type's extended hash with the seed 0 and PARTITION_HASH the one
with the seed of partitions, both empty for a type that has none.
"""
import itertools
import pathlib
import sys

import psycopg
from ask import escaped

PARTITION_SEED = 8816678312871386365

JSON_SCALARS = ["null", "true", "false", '""', '"a"', '"ab"', '"b"', '"é"', '"\\n"', "0", "-0", "1", "1.0", "1.00", "-1",
                "10", "9", "1e2", "100", "100.5", "-12345678901234567890.5", "0.00001", "1e-5", "99999999999999999999"]
JSON_NESTED = (
    ["[]", "{}", "[[]]", "[{}]", '{"a": []}', '{"a": {}}', "[null]", "[1, 2]", "[2, 1]", "[1, 1.0]", "[1.0, 1]", "[1, [2]]",
     '["a", "b"]', '["ab"]', "[1.5, 2]", "[1, 2, 3]", "[[1], 2]", "[1, {}]", "[true, false]"]
    + [f"[{value}]" for value in JSON_SCALARS]
    + [f'{{"a": {value}}}' for value in JSON_SCALARS]
    + ['{"b": 1}', '{"aa": 1}', '{"a": 1, "b": 2}', '{"b": 2, "a": 1.0}', '{"a": 1, "c": 2}', '{"b": 1, "aa": 1}',
       '{"a": {"b": [1, {"c": null}]}}', '{"a": [1, 2]}', '{"a": [1]}'])

INTERVALS = ["0", "1 day", "24 hours", "23:59:59.999999", "1 mon", "30 days", "720 hours", "1 year", "12 mons", "360 days",
             "-1 day", "-24:00:00", "1 day -24:00:00", "1 mon -30 days", "178000000 years", "-178000000 years",
             "2147483647 days", "1 day 5 hours", "10 hours", "1 hour", "00:00:00.000001", "-00:00:00.000001"]

NETWORKS = ["0.0.0.0", "10.0.0.0", "10.0.0.9", "10.0.0.10", "10.0.0.100", "10.0.0.0/8", "10.0.0.0/24", "10.1.0.0/16",
            "10.0.0.5/24", "255.255.255.255", "::", "::1", "2001:db8::/32", "2001:db8::1", "::ffff:10.0.0.1", "fe80::1/64"]

NUMBERS = ["1.5", "1.50", "2", "2.0", "9", "10", "-1", "0", "0.000"]
MOMENTS = ["2020-01-01", "2020-01-02 10:00", "1999-12-31 23:59:59.5", "infinity", "-infinity", "0044-03-15 BC"]


def ranges(bounds):
    texts = ["empty", "(,)"]
    for lower, upper in itertools.product(bounds, bounds):
        texts += [f'["{lower}","{upper}")', f'("{lower}","{upper}"]', f'["{lower}","{upper}"]', f'("{lower}","{upper}")']
    for bound in bounds:
        texts += [f'["{bound}",)', f'("{bound}",)', f'(,"{bound}")', f'(,"{bound}"]']
    return texts


def multiranges(bounds):
    singles = ranges(bounds)
    return ["{}"] + [f"{{{text}}}" for text in singles] + [f"{{{a},{b}}}" for a, b in zip(singles, singles[3:])]


CLOCKS = [f"{clock}{zone}" for clock in ("00:00", "10:00", "10:30", "12:00", "23:59:59.999999", "24:00")
          for zone in ("+00", "+02", "-02", "+05:30", "-11", "+15:59:59")]

VALUES = {
    "jsonb": ("jsonb_hash_extended", JSON_SCALARS + JSON_NESTED),
    "interval": ("interval_hash_extended", INTERVALS),
    "timetz": ("timetz_hash_extended", CLOCKS),
    "time": ("time_hash_extended", ["00:00", "10:30", "24:00", "23:59:59.999999"]),
    "uuid": ("uuid_hash_extended", ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
                                    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000001"]),
    "inet": ("hashinetextended", NETWORKS),
    "cidr": ("hashinetextended", [network for network in NETWORKS if "5/24" not in network and "::1/64" not in network]),
    "macaddr": ("hashmacaddrextended", ["00:00:00:00:00:00", "08:00:2b:01:02:03", "ff:ff:ff:ff:ff:ff", "08:00:2b:01:02:04"]),
    "macaddr8": ("hashmacaddr8extended", ["08:00:2b:01:02:03:04:05", "08:00:2b:ff:fe:01:02:03", "ff:ff:ff:ff:ff:ff:ff:ff"]),
    "bit": ("", ["0", "1", "00", "01", "10", "010", "0000000000", "000000001", "10000000", "100000000", "11111111"]),
    "varbit": ("", ["", "0", "1", "00", "01", "10", "010", "0000000000", "000000001", "10000000", "100000000", "11111111"]),
    "money": ("", ["0", "1", "-1", "9", "10", "1000", "-1000", "1234.56", "92233720368547758.07", "-92233720368547758.08"]),
    "numeric": ("hash_numeric_extended", NUMBERS + ["NaN", "Infinity", "-Infinity", "1e30", "1e-30", "-1e30", "12345.6789"]),
    "int4": ("hashint4extended", ["0", "1", "-1", "2147483647", "-2147483648"]),
    "int8": ("hashint8extended", ["0", "1", "-1", "9223372036854775807", "-9223372036854775808", "4294967296"]),
    "date": ("", MOMENTS),
    "timestamp": ("timestamp_hash_extended", MOMENTS),
    "timestamptz": ("", [f"{moment}+00" if "infinity" not in moment and "BC" not in moment else moment
                                                for moment in MOMENTS]),
    "text": ("hashtextextended", ["", "a", "ab", "b", "é", "a b"]),
    "bytea": ("", ["\\x", "\\x00", "\\x0001", "\\xff"]),  # its hash takes a C structure
    "int4range": ("hash_range_extended", ranges(["-1", "1", "10", "2147483646"])),
    "int8range": ("hash_range_extended", ranges(["-1", "1", "10"])),
    "numrange": ("hash_range_extended", ranges(NUMBERS)),
    "daterange": ("hash_range_extended", ranges(["2020-01-01", "1999-12-31"])),
    "tsrange": ("hash_range_extended", ranges(["2020-01-01", "1999-12-31 10:00"])),
    "int4multirange": ("hash_multirange_extended", multiranges(["-1", "1", "10", "20"])),
    "nummultirange": ("hash_multirange_extended", multiranges(NUMBERS)),
    "tstzrange": ("hash_range_extended", ranges(["2020-01-01 00:00+00", "2020-01-01 01:00+02"])),
}


def is_value(cursor: psycopg.Cursor, text: str, type_name: str) -> bool:
    with cursor.connection.transaction() as transaction:
        try:
            cursor.execute("select cast(%s::text as " + type_name + ")", (text,))
            return True
        except psycopg.Error:
            raise psycopg.Rollback(transaction) from None
    return False


def main() -> None:
    out = []
    with psycopg.connect(sys.argv[1]) as connection, connection.cursor() as cursor:
        cursor.execute("set time zone 'UTC'")
        for type_name, (function, texts) in VALUES.items():
            texts = [text for text in dict.fromkeys(texts) if is_value(cursor, text, type_name)]
            hashes = f"{function}(v, 0), {function}(v, {PARTITION_SEED})" if function else "'', ''"
            name = {"bit": "varbit"}.get(type_name, type_name)  # without a length, bit is of one bit
            cursor.execute(
                f"select t, dense_rank() over (order by v), {hashes} from unnest(%s::text[]) with ordinality u(t, n), "
                f"lateral (select cast(t as {name}) as v) c order by 2, n", (texts,))
            oid = cursor.connection.execute("select %s::regtype::oid", (type_name,)).fetchone()[0]
            for text, rank, first, second in cursor.fetchall():
                out.append(f"{oid}\t{escaped(text)}\t{rank}\t{first}\t{second}\n")
    (pathlib.Path(__file__).parent / "order.tsv").write_text("".join(out))


if __name__ == "__main__":
    main()
