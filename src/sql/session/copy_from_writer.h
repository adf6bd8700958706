#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "postgres/copy/reader.h"
#include "sql/engine/copy_column.h"
#include "sql/engine/modify.h"
#include "sql/engine/rejected_rows.h"

namespace weir::sql {

/// COPY … FROM, held against the table.
struct CopyFrom {
  std::shared_ptr<const AttachedTable> table;
  std::vector<int> columns;  // of the table, in the order of the fields
  postgres::CopyOptions options;
  std::string where;  // an expression over the table's columns; empty: all rows
  postgres::Settings settings;
  RejectLimit reject = {};
  RejectionLog* rejections = nullptr;
  std::function<void(const std::string&)> notice = {};  // tells the client
  /// The OID that a name of a type of the catalog's (regclass, …) means.
  std::function<Result<int64_t>(postgres::Oid type, std::string_view name)> read_name = {};
};

/// Makes rows of COPY's data and brings them to their leaves as INSERT does, a vector's length at a time; what it has
/// taken is pending until Apply. Errors say where in the data they are. To be used in DuckDB's transactions, each call
/// in any; throws.
class CopyFromWriter {
 public:
  CopyFromWriter(duckdb::ClientContext& context, CopyFrom copy);

  void Add(std::string_view data);
  /// After the last piece.
  void Finish();
  /// Gives the rows to the transaction; once more where it has taken them back.
  void Apply();

  int64_t rows() const { return state_.rows; }
  size_t columns() const { return copy_.columns.size(); }
  bool binary() const { return copy_.options.format == postgres::CopyOptions::Format::kBinary; }
  /// An error outside of any row, with how far the reading is.
  Status Placed(const Status& failure) const;

 private:
  /// Where a row of the data stands.
  struct Line {
    int64_t number = 0;
    std::string text;  // its beginning; of text and CSV
  };
  /// A column without fields.
  struct Default {
    int column = -1;
    duckdb::unique_ptr<duckdb::Expression> expression;  // null: NULL
    std::unique_ptr<duckdb::ExpressionExecutor> executor;
  };

  void BindDefaults();
  void BindWhere();
  void TakeRows();
  Status ReadRow(duckdb::idx_t row);
  Status Reject(const Status& failure);
  void Flush();
  void Insert(duckdb::DataChunk& fields, const Line* lines);
  void KeepKeyedLines(const RoutedRows& group, const duckdb::SelectionVector& kept, const Line* lines);
  [[noreturn]] void FailAtFirstLine(const Status& failure);
  Status FailureOfReader(const Status& failure) const;
  std::string Place(int64_t line) const;
  std::string Place(const Line& line) const;

  duckdb::ClientContext& context_;
  const CopyFrom copy_;
  std::vector<std::string> names_;  // of the columns with fields
  postgres::CopyReader reader_;
  RowRejection rejection_;
  std::vector<std::unique_ptr<CopyColumn>> readers_;  // of those columns
  std::vector<Default> defaults_;
  duckdb::unique_ptr<duckdb::Expression> where_;
  std::unique_ptr<duckdb::ExpressionExecutor> where_executor_;
  ModifyState state_;

  duckdb::DataChunk fields_;  // the table's columns; those without fields are empty
  std::vector<Line> lines_;   // of its rows
  /// Of rows that went to leaves with a primary key, in their order: only at the end is a key found to be there
  /// already.
  std::map<int64_t, std::vector<int64_t>> keyed_lines_;
};

}  // namespace weir::sql
