"""What tests of SQL servers on a cluster ask a session."""
import psycopg
import pytest


def rows(connection, text):
    """In a transaction of their own."""
    found = connection.execute(text).fetchall()
    connection.commit()
    return found


def refused(connection):
    """The commit is."""
    with pytest.raises(psycopg.errors.SerializationFailure):
        connection.commit()
    connection.rollback()
