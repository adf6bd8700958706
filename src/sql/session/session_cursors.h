#pragma once

#include <arrow/record_batch.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "postgres/value.h"
#include "sql/analyze/analyze.h"
#include "sql/session.h"

namespace weir::sql {

/// The rows of a cursor, read when it was declared, and where it stands among them.
struct SessionCursor {
  std::vector<ResultColumn> columns;
  std::shared_ptr<arrow::Schema> schema;
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  int64_t rows = 0;
  int64_t position = 0;  // 0: before the first row; rows + 1: behind the last
  bool hold = false;
  bool forward_only = false;
  bool committed = false;  // of a transaction that is over
  size_t savepoints = 0;   // so many were there when it was made
  std::string statement = {};  // the DECLARE
  int64_t created = 0;         // in microseconds since 1970 UTC
  std::vector<analyze::CursorTable> tables = {};  // what WHERE CURRENT OF finds the row of
  std::vector<ResultColumn> naming = {};          // the columns that do it, which `batches` has behind those shown
  MemoryReservation memory = {};

  /// Goes as FETCH says, and gives the rows on the way in that order. 55000 for a way back that it has not.
  Result<std::vector<std::shared_ptr<arrow::RecordBatch>>> Fetch(const FetchCursor& fetch);
  /// The row of the relation `table` on which it stands, which has one of `ids`; nothing: there is none. 24000 where
  /// it names none.
  Result<std::optional<analyze::CursorRow>> CurrentRow(const std::string& name, const std::string& table,
                                                       const std::set<int64_t>& ids,
                                                       const postgres::Settings& settings) const;

 private:
  /// Rows first … last, from 1; backwards where last is before first.
  std::vector<std::shared_ptr<arrow::RecordBatch>> Slice(int64_t first, int64_t last) const;
};

}  // namespace weir::sql
