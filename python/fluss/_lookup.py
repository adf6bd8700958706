"""Point and prefix lookups, and their builders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, final

from fluss import _core as native
from fluss._base import Internal, check_strings, make
from fluss._docs import share_docs
from fluss._pending import Pending, SelfAwaitable, start

if TYPE_CHECKING:
    from fluss._table import FlussTable

Row = dict[str, Any]


@final
class Lookuper(SelfAwaitable, Internal):
    """Looks rows up by primary key.

    >>> lookuper = users.new_lookup().create_lookuper()
    >>> await lookuper.lookup({"id": 1})
    {'id': 1, 'name': 'Ann', 'score': 10}
    """

    __slots__ = ("_core",)
    _core: native.Lookuper

    @staticmethod
    def _of(table: FlussTable) -> Lookuper:
        lookuper = make(Lookuper)
        lookuper._core = native.Lookuper(table._core)
        return lookuper

    def lookup(self, pk: Any) -> Pending[Row | None]:
        """The row with this key (a dict, or values in key order), None when there is none."""
        return start(self._core.lookup(pk))

    def lookup_many(self, pks: Iterable[Any]) -> Pending[list[Row | None]]:
        """Many keys in one go; results in their order."""
        return start(self._core.lookup_many(pks))

    def __repr__(self) -> str:
        return "Lookuper()"


@final
class PrefixLookuper(SelfAwaitable, Internal):
    """Looks rows up by a prefix of the primary key.

    >>> lookuper = visits.new_lookup().lookup_by(["user"]).create_lookuper()
    >>> [row["page"] for row in await lookuper.lookup([7])]
    ['/', '/about']
    """

    __slots__ = ("_core",)
    _core: native.PrefixLookuper

    @staticmethod
    def _of(table: FlussTable, columns: list[str]) -> PrefixLookuper:
        lookuper = make(PrefixLookuper)
        lookuper._core = native.PrefixLookuper(table._core, columns)
        return lookuper

    def lookup(self, prefix: Any) -> Pending[list[Row]]:
        """All rows whose key begins with these values."""
        return start(self._core.lookup(prefix))

    def __repr__(self) -> str:
        return "PrefixLookuper()"


@final
class TableLookup(Internal):
    """Makes lookupers, and is one.

    >>> await users.new_lookup().lookup([2])
    {'id': 2, 'name': 'Ben', 'score': 20}
    """

    __slots__ = ("_table", "_default")
    _table: FlussTable
    _default: Lookuper | None

    @staticmethod
    def _of(table: FlussTable) -> TableLookup:
        builder = make(TableLookup)
        builder._table = table
        builder._default = None
        return builder

    def create_lookuper(self) -> Lookuper:
        """A lookuper by the whole primary key."""
        return Lookuper._of(self._table)

    def lookup_by(self, column_names: Sequence[str]) -> TablePrefixLookup:
        """Lookups by the partition keys and the bucket keys."""
        return TablePrefixLookup._of(self._table, check_strings("column_names", column_names))

    def _lookuper(self) -> Lookuper:
        if self._default is None:
            self._default = self.create_lookuper()
        return self._default

    def lookup(self, pk: Any) -> Pending[Row | None]:
        return self._lookuper().lookup(pk)

    def lookup_many(self, pks: Iterable[Any]) -> Pending[list[Row | None]]:
        return self._lookuper().lookup_many(pks)

    def __repr__(self) -> str:
        return "TableLookup()"


@final
class TablePrefixLookup(Internal):
    """Makes prefix lookupers, and is one.

    >>> [row["at"] for row in await visits.new_lookup().lookup_by(["user"]).lookup([7])]
    [1, 2]
    """

    __slots__ = ("_table", "_columns", "_default")
    _table: FlussTable
    _columns: list[str]
    _default: PrefixLookuper | None

    @staticmethod
    def _of(table: FlussTable, columns: list[str]) -> TablePrefixLookup:
        builder = make(TablePrefixLookup)
        builder._table = table
        builder._columns = columns
        builder._default = None
        return builder

    def create_lookuper(self) -> PrefixLookuper:
        """A lookuper by the columns that the builder was given."""
        return PrefixLookuper._of(self._table, self._columns)

    def lookup(self, prefix: Any) -> Pending[list[Row]]:
        if self._default is None:
            self._default = self.create_lookuper()
        return self._default.lookup(prefix)

    def __repr__(self) -> str:
        return "TablePrefixLookup()"


share_docs(TableLookup, Lookuper)
share_docs(TablePrefixLookup, PrefixLookuper)
