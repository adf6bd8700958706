#include "sql/transaction/shared_row.h"

#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>

#include "client/connection_impl.h"
#include "sql/catalog/fluss_tables.h"
#include "sql/error.h"
#include "sql/transaction/transaction.h"
#include "types/arrow_rows.h"
#include "types/arrow_status.h"

namespace weir::sql {
namespace {

constexpr int kMostAttempts = 1000;

Result<std::shared_ptr<arrow::Array>> CellOf(const DataType& type, const Datum& value) {
  std::shared_ptr<arrow::Array> cell;
  if (type.id() == TypeId::kBoolean) {
    arrow::BooleanBuilder builder;
    WEIR_RETURN_NOT_OK(FromArrow(builder.Append(value.as_bool())));
    WEIR_RETURN_NOT_OK(FromArrow(builder.Finish(&cell)));
  } else {
    arrow::Int64Builder builder;
    WEIR_RETURN_NOT_OK(FromArrow(builder.Append(value.as_int())));
    WEIR_RETURN_NOT_OK(FromArrow(builder.Finish(&cell)));
  }
  return cell;
}

Result<std::shared_ptr<arrow::RecordBatch>> BatchOfRow(const Table::Impl& table, const SharedRows::Row& row) {
  arrow::ArrayVector columns;
  for (size_t i = 0; i < row.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(columns.emplace_back(), CellOf(table.types[i], row[i]));
  }
  return arrow::RecordBatch::Make(table.arrow_schema, 1, std::move(columns));
}

struct FoundRow {
  std::optional<SharedRows::Row> row;
  std::shared_ptr<arrow::BinaryArray> key;
};

Result<FoundRow> Find(Transaction& transaction, const RelationPtr& relation, const Table::Impl& table, int64_t key) {
  LeafScanOptions options;
  for (int i = 0; i < static_cast<int>(table.types.size()); ++i) options.columns.push_back(i);
  options.row_ids = true;
  WEIR_ASSIGN_OR_RETURN(auto cell, CellOf(table.types.front(), Datum::Int(key)));
  options.keys = arrow::RecordBatch::Make(arrow::schema({table.arrow_schema->field(0)}), 1, {std::move(cell)});
  options.key_columns = {0};
  WEIR_ASSIGN_OR_RETURN(const auto readers, transaction.Scan(relation, options));
  for (const auto& reader : readers) {
    WEIR_ASSIGN_OR_RETURN(const auto batch, reader->Next());
    if (!batch) continue;
    WEIR_ASSIGN_OR_RETURN(const ArrowRowReader cells, ArrowRowReader::Make(batch->rows, table.types));
    FoundRow found{SharedRows::Row(), batch->keys};
    Arena arena;
    for (size_t i = 0; i < table.types.size(); ++i) {
      found.row->push_back(cells.ReadCell(0, static_cast<int>(i), &arena));
    }
    return found;
  }
  return FoundRow();
}

/// Whether another transaction has changed the row.
bool IsConflict(const Status& status) {
  const std::string state = FieldsOf(status).sqlstate;
  return state == "40001" || state == "23505";
}

}  // namespace

SharedRows::SharedRows(const SystemTablePtr& table) : table_(table), relation_(FlussRelation(table->info)) {}

Status SharedRows::ApplyOnce(int64_t key, const Change& change, bool* again) const {
  WEIR_ASSIGN_OR_RETURN(const auto manager, TransactionManager::Open(table_->connection.impl()->gateway));
  const auto transaction = manager->Begin();
  const auto told = [again](const Status& status) {
    *again = IsConflict(status);
    return status;
  };
  auto found = Find(*transaction, relation_, *table_, key);
  if (!found.ok()) return told(found.status());
  WEIR_ASSIGN_OR_RETURN(const std::optional<Row> after, change(found->row));
  if (after) {
    WEIR_ASSIGN_OR_RETURN(const auto rows, BatchOfRow(*table_, *after));
    WEIR_RETURN_NOT_OK(told(found->row ? transaction->Upsert(relation_, rows) : transaction->Insert(relation_, rows)));
  } else if (found->row) {
    WEIR_RETURN_NOT_OK(told(transaction->Delete(relation_, *found->key).status()));
  }
  return told(transaction->Commit());
}

Status SharedRows::Apply(int64_t key, const Change& change) const {
  for (int attempt = 1;; ++attempt) {
    bool again = false;
    const Status applied = ApplyOnce(key, change, &again);
    if (!again || attempt == kMostAttempts) return applied;
  }
}

}  // namespace weir::sql
