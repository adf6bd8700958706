#!/usr/bin/env python3
"""Records the answers of a running PostgreSQL 15 to the cases in cases/*.sql: one .out beside each.

    record_cases.py "host=127.0.0.1 port=5432 user=postgres dbname=postgres" [case …]

A statement ends with a semicolon at the end of a line. Its answer is the line "> statement", then the columns as
name:type, then the rows with tabs between their texts and \\N for NULL, or the error with its position.
"""
import pathlib
import sys

from psycopg import pq


def statements(text: str):
    lines = []
    for line in text.splitlines():
        if line.startswith("--") or not line.strip():
            continue
        lines.append(line)
        if line.rstrip().endswith(";"):
            yield "\n".join(lines).rstrip()[:-1]
            lines = []


def type_name(connection, oid: int, modifier: int) -> str:
    query = b"select pg_catalog.format_type(%d, %d)" % (oid, modifier)
    return connection.exec_(query).get_value(0, 0).decode()


def error_lines(result):
    def field(code):
        value = result.error_field(code)
        return value.decode() if value else ""

    position = field(pq.DiagnosticField.STATEMENT_POSITION)
    place = f"@{position}" if position else ""
    yield f"ERROR {field(pq.DiagnosticField.SQLSTATE)}{place}: {field(pq.DiagnosticField.MESSAGE_PRIMARY)}"
    for name, code in (("DETAIL", pq.DiagnosticField.MESSAGE_DETAIL), ("HINT", pq.DiagnosticField.MESSAGE_HINT)):
        if field(code):
            yield f"{name}: {field(code)}".replace("\n", "\\n")


def answer(connection, statement: str):
    result = connection.exec_(statement.encode())
    if result.status == pq.ExecStatus.FATAL_ERROR:
        yield from error_lines(result)
        return
    columns = range(result.nfields)
    yield "\t".join(
        f"{result.fname(i).decode()}:{type_name(connection, result.ftype(i), result.fmod(i))}" for i in columns)
    for row in range(result.ntuples):
        values = (result.get_value(row, i) for i in columns)
        yield "\t".join("\\N" if v is None else v.decode().replace("\n", "\\n") for v in values)


def main() -> int:
    folder = pathlib.Path(__file__).parent / "cases"
    names = sys.argv[2:] or sorted(path.stem for path in folder.glob("*.sql"))
    for name in names:
        connection = pq.PGconn.connect(sys.argv[1].encode())
        connection.exec_(b"set timezone to 'UTC'")
        with open(folder / f"{name}.out", "w", encoding="utf-8") as out:
            for statement in statements((folder / f"{name}.sql").read_text(encoding="utf-8")):
                out.write("> " + statement.replace("\n", " ") + "\n")
                for line in answer(connection, statement):
                    out.write(line + "\n")
        connection.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
