#!/usr/bin/env python3
"""Asks a running PostgreSQL 15 for the answers of its functions on texts, patterns, templates, json and COPY's data.

    tests/postgres/oracle/ask_compute.py "host=… port=… user=… dbname=…"

Writes compute_*.tsv beside itself: a call a line, NAME ARGUMENT… ANSWER, with tabs between (backslash escapes as in COPY).
An answer is a value's text, "NULL", or "! SQLSTATE MESSAGE". Made the same at each run; what is asked is made here by chance.
"""
import pathlib
import random
import re
import sys

import psycopg

HERE = pathlib.Path(__file__).resolve().parent
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
chance = random.Random(15)


class Oracle:
    def __init__(self, where: str) -> None:
        self.connection = psycopg.connect(where, autocommit=True)
        self.connection.execute("SET timezone = 'UTC'")
        self.rows: list[tuple[str, ...]] = []

    def ask(self, query: str, *arguments: object) -> str:
        try:
            value = self.connection.execute(f"SELECT ({query})::text", arguments).fetchone()[0]
        except psycopg.Error as error:
            return f"! {error.diag.sqlstate} {error.diag.message_primary}"
        return "NULL" if value is None else value

    def add(self, name: str, *arguments: object, query: str, ask: tuple | None = None) -> None:
        answer = self.ask(query, *(arguments if ask is None else ask))
        self.rows.append((name, *(str(argument) for argument in arguments), answer))

    def write(self, file: str) -> None:
        lines = ("\t".join(field.translate(ESCAPES) for field in row) + "\n" for row in self.rows)
        (HERE / file).write_text("".join(lines))
        print(file, len(self.rows))
        self.rows = []


def text(most: int = 8, letters: str = "abcAB é世üß x-.,1_'\"\\") -> str:
    return "".join(chance.choice(letters) for _ in range(chance.randint(0, most)))


def ask_texts(oracle: Oracle) -> None:
    numbers = [-2147483648, -5, -2, -1, 0, 1, 2, 3, 4, 7, 20, 2147483647]
    for _ in range(150):
        a, b, c = text(), text(3), text(2)
        first, second = chance.choice(numbers), chance.choice(numbers)
        oracle.add("ascii", a, query="ascii(%s)")
        oracle.add("chr", chance.choice([0, -1, 65, 233, 0x4E16, 0xD800, 0x10FFFF, 0x110000]), query="chr(%s::int)")
        oracle.add("initcap", a, query="initcap(%s)")
        for pad in ("lpad", "rpad"):
            oracle.add(pad, a, chance.choice([-1, 0, 1, 3, 7, 12]), b, query=f"{pad}(%s, %s::int, %s)")
        for trim in ("ltrim", "rtrim"):
            oracle.add(trim, a, b, query=f"{trim}(%s, %s)")
        oracle.add("strpos", a, c, query="strpos(%s, %s)")
        oracle.add("substr", a, first, query="substr(%s, %s::int)")
        oracle.add("substr", a, first, second, query="substr(%s, %s::int, %s::int)")
        oracle.add("overlay", a, b, first, query="overlay(%s placing %s from %s::int)")
        oracle.add("overlay", a, b, first, second, query="overlay(%s placing %s from %s::int for %s::int)")
        oracle.add("reverse", a, query="reverse(%s)")
        oracle.add("split_part", a, c, chance.choice([-3, -2, -1, 0, 1, 2, 3]), query="split_part(%s, %s, %s::int)")
        oracle.add("translate", a, b, c, query="translate(%s, %s, %s)")
        pieces = ["a", "\\", "\\u0041", "\\0041", "\\+01F600", "\\U0001F600", "\\\\", "\\uD83D\\uDE00", "\\uD83D", "\\u0000"]
        oracle.add("unistr", "".join(chance.choices(pieces, k=chance.randint(0, 3))), query="unistr(%s)")
        name = text(7, 'aB." 1é_$')
        oracle.add("parse_ident", name, chance.choice("tf"), query="parse_ident(%s, %s::bool)")
        delimiter, null = chance.choice([None, "", c]), chance.choice([None, "a", b])
        answer = oracle.ask("string_to_array(%s, %s, %s)", a, delimiter, null)
        oracle.rows.append(("string_to_array", a, delimiter or "", "f" if delimiter is None else "t", null or "",
                            "f" if null is None else "t", answer))
        formats = ["%s", "%I", "%L", "%%", "%1$s", "%2$I", "%-5s|", "%5s", "%*s", "%-*s", "x", "%", "%3$L", "%0$s", "%z", "é"]
        pattern = "".join(chance.choices(formats, k=chance.randint(1, 3)))
        words = [chance.choice(["7", "ab c", "it's", "é"]) for _ in range(3)]
        oracle.add("format", pattern, *words, query="format(%s, %s::text, %s::text, %s::text)")
        data = bytes(chance.randint(0, 255) for _ in range(chance.randint(0, 70)))
        form = chance.choice(["hex", "base64", "escape", "HEX", "x"])
        oracle.add("encode", data.hex(), form, query="encode(decode(%s, 'hex'), %s)")
        encoded = text(9, "0aF=+/Zz \\01 x7") if chance.random() < 0.5 else oracle.ask("encode(%s, %s)", data, form)
        oracle.add("decode", encoded, chance.choice(["hex", "base64", "escape"]), query="encode(decode(%s, %s), 'hex')")
        bit = chance.randint(-1, 60)
        oracle.add("get_bit", data.hex(), bit, query="get_bit(decode(%s, 'hex'), %s::bigint)")
        oracle.add("set_bit", data.hex(), bit, 1, query="encode(set_bit(decode(%s, 'hex'), %s::bigint, %s::int), 'hex')")
        oracle.add("substr_bytes", data.hex(), first, second, query="encode(substr(decode(%s, 'hex'), %s::int, %s::int), 'hex')")
    oracle.write("compute_text.tsv")


