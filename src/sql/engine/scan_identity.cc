#include "sql/engine/scan_identity.h"

#include "duckdb/common/serializer/serializer.hpp"
#include "sql/engine/scan.h"

namespace weir::sql {
namespace {

using BindData = duckdb::optional_ptr<duckdb::FunctionData>;

void WriteCondition(duckdb::Serializer& out, const Condition& condition) {
  out.WriteProperty(100, "kind", static_cast<uint8_t>(condition.kind));
  out.WriteProperty(101, "op", static_cast<uint8_t>(condition.op));
  out.WriteProperty(102, "column", static_cast<int32_t>(condition.column));
  out.WriteProperty(103, "type", condition.value_type);
  out.WriteProperty(104, "of_expression", condition.expression != nullptr);
  if (condition.expression) {
    out.WriteObject(105, "expression", [&](duckdb::Serializer& object) { condition.expression->Serialize(object); });
  }
  out.WriteList(106, "values", condition.values.size(), [&](duckdb::Serializer::List& list, duckdb::idx_t i) {
    list.WriteElement(condition.values[i]);
  });
  out.WriteList(107, "children", condition.children.size(), [&](duckdb::Serializer::List& list, duckdb::idx_t i) {
    list.WriteObject([&](duckdb::Serializer& object) { WriteCondition(object, condition.children[i]); });
  });
}

void WriteScan(duckdb::Serializer& out, BindData bind, const duckdb::TableFunction&) {
  const auto& data = bind->Cast<ScanData>();
  // Of one plan: the same table is there only once.
  out.WriteProperty(100, "table", static_cast<uint64_t>(reinterpret_cast<uintptr_t>(&data.table)));
  out.WriteProperty(101, "last_first", static_cast<int32_t>(data.last_first));
  out.WriteProperty(102, "extremes_only", data.extremes_only);
  // What is left out for a condition stands in the scan, the condition itself may stand above it.
  out.WriteObject(103, "condition", [&](duckdb::Serializer& object) { WriteCondition(object, data.condition); });
}

void WriteNothing(duckdb::Serializer&, BindData, const duckdb::TableFunction&) {
  throw duckdb::NotImplementedException("a scan of Weir's cannot be written down");
}

duckdb::unique_ptr<duckdb::FunctionData> ReadNothing(duckdb::Deserializer&, duckdb::TableFunction&) {
  throw duckdb::NotImplementedException("a scan of Weir's cannot be read");
}

}  // namespace

void TellScansApart(duckdb::TableFunction* scan) {
  scan->SetSerializeCallback(WriteScan);
  scan->SetDeserializeCallback(ReadNothing);
}

void TakeScansForDifferent(duckdb::TableFunction* scan) {
  scan->SetSerializeCallback(WriteNothing);
  scan->SetDeserializeCallback(ReadNothing);
}

}  // namespace weir::sql
