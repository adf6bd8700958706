"""Asks a running PostgreSQL 15 what its input and output functions make of texts, and writes the answers down.

    python tests/postgres/oracle/ask.py "host=… dbname=…"          # every file of this folder
    python tests/postgres/oracle/ask.py "host=… dbname=…" numeric  # one

Each file is a table of lines with tab-separated fields (backslash escapes as in COPY):

    set   NAME  VALUE                                   a setting for the lines that follow
    read  OID  MODIFIER  INPUT  =  TEXT  BINARY         the value's text and its binary form in hexadecimal
    read  OID  MODIFIER  INPUT  !  SQLSTATE  MESSAGE  DETAIL  HINT
    call  NAME  COUNT  ARGUMENT…  =  RESULT             a function of numeric with so many arguments (calls.tsv)
    call  NAME  COUNT  ARGUMENT…  !  SQLSTATE  MESSAGE

What is asked is in inputs.py. Very long answers are left out.
"""
import pathlib
import sys

import inputs
import psycopg

FUNCTIONS = r"""
create or replace function pg_temp.ask(type oid, modifier int, input text) returns text[] language plpgsql as $$
declare t record; call text; shown text; bytes bytea; m text; d text; h text; s text;
begin
  select typinput, typoutput, typsend, typname, p.oid, typcategory, pronargs into t
    from pg_type p join pg_proc f on f.oid = typinput where p.oid = type;
  if modifier = -1 then
    call := format('%L::pg_catalog.%I', input, t.typname);
  elsif t.typcategory = 'A' then
    execute format('create temp table one (v %s) on commit drop', format_type(type, modifier));
    execute format('insert into one values (%L)', input);
    call := '(select v from one)';
  else
    call := format('%s(%L::cstring, %s, %s)', t.typinput, input, t.oid, modifier);
  end if;
  execute format('select %s(v)::text, %s(v) from (select %s as v offset 0) as s', t.typoutput, t.typsend, call)
    into shown, bytes;
  drop table if exists one;
  return array['=', shown, encode(bytes, 'hex')];
exception when others then
  get stacked diagnostics s = returned_sqlstate, m = message_text, d = pg_exception_detail, h = pg_exception_hint;
  return array['!', s, m, coalesce(d, ''), coalesce(h, '')];
end $$;
create or replace function pg_temp.compute(expression text) returns text[] language plpgsql as $$
declare shown text; m text; s text;
begin
  execute 'select (' || expression || ')::text' into shown;
  return array['=', shown];
exception when others then
  get stacked diagnostics s = returned_sqlstate, m = message_text;
  return array['!', s, m];
end $$;
"""


def escaped(field: str) -> str:
    return field.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


LONGEST = 3_000  # characters of an answer that is kept


def line(*fields: object) -> str:
    text = "\t".join(escaped(str(f)) for f in fields) + "\n"
    return text if len(text) <= LONGEST else ""


def ask_values(cursor: psycopg.Cursor, family: str) -> str:
    out = [line("set", "now", cursor.execute("select (extract(epoch from now()) * 1000000)::bigint").fetchone()[0])]
    for settings, questions in inputs.VALUES[family]:
        for name, value in settings.items():
            cursor.execute("select set_config(%s, %s, true)", (name, value))
            out.append(line("set", name, value))
        rows = [q if len(q) == 3 else (q[0], -1, q[1]) for q in questions]
        seen = set()
        for type_name, modifier, text in rows:
            if (type_name, modifier, text) in seen:
                continue
            seen.add((type_name, modifier, text))
            oid, answer = cursor.execute("select %s::regtype::oid, pg_temp.ask(%s::regtype, %s, %s)",
                                         (type_name, type_name, modifier, text)).fetchone()
            out.append(line("read", oid, modifier, text, *answer))
    return "".join(out)


def ask_calls(cursor: psycopg.Cursor) -> str:
    out = []
    for name, template, arguments in inputs.CALLS:
        expression = template.format(*(f"'{a}'" for a in arguments))
        answer = cursor.execute("select pg_temp.compute(%s)", (expression,)).fetchone()[0]
        out.append(line("call", name, len(arguments), *arguments, *answer))
    return "".join(out)


def main() -> int:
    folder = pathlib.Path(__file__).resolve().parent
    families = sys.argv[2:] or [*inputs.VALUES, "calls"]
    with psycopg.connect(sys.argv[1]) as connection:
        for family in families:
            with connection.transaction(force_rollback=True), connection.cursor() as cursor:
                cursor.execute(FUNCTIONS)
                text = ask_calls(cursor) if family == "calls" else ask_values(cursor, family)
                (folder / f"{family}.tsv").write_text(text)
                print(f"{family}: {text.count(chr(10))} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