ATOMS = ["a", "b", "c", ".", "[ab]", "[^a]", "\\d", "\\w", "\\s", "\\m", "\\M", "\\y", "^", "$", "(a)", "(ab|a)", "(?:b|bc)",
         "\\x61", "[[:digit:]]", "[a-c]", "\\D", "é", "[é-ü]", "(?=b)", "(?!a)", "{", "\\.", "(?<=a)", "\\A", "\\Z", "[]a]",
         "[^]a]", "[[.hyphen.]]", "[[=a=]]", "\\n", "1", "\\W", "[\\d-]"]
ODD_ATOMS = ["(", "[", "\\", "]", ")", "\\1", "[[:x:]]", "[b-a]"]
QUANTIFIERS = ["", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{2,}", "{1,2}?", "{1,1}?", "**", "{2,1}", "{a}"]


def regex() -> str:
    pattern = ""
    for _ in range(chance.randint(1, 5)):
        atom = chance.choice(ODD_ATOMS) if chance.random() < 0.02 else chance.choice(ATOMS)
        pattern += atom + chance.choice(QUANTIFIERS) + ("|" if chance.random() < 0.15 else "")
    return (chance.choice(["(?i)", "***:", "***=", "(?x)", "(?n)", "(?q)"]) if chance.random() < 0.05 else "") + pattern


def ask_patterns(oracle: Oracle) -> None:
    def subject() -> str:
        return "".join(chance.choice("aaabbbccc1 éÜA\nab-.") for _ in range(chance.randint(0, 9)))

    for _ in range(1500):
        line, pattern, options = subject(), regex(), chance.choice(["", "", "", "i", "n", "x", "p", "w", "ni", "s"])
        oracle.add("regexp_substr", line, pattern, options, query="regexp_substr(%s, %s, 1, 1, %s)")
        oracle.add("regexp_replace", line, pattern, options,
                   query="regexp_replace(%s, %s, '<\\1&\\&>', %s)", ask=(line, pattern, options + "g"))
    for _ in range(600):
        line = subject().replace("\n", "x")
        pieces = ["a", "b", "%", "_", "(a|b)", "[ab]", "[^a]", "*", "+", "é", "\\%", "\\_", "#", "c{2}", "?", "."]
        oracle.add("similar", line, "".join(chance.choices(pieces, k=chance.randint(1, 5))), query="%s SIMILAR TO %s")
        pieces = ["a", "b", "%", "_", "É", "é", "A", "\\%", "\\_", "\\a", "c", "%%", "\\\\", "\\"]
        pattern = "".join(chance.choices(pieces, k=chance.randint(1, 5)))
        oracle.add("like", line, pattern, query="%s LIKE %s")
        oracle.add("ilike", line, pattern, query="%s ILIKE %s")
    oracle.write("compute_pattern.tsv")


KEYWORDS = ("A.D. AM BC CC DAY Day day DDD DD DY Dy dy D FF1 FF3 FF6 HH24 HH12 HH hh24 IDDD ID IW IYYY IYY IY I J MI MM MONTH "
            "Month month MON Mon mon MS p.m. PM Q RM rm SSSSS SSSS SS US WW W Y,YYY YYYY yyyy YYY YY Y TZH TZM OF").split()
TIMES = ["2024-02-29 13:05:09.123456", "0001-01-01 00:00:00", "1999-12-31 23:59:59.999999", "0044-03-15 01:02:03 BC",
         "2021-01-03 00:30:00", "12024-07-04 11:11:11"]
INTERVALS = ["1 year 2 mons 3 days 04:05:06.7", "-1 year -2 mons", "30:00:00", "-05:06:07", "0", "14 mons 400 days 100:59:59"]
READINGS = [("2024-02-29", "YYYY-MM-DD"), ("20240229", "YYYYMMDD"), ("2024 Feb 29", "YYYY Mon DD"), ("12:30 PM", "HH:MI PM"),
            ("29 FEBRUARY 2024", "DD Month YYYY"), ("13:30 PM", "HH:MI PM"), ("2024-060", "YYYY-DDD"), ("97/Feb/16", "YY/Mon/DD"),
            ("2024-W09-4", 'IYYY-"W"IW-ID'), ("  20050302", "YYYYMMDD"), ("2000-02-30", "YYYY-MM-DD"), ("abc", "YYYY"),
            ("2011-12-18 11:38 +05:20", "YYYY-MM-DD HH12:MI TZH:TZM"), ("44 BC", "YYYY BC"), ("05527-4", "YYYYY-D"),
            ("1.25", "SS.MS"), ("12.3", "SS.US"), ("20", "CC"), ("21 05", "CC YY"), ("2440587", "J"), ("x1997", "YYYY"),
            ("1997", "xYYYY"), ("12 2000", "FF3 YYYY"), ("2000+   JUN", "YYYY/MON"), ("2000   + JUN", "YYYY   MON"),
            ("2012-12-12 12:00", "YYYY-MM-DD HH24:MI TZ"), ("1,900", "Y,YYY"), ("1900", "Y,YYY"), ("xii 2000", "RM YYYY"),
            ("10 000", "FXYYYY"), ("2000 1 1", "FXYYYY MM DD"), ("25:00", "HH24:MI"), ("", "YYYY"), ("99999", "SSSS"),
            ("3 2000", "Q YYYY"), ("2000-13", "YYYY-MM"), ("6 2000", "WW YYYY"), ("2000 40", "YYYY IW"), ("18th 2000", "DDth YYYY"),
            ("Monday 2000", "Day YYYY"), ("2000 366 02 03", "YYYY DDD MM DD"), ("1 2", "DD DD"), ("99999999999", "YYYY")]
NUMBERS = ("999 9.99 0.99 FM9.99 FM999.009 S999 999S MI999 999MI PL999 999PL SG999 999PR FM999PR 9,999 0,999.99 9G999D99 FM9,999,999 "
           "99V9 999th RN FMRN rn L999 B9.9 FM0.999 FM9.9 FM90.0 S9.9 9.9S FM999999.99 000 0009 FM0009 9990999.9 PR9 9.9.9 S9S .99 "
           "FM.99 9. FM9. SG9.9SG FM999.990 999D9S MI9.9 \"x\"9\"y\" 9TH 90.90 0.0 FMS9.99 FM9PL S0 FMS0009 999,999PR").split()
TO_NUMBERS = [("-34,338,492", "99G999G999"), ("-34,338,492.654,878", "99G999G999D999G999"), ("<564646.654564>", "999999.999999PR"),
              ("0.00001-", "9.999999S"), ("5.01-", "FM9.999999S"), ("5.01-", "FM9.999999MI"), (".01", "FM9.99"), ("0", "99.99"),
              ("5 4 4 4 4 8 . 7 8", "9 9 9 9 9 9 . 9 9"), (".-01", "S99.99"), (".01-", "99.99S"), ("34,50", "999,99"),
              ("123,000", "999G"), ("$1234.56", "L9,999.99"), ("$1,234.56", "L9,999.99"), ("42nd", "99th"), ("abc", "999"),
              ("", "999"), ("123456", "99"), ("-12", "99"), ("+12", "99"), ("12-", "99S"), ("XII", "RN")]


def fields_of(oracle: Oracle, type_name: str, value: str) -> str:
    """Year (0 is 1 BC), month, day, hour, minute, second, microsecond."""
    return oracle.ask(f"""SELECT concat_ws(' ', y + CASE WHEN y < 0 AND NOT i THEN 1 ELSE 0 END, extract(month FROM t), extract(day FROM t),
        extract(hour FROM t), extract(minute FROM t), trunc(extract(second FROM t))::int, extract(microsecond FROM t)::bigint %% 1000000)
        FROM (SELECT t, extract(year FROM t) AS y, {type_name == "interval"} AS i FROM (SELECT %s::{type_name} AS t) v) v""", value)


def ask_templates(oracle: Oracle) -> None:
    templates = [before + keyword + after for keyword in KEYWORDS for before in ("", "FM", "TM") for after in ("", "th", "TH")]
    for _ in range(200):
        between = ["-", " ", "/", ":", "", ' "abc" ', "x", '\\"q', "é"]
        templates.append("".join(chance.choice(["", "FM", "fm"]) + chance.choice(KEYWORDS) + chance.choice(["", "", "th"]) +
                                 chance.choice(between) for _ in range(chance.randint(1, 6))))
    for type_name, values in (("timestamptz", TIMES), ("interval", INTERVALS)):
        for value in values:
            fields = fields_of(oracle, type_name, value)
            for template in chance.sample(templates, 150):
                oracle.add(f"to_char {type_name}", fields, template, query=f"to_char(%s::{type_name}, %s)", ask=(value, template))
    readings = list(READINGS)
    for _ in range(250):
        template = chance.choice(["-", " ", "/", ""]).join(chance.choice(["", "FM"]) + k for k in chance.sample(KEYWORDS, chance.randint(1, 5)))
        readings.append((oracle.ask("to_char(%s::timestamptz, %s)", chance.choice(TIMES[:5]), template), template))
    for value, template in readings:
        if not re.search("FF[1-5]", template):  # those round the whole time
            moment = "extract(epoch FROM to_timestamp(%s, %s))"
            oracle.add("to_timestamp", value, template, query=moment)
    for number in "0 1 -1 0.5 -0.5 12.345 -12.345 999.995 1234567.89 -1234.5 0.001 -0.004 100 10.10 485 -0.1 3999 4000 111".split():
        for template in NUMBERS:
            oracle.add("to_char numeric", number, template, query="to_char(%s::numeric, %s)")
    for value, template in TO_NUMBERS:
        oracle.add("to_number", value, template, query="to_number(%s, %s)")
    oracle.write("compute_template.tsv")


def json_text(depth: int = 3) -> str:
    kind = chance.random()
    if depth == 0 or kind < 0.35:
        return chance.choice(["1", "1.50", "-2e2", "0", "null", "true", "false", '"a"', '"b\\n"', '"é"', '""', '"1"'])
    blank = chance.choice(["", " ", "  "])
    parts = [json_text(depth - 1) for _ in range(chance.randint(0, 3))]
    if kind < 0.65:
        return "[" + blank + ("," + blank).join(parts) + "]"
    keys = [chance.choice(["a", "b", "aa", "é", "1", "0"]) for _ in parts]
    return "{" + blank + ("," + blank).join(f'"{key}"{blank}:{blank}{part}' for key, part in zip(keys, parts)) + "}"


def ask_json(oracle: Oracle) -> None:
    for _ in range(250):
        written, other = json_text(), json_text(2)
        a, b = oracle.ask("%s::jsonb", written), oracle.ask("%s::jsonb", other)
        key, index = chance.choice(["a", "b", "aa", "é", "1", "0", "z"]), chance.randint(-3, 3)
        steps = [chance.choice(["a", "b", "0", "1", "-1", "5", "-9", "x", " 1"]) for _ in range(chance.randint(0, 3))]
        path, flag = "|".join(steps), chance.choice("tf")
        oracle.add("jsonb_concat", a, b, query="%s::jsonb || %s::jsonb")
        oracle.add("jsonb_contains", a, b, query="%s::jsonb @> %s::jsonb")
        oracle.add("jsonb_exists", a, key, query="jsonb_exists(%s::jsonb, %s)")
        oracle.add("jsonb_delete", a, key, query="%s::jsonb - %s::text")
        oracle.add("jsonb_delete_element", a, index, query="%s::jsonb - %s::int")
        oracle.add("jsonb_delete_path", a, path, query="%s::jsonb #- %s::text[]", ask=(a, steps))
        oracle.add("jsonb_set", a, path, b, flag, query="jsonb_set(%s::jsonb, %s::text[], %s::jsonb, %s::bool)", ask=(a, steps, b, flag))
        oracle.add("jsonb_insert", a, path, b, flag, query="jsonb_insert(%s::jsonb, %s::text[], %s::jsonb, %s::bool)", ask=(a, steps, b, flag))
        oracle.add("jsonb_pretty", a, query="jsonb_pretty(%s::jsonb)")
        oracle.add("jsonb_strip_nulls", a, query="jsonb_strip_nulls(%s::jsonb)")
        oracle.add("json_typeof", written, query="json_typeof(%s::json)")
        oracle.add("json_field", written, key, query="%s::json -> %s::text")
        oracle.add("json_field_text", written, key, query="%s::json ->> %s::text")
        oracle.add("json_element", written, index, query="%s::json -> %s::int")
        oracle.add("json_path", written, path, query="%s::json #> %s::text[]", ask=(written, steps))
        oracle.add("json_path_text", written, path, query="%s::json #>> %s::text[]", ask=(written, steps))
        oracle.add("json_strip_nulls", written, query="json_strip_nulls(%s::json)")
    oracle.write("compute_json.tsv")


def copied(oracle: Oracle, statement: str, data: str) -> str:
    """The rows that COPY makes of the data: [text] or <N> a field, ";" behind each row."""
    oracle.connection.execute("TRUNCATE copied RESTART IDENTITY")
    try:
        with oracle.connection.cursor().copy(statement) as copy:
            copy.write(data)
    except psycopg.Error as error:
        line = re.search(r"line (\d+)", error.diag.context or "")
        return f"! {error.diag.sqlstate} {error.diag.message_primary}" + (f" (line {line[1]})" if line else "")
    rows = oracle.connection.execute("SELECT a, b, c FROM copied ORDER BY id")
    return "".join("".join("<N>" if value is None else f"[{value}]" for value in row) + ";" for row in rows)


def ask_copy(oracle: Oracle) -> None:
    oracle.connection.execute("CREATE TEMP TABLE copied (a text, b text, c text, id serial)")
    csv_fields = ["x", "", '"q"', '"a,b"', '"a""b"', '"a\nb"', "\\N", '"', "'q'", "NULL", '"x"y', 'x"y"', '"a\\"b"', "é", '""', "n"]
    text_fields = ["x", "", "\\N", "a\\tb", "a\\nb", "\\\\", "\\x41", "\\101", "\\b\\q", "NULL", "é", "n", "a\\\nb", "b\\"]
    for _ in range(1200):
        csv = chance.random() < 0.5
        options = [("format", "csv")] if csv else []
        delimiter = "," if csv else "\t"
        if chance.random() < 0.2:
            delimiter = chance.choice(";,a\\\n")
            options.append(("delimiter", delimiter))
        if chance.random() < 0.2:
            options.append(("null", chance.choice(["NULL", "", "x", ",", "n"])))
        if chance.random() < 0.2:
            options.append(("header", chance.choice(["true", "match", "false", "MATCH", "bogus"])))
        if csv and chance.random() < 0.2:
            options.append(("quote", chance.choice(["'", '"', ",", "ab"])))
        if csv and chance.random() < 0.2:
            options.append(("escape", chance.choice(["\\", '"', "'"])))
        for force in ("force_null", "force_not_null"):
            if chance.random() < 0.1:
                options.append((force, chance.choice("abc")))
        end = chance.choice(["\n", "\n", "\n", "\r\n", "\r"])
        data = delimiter.join("abc") + end if chance.random() < 0.2 else ""
        for _ in range(chance.randint(0, 4)):
            count = 3 if chance.random() < 0.93 else chance.randint(1, 4)
            fields = chance.choices(csv_fields if csv else text_fields, k=count)
            data += delimiter.join(fields) + (end if chance.random() < 0.97 else chance.choice(["\n", "\r"]))
        data += chance.choice(["", "", "", "", "\\." + end + "zz"])
        listed = ", ".join(f"{name} ({value})" if name.startswith("force") else
                           "{} E'{}'".format(name, value.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n"))
                           for name, value in options)
        statement = "COPY copied (a, b, c) FROM STDIN" + (f" WITH ({listed})" if listed else "")
        written = "|".join(f"{name}={value}" for name, value in options)
        oracle.rows.append(("copy", written, data, copied(oracle, statement, data)))
    oracle.write("compute_copy.tsv")


def main() -> None:
    oracle = Oracle(sys.argv[1])
    for ask in (ask_texts, ask_patterns, ask_templates, ask_json, ask_copy):
        ask(oracle)


if __name__ == "__main__":
    main()
