#include <algorithm>
#include <array>

#include "postgres/catalog_name.h"
#include "postgres/identifier.h"
#include "postgres/oid.h"
#include "postgres/value/text.h"
#include "sql/engine/errors.h"
#include "sql/system/catalog_names.h"
#include "sql/system/system_oids.h"
#include "sql/system/system_scalars.h"

namespace weir::sql {
namespace {

using duckdb::LogicalType;
using duckdb::Value;
using Arguments = ScalarSpec::Arguments;

// --- pg_describe_object: what messages call an object of the catalog

const char* WordFor(const Relation& relation, bool is_index) {
  if (is_index || relation.is_index()) return "index";
  if (relation.is_materialized()) return "materialized view";
  if (relation.is_view()) return "view";
  if (relation.is_sequence()) return "sequence";
  return relation.is_foreign() ? "foreign table" : "table";
}

/// Nothing for what is no relation's, or a column that it does not have.
std::string DescribedRelation(const SystemSources& sources, int64_t oid, int32_t column) {
  const RelationPtr relation = RelationOfOid(sources, oid);
  if (!relation) return {};
  const std::string name = CatalogNameText(sources, postgres::oid::kRegclass, oid);
  const std::string whole = WordFor(*relation, relation->id != oid) + (" " + name);
  if (column == 0) return whole;
  const int at = relation->ColumnNumbered(column);
  return at < 0 ? "" : "column " + relation->columns[static_cast<size_t>(at)].name + " of " + whole;
}

/// "type mood", "function f(integer)": nothing where the number is nothing's.
std::string Described(const SystemSources& sources, const char* word, postgres::Oid names, int64_t oid) {
  const std::string name = CatalogNameText(sources, names, oid);
  return name == std::to_string(oid) || name == "-" ? "" : std::string(word) + " " + name;
}

Value DescribeObject(const SystemSources& sources, const Arguments& arguments) {
  const auto oid = arguments[1].GetValue<int64_t>();
  const auto part = arguments[2].GetValue<int32_t>();
  std::string text;
  switch (arguments[0].GetValue<int64_t>()) {
    case kClassesOid: text = DescribedRelation(sources, oid, part); break;
    case kTypesOid: text = Described(sources, "type", postgres::oid::kRegtype, oid); break;
    case kFunctionsOid: text = Described(sources, "function", postgres::oid::kRegprocedure, oid); break;
    case kSchemasOid: text = Described(sources, "schema", postgres::oid::kRegnamespace, oid); break;
    case kRolesOid: text = Described(sources, "role", postgres::oid::kRegrole, oid); break;
    case 0: break;
    default: Throw(Error("0A000", "pg_describe_object of such an object is not supported"));
  }
  return text.empty() ? Value(LogicalType::VARCHAR) : Value(text);
}

// --- what indexes can do

/// Whether it is one of the words that are so; NULL for a word that says nothing of such a thing.
Value IsOneOf(const std::string& word, std::initializer_list<std::string_view> yes,
              std::initializer_list<std::string_view> no) {
  if (std::ranges::find(yes, word) != yes.end()) return Value::BOOLEAN(true);
  return std::ranges::find(no, word) != no.end() ? Value::BOOLEAN(false) : Value(LogicalType::BOOLEAN);
}

/// An index, or the table whose primary key it is; null for any other OID.
RelationPtr IndexOfOid(const SystemSources& sources, int64_t oid) {
  RelationPtr relation = RelationOfOid(sources, oid);
  return relation && (relation->is_index() || relation->id != oid) ? relation : nullptr;
}

Value IndexColumnHas(const SystemSources& sources, const Arguments& arguments) {
  const RelationPtr index = IndexOfOid(sources, arguments[0].GetValue<int64_t>());
  const auto column = arguments[1].GetValue<int32_t>();
  if (!index || column < 1) return Value(LogicalType::BOOLEAN);
  const bool own = index->is_index();
  const size_t keys = own ? index->index->columns.size() : index->PrimaryKey().size();
  const size_t all = keys + (own ? index->index->included.size() : 0);
  const auto place = static_cast<size_t>(column) - 1;
  if (place >= all) return Value(LogicalType::BOOLEAN);
  const std::string word = postgres::Lowered(duckdb::StringValue::Get(arguments[2]));
  if (place >= keys) return IsOneOf(word, {"returnable"}, {"orderable", "distance_orderable"});
  const bool ordered = own && place < index->index->orders.size();
  const SqlIndex::Order order = ordered ? index->index->orders[place] : SqlIndex::Order();
  if (word == "asc" || word == "desc") return Value::BOOLEAN(order.descending == (word == "desc"));
  if (word == "nulls_first" || word == "nulls_last") {
    return Value::BOOLEAN(order.nulls_first == (word == "nulls_first"));
  }
  return IsOneOf(word, {"orderable", "returnable", "search_array", "search_nulls"}, {"distance_orderable"});
}

Value IndexHas(const SystemSources& sources, const Arguments& arguments) {
  if (!IndexOfOid(sources, arguments[0].GetValue<int64_t>())) return Value(LogicalType::BOOLEAN);
  const std::string word = postgres::Lowered(duckdb::StringValue::Get(arguments[1]));
  return IsOneOf(word, {"clusterable", "index_scan", "bitmap_scan", "backward_scan"}, {});
}

Value MethodHas(const SystemSources&, const Arguments& arguments) {
  if (arguments[0].GetValue<int64_t>() != kBtree) return Value(LogicalType::BOOLEAN);
  const std::string word = postgres::Lowered(duckdb::StringValue::Get(arguments[1]));
  return IsOneOf(word, {"can_order", "can_unique", "can_multi_col", "can_exclude", "can_include"}, {});
}

// --- encodings

/// How many bytes a character takes at most; NULL for what is no encoding's number.
Value LongestCharacter(const SystemSources&, const Arguments& arguments) {
  constexpr std::array<uint8_t, 42> kBytes = {1, 3, 3, 3, 4, 3, 4, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                              1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 3, 2};
  const auto encoding = arguments[0].GetValue<int64_t>();
  if (encoding < 0 || encoding >= static_cast<int64_t>(kBytes.size())) return Value(LogicalType::INTEGER);
  return Value::INTEGER(kBytes[static_cast<size_t>(encoding)]);
}

}  // namespace

std::vector<ScalarSpec> ObjectScalars() {
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType number = LogicalType::BIGINT;
  const LogicalType flag = LogicalType::BOOLEAN;
  return {
      {"pg_describe_object", {number, number, number}, text, DescribeObject},
      {"pg_encoding_max_length", {number}, LogicalType::INTEGER, LongestCharacter},
      {"pg_index_column_has_property", {number, number, text}, flag, IndexColumnHas},
      {"pg_index_has_property", {number, text}, flag, IndexHas},
      {"pg_indexam_has_property", {number, text}, flag, MethodHas},
  };
}

}  // namespace weir::sql
