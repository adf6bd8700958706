#include "gateway/embedded/row_rules.h"

#include <arrow/api.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <set>

#include "format/initial_default.h"
#include "format/kv_batch.h"
#include "format/log_batch.h"
#include "model/sql_tables.h"
#include "postgres/bound_json.h"
#include "postgres/error.h"
#include "postgres/made_type.h"
#include "postgres/shard.h"
#include "postgres/value.h"
#include "postgres/value/ordered_text.h"
#include "storage/changelog.h"
#include "storage/row_schemas.h"
#include "types/arrow_rows.h"

namespace weir {
namespace {

using Json = nlohmann::json;

// --- values as SQL shows them

std::string TextOfValue(postgres::Oid type, const postgres::Value& value) {
  std::string text;
  postgres::WriteText(type, value, postgres::Settings(), &text);
  return text;
}

std::string TextOfKey(const DataType& type, const KeyValue& key) {
  if (IsNull(key)) return "null";
  const postgres::TypedValue typed = postgres::ValueOfKey(type, key);
  return TextOfValue(typed.type, typed.value);
}

// --- a row

/// The value of a part of a partition key.
Result<KeyValue> ValueOf(const RowRules::KeyPart& part, const Schema& schema, RowView row) {
  const auto held = [&](int column) {
    return ToKeyValue(schema.column(column).type, row[static_cast<size_t>(column)]);
  };
  if (part.shards == 0) return postgres::InOrder(part.value_type, held(part.columns.front()));
  std::vector<DataType> types;
  KeyTuple key;
  for (const int column : part.columns) {
    types.push_back(schema.column(column).type);
    key.push_back(held(column));
  }
  return KeyValue(int64_t{postgres::ShardOf(types, key, part.shards)});
}

/// What is wrong with a value that its Fluss type holds; empty: nothing.
std::string Mistake(postgres::TypeRef type, const Datum& value) {
  if (type.oid == postgres::oid::kOid) {
    const bool fits = value.as_int() >= 0 && value.as_int() <= std::numeric_limits<uint32_t>::max();
    return fits ? "" : fmt::format("value \"{}\" is out of range for type oid", value.as_int());
  }
  const std::string_view text = value.as_bytes();
  const auto read = postgres::ReadText(type, text, postgres::Settings());
  if (!read.ok()) return postgres::FieldsOf(read.status()).message;
  if (type.oid == postgres::oid::kBpchar) return "";  // blanks at its end mean nothing
  const std::string canonical = TextOfValue(type.oid, *read);
  if (canonical == text) return "";
  return fmt::format("\"{}\" of type {} is to be written as \"{}\"", text, postgres::FormatType(type), canonical);
}

bool IsWritten(const std::vector<int>& written, int column) {
  return written.empty() || std::ranges::find(written, column) != written.end();
}

// --- the rules of a table

/// Whether the Fluss column holds more than the type.
bool HoldsMore(postgres::TypeRef type, const DataType& stored) {
  if (type.oid == postgres::oid::kOid) return stored.id() == TypeId::kBigInt;
  if (stored.id() != TypeId::kString && stored.id() != TypeId::kChar) return false;
  if (type.oid == postgres::oid::kText) return false;
  const bool of_any_length = type.oid == postgres::oid::kVarchar || type.oid == postgres::oid::kBpchar;
  return !of_any_length || postgres::UnpackLength(type.modifier).has_value();
}

class RowRulesReader {
 public:
  RowRulesReader(CatalogTablePtr table, SqlDefinitions* definitions) : definitions_(definitions) {
    rules_.table = std::move(table);
  }

  Result<RowRulesPtr> Read(SqlDefinition own) {
    rules_.relation = own.path.table;
    WEIR_RETURN_NOT_OK(LearnTypes(own.json));
    const Json constraints = own.json.value("constraints", Json::array());
    for (const Json& constraint : constraints) {
      const auto kind = constraint.at("kind").get<std::string>();
      if (kind != "check" && kind != "foreign key") continue;
      const auto name = constraint.at("name").get<std::string>();
      Refuse(fmt::format("the {} constraint \"{}\" is evaluated by SQL only", kind, name));
    }
    if (own.json.contains("materialized")) Refuse("only REFRESH MATERIALIZED VIEW writes a materialized view");
    std::optional<Json> columns;
    for (SqlDefinition child = std::move(own);;) {
      if (!columns && child.json.contains("columns")) columns = child.json["columns"];
      rules_.is_referenced = rules_.is_referenced || child.json.contains("referenced_by");
      if (!child.parent) break;
      WEIR_ASSIGN_OR_RETURN(auto parent, definitions_->Find(*child.parent));
      if (!parent || parent->id != child.parent_id) {
        Refuse(fmt::format("the definition of \"{}\", which it is a partition of, is missing", child.parent->table));
        break;
      }
      WEIR_RETURN_NOT_OK(LearnTypes(parent->json));
      WEIR_RETURN_NOT_OK(AddLevel(*parent, child));
      child = std::move(*parent);
    }
    for (const Json& column : columns.value_or(Json::array())) AddColumn(column);
    return rules_.empty() ? RowRulesPtr() : std::make_shared<const RowRules>(std::move(rules_));
  }

 private:
  /// The types that SQL has made for a table's columns, before anything is read by them. SQL itself knows them already
  /// where it has been used.
  Status LearnTypes(const Json& definition) {
    for (const Json& column : definition.value("columns", Json::array())) {
      for (const postgres::Oid oid : postgres::TypesNamedIn(column.at("type").get<std::string>())) {
        WEIR_RETURN_NOT_OK(LearnType(oid));
      }
    }
    return Status::OK();
  }

  Status LearnType(postgres::Oid oid) {
    if (oid < postgres::kFirstMadeOid || postgres::FindMadeType(oid) != nullptr) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const auto stored, definitions_->Find({"", kTypeRow + std::to_string(oid)}));
    if (!stored) return Status::OK();  // whoever reads a value of it finds that it is not known
    WEIR_ASSIGN_OR_RETURN(const postgres::MadeTypePtr type, postgres::ReadMadeType(stored->json.dump()));
    WEIR_RETURN_NOT_OK(LearnType(type->base.oid));
    postgres::LearnType(type);
    return LearnType(type->partner);
  }

  void Refuse(std::string reason) {
    if (rules_.unknown.empty()) rules_.unknown = std::move(reason);
  }

  /// −1, and no row can be checked, when there is none.
  int PositionOf(const std::string& name) {
    const int position = rules_.schema().IndexOf(name);
    if (position < 0) Refuse(fmt::format("column \"{}\" is missing", name));
    return position;
  }

  /// Nothing, and no row can be checked, for an expression.
  std::optional<RowRules::KeyPart> KeyPartOf(const SqlDefinition& parent, const Json& part) {
    RowRules::KeyPart read;
    std::vector<std::string> columns;
    if (part.contains("column")) columns.push_back(part["column"].get<std::string>());
    const Json constraints = part.contains("shard") ? parent.json.value("constraints", Json::array()) : Json::array();
    for (const Json& key : constraints) {
      read.shards = std::max(read.shards, key.value("shards", 0));
      if (key.contains("shards")) columns = key["columns"].get<std::vector<std::string>>();
    }
    if (columns.empty()) {
      Refuse(fmt::format("the partition key of \"{}\" is an expression, which is evaluated by SQL only",
                         parent.path.table));
      return std::nullopt;
    }
    for (const std::string& column : columns) {
      read.columns.push_back(PositionOf(column));
      if (read.columns.back() < 0) return std::nullopt;
    }
    read.value_type = part.value("by_value", uint32_t{0});
    return read;
  }

  Status AddLevel(const SqlDefinition& parent, const SqlDefinition& child) {
    const Json& by = parent.json.at("partition_by");
    std::vector<RowRules::KeyPart> key;
    PartitionLevel::Key types{StrategyFromJson(by.at("strategy")), {}};
    for (const Json& part : by.at("parts")) {
      auto read = KeyPartOf(parent, part);
      if (!read) return Status::OK();
      types.types.push_back(read->shards > 0 ? DataType::Int() : rules_.schema().column(read->columns[0]).type);
      key.push_back(std::move(*read));
    }
    std::vector<PartitionBound> bounds(1);
    WEIR_ASSIGN_OR_RETURN(bounds[0], BoundFromJson(child.json.at("bound")));
    if (IsDefault(bounds.front())) {
      WEIR_ASSIGN_OR_RETURN(const auto partitions, definitions_->Partitions(parent.id));
      for (const SqlDefinition& sibling : partitions) {
        if (sibling.id == child.id) continue;
        WEIR_ASSIGN_OR_RETURN(bounds.emplace_back(), BoundFromJson(sibling.json.at("bound")));
      }
    }
    WEIR_ASSIGN_OR_RETURN(PartitionLevel level, PartitionLevel::Make(std::move(types), std::move(bounds)));
    rules_.levels.push_back({std::move(key), std::move(level)});
    return Status::OK();
  }

  void AddColumn(const Json& column) {
    const int position = PositionOf(column.at("name").get<std::string>());
    if (position < 0) return;
    if (column.value("not_null", false)) rules_.not_null.push_back(position);
    if (column.contains("generated")) {
      Refuse(fmt::format("the generated column \"{}\" is computed by SQL only", column.at("name").get<std::string>()));
    }
    const auto spelled = column.at("type").get<std::string>();
    const auto type = postgres::ParseType(spelled);
    const DataType& stored = rules_.schema().column(position).type;
    if (!type.ok()) return Refuse(fmt::format("the values of type {} are not known", spelled));
    if (const postgres::Oid element = postgres::ArrayElement(type->oid); element != 0) {
      const bool is_array = stored.id() == TypeId::kArray;
      if (is_array && !HoldsMore({element, type->modifier}, stored.element_type())) return;
      return Refuse(fmt::format("column \"{}\" is of type {}, whose values are read by SQL only",
                                column.at("name").get<std::string>(), spelled));
    }
    const postgres::MadeType* made = postgres::FindMadeType(type->oid);
    if (made != nullptr && made->kind == postgres::TypeKind::kDomain) {
      return Refuse(fmt::format("column \"{}\" is of a domain, whose constraints are evaluated by SQL only",
                                column.at("name").get<std::string>()));
    }
    if (made != nullptr && made->kind == postgres::TypeKind::kComposite) {
      return Refuse(fmt::format("column \"{}\" is of a composite type, whose values are read by SQL only",
                                column.at("name").get<std::string>()));
    }
    if (HoldsMore(*type, stored)) rules_.typed.push_back({position, *type});
  }

  SqlDefinitions* const definitions_;
  RowRules rules_;
};

// --- the records of a write

/// Holds the log batches of one request to the rules.
class LogRecordsCheck {
 public:
  explicit LogRecordsCheck(const RowRules& rules)
      : rules_(rules), columns_(rules.Columns()), values_(rules.ValueColumns()) {}

  Status Check(const LogBatchHeader& header, const std::shared_ptr<arrow::Buffer>& batch) {
    if (header.record_count == 0) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const RowSchema* const written, SchemaOf(header));
    const std::vector<int> positions = PositionsIn(*written);
    DecodeLogBatchOptions options;
    options.format = PayloadFormatOf(rules_.table->options());
    options.projection.emplace();
    std::vector<DataType> types;
    std::vector<int> decoded_at(columns_.size(), -1);
    for (size_t c = 0; c < columns_.size(); ++c) {
      if (positions[c] < 0) continue;
      decoded_at[c] = static_cast<int>(types.size());
      options.projection->push_back(positions[c]);
      types.push_back(written->types[static_cast<size_t>(positions[c])]);
    }
    WEIR_ASSIGN_OR_RETURN(const DecodedLogBatch decoded, DecodeLogBatch(batch, written->schema, options));
    if (decoded.rows == nullptr) return Status::OK();
    const std::vector<size_t> wanted = ColumnsToRead(positions, *decoded.rows);
    WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(decoded.rows, std::move(types)));
    Arena arena;
    WEIR_ASSIGN_OR_RETURN(std::vector<Datum> row, RowBesides(positions, &arena));
    // Without columns to read all rows are alike.
    const int64_t num_rows = wanted.empty() ? std::min<int64_t>(reader.num_rows(), 1) : reader.num_rows();
    for (int64_t i = 0; i < num_rows; ++i) {
      for (const size_t c : wanted) {
        row[static_cast<size_t>(columns_[c])] = reader.ReadCell(i, decoded_at[c], &arena);
      }
      WEIR_RETURN_NOT_OK(rules_.Check(row, {}, i + 1));
    }
    return Status::OK();
  }

 private:
  Result<const RowSchema*> SchemaOf(const LogBatchHeader& header) {
    if (schemas_ == nullptr) {
      WEIR_ASSIGN_OR_RETURN(schemas_, RowSchemas::Make(rules_.table->context));
    }
    return schemas_->Get(header.schema_id);
  }

  /// Where the columns are in the schema of a batch; −1: there it has none.
  std::vector<int> PositionsIn(const RowSchema& written) const {
    if (written.source.empty()) return columns_;
    std::vector<int> positions;
    for (const int column : columns_) positions.push_back(written.source[static_cast<size_t>(column)]);
    return positions;
  }

  /// The columns of a batch whose values have to be looked at, by their places among all: of those that only must not
  /// be NULL the ones that have a NULL.
  std::vector<size_t> ColumnsToRead(const std::vector<int>& positions, const arrow::RecordBatch& rows) const {
    std::vector<size_t> wanted;
    int decoded = 0;
    for (size_t c = 0; c < columns_.size(); ++c) {
      if (positions[c] < 0) continue;
      const bool has_null = rows.column(decoded++)->null_count() > 0;
      if (has_null || values_.contains(columns_[c])) wanted.push_back(c);
    }
    return wanted;
  }

  /// A row of which nothing is NULL but what a batch of the older schema lacks and nothing is given for.
  Result<std::vector<Datum>> RowBesides(const std::vector<int>& positions, Arena* arena) const {
    WEIR_ASSIGN_OR_RETURN(std::vector<Datum> row, InitialDefaults(rules_.schema(), arena));
    for (size_t c = 0; c < columns_.size(); ++c) {
      if (positions[c] >= 0) row[static_cast<size_t>(columns_[c])] = Datum::Bool(true);
    }
    return row;
  }

  const RowRules& rules_;
  const std::vector<int> columns_;  // that the rules are about
  const std::set<int> values_;      // those of which more is asked than not to be NULL
  std::unique_ptr<RowSchemas> schemas_;  // made when the first record comes
};

Status Unchecked(const RowRules& rules) {
  return {ErrorCode::kAuthorization, fmt::format("rows for table '{}' cannot be checked: {}; write them through SQL",
                                                 rules.table->info.path.ToString(), rules.unknown)};
}

Status IsReferenced(const RowRules& rules) {
  return {ErrorCode::kAuthorization, fmt::format("foreign keys refer to rows of table '{}': delete them through SQL",
                                                 rules.table->info.path.ToString())};
}

/// What a partial update leaves out is NULL in a new row, and where the row belongs cannot be told from it.
Status CheckTargetColumns(const RowRules& rules, const std::vector<int>& target_columns) {
  for (const RowRules::Level& level : rules.levels) {
    for (const int column : level.Columns()) {
      if (IsWritten(target_columns, column)) continue;
      return {ErrorCode::kInvalidTargetColumn,
              fmt::format("a partial update of table '{}' leaves out column '{}', which its partition key has",
                          rules.table->info.path.ToString(), rules.schema().column(column).name)};
    }
  }
  return Status::OK();
}

}  // namespace

std::set<int> RowRules::Level::Columns() const {
  std::set<int> columns;
  for (const KeyPart& part : key) columns.insert(part.columns.begin(), part.columns.end());
  return columns;
}

bool RowRules::TakeKeysAlone() const {
  const std::vector<std::string>& key = schema().primary_key();
  const auto in_key = [&](int column) { return std::ranges::find(key, schema().column(column).name) != key.end(); };
  return typed.empty() && levels.empty() && unknown.empty() && std::ranges::all_of(not_null, in_key);
}

std::vector<int> RowRules::Columns() const {
  std::set<int> columns = ValueColumns();
  columns.insert(not_null.begin(), not_null.end());
  return {columns.begin(), columns.end()};
}

std::set<int> RowRules::ValueColumns() const {
  std::set<int> columns;
  for (const TypedColumn& one : typed) columns.insert(one.column);
  for (const Level& level : levels) columns.merge(level.Columns());
  return columns;
}

Status RowRules::Check(RowView row, const std::vector<int>& written, int64_t number) const {
  const auto datum = [&](int column) -> const Datum& { return row[static_cast<size_t>(column)]; };
  const auto name = [&](int column) { return schema().column(column).name; };
  for (const int column : not_null) {
    if (!datum(column).is_null() || !IsWritten(written, column)) continue;
    return {ErrorCode::kAuthorization,
            fmt::format("null value in column \"{}\" of relation \"{}\" violates not-null constraint: row {} of the "
                        "batch",
                        name(column), relation, number)};
  }
  for (const TypedColumn& one : typed) {
    if (datum(one.column).is_null() || !IsWritten(written, one.column)) continue;
    const std::string mistake = Mistake(one.type, datum(one.column));
    if (mistake.empty()) continue;
    return {ErrorCode::kAuthorization, fmt::format("column \"{}\" of relation \"{}\": {}: row {} of the batch",
                                                   name(one.column), relation, mistake, number)};
  }
  for (const Level& level : levels) {
    KeyTuple key;
    for (const KeyPart& part : level.key) {
      WEIR_ASSIGN_OR_RETURN(key.emplace_back(), ValueOf(part, schema(), row));
    }
    if (level.partitions.Route(key) == 0u) continue;
    std::vector<std::string> names, values;
    for (const KeyPart& part : level.key) {
      for (const int column : part.columns) {
        const DataType& type = schema().column(column).type;
        names.push_back(name(column));
        values.push_back(TextOfKey(type, ToKeyValue(type, datum(column))));
      }
    }
    return {ErrorCode::kAuthorization,
            fmt::format("new row for relation \"{}\" violates partition constraint: row {} of the batch has ({}) = "
                        "({})",
                        relation, number, fmt::join(names, ", "), fmt::join(values, ", "))};
  }
  return Status::OK();
}

Result<RowRulesPtr> FindRowRules(CatalogTablePtr table, SqlDefinitions* definitions) {
  WEIR_ASSIGN_OR_RETURN(auto own, definitions->Find(table->info.path));
  if (!own) return RowRulesPtr();
  try {
    if (own->table_id() != table->info.table_id) return RowRulesPtr();
    return RowRulesReader(std::move(table), definitions).Read(std::move(*own));
  } catch (const Json::exception& error) {
    return Status(ErrorCode::kCorruptMessage, fmt::format("SQL's definition of '{}' is damaged: {}",
                                                          own->path.ToString(), error.what()));
  }
}

Status CheckLogRecords(const RowRules& rules, const std::shared_ptr<arrow::Buffer>& batches) {
  if (!rules.unknown.empty()) return Unchecked(rules);
  LogRecordsCheck check(rules);
  for (int64_t at = 0; at < batches->size();) {
    const auto rest = arrow::SliceBuffer(batches, at);
    WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header, ParseLogBatchHeader(std::string_view(*rest)));
    WEIR_RETURN_NOT_OK(check.Check(header, rest));
    at += header.total_size();
  }
  return Status::OK();
}

Status CheckKvRecords(const RowRules& rules, std::string_view batch, const std::vector<int>& target_columns) {
  if (!target_columns.empty()) WEIR_RETURN_NOT_OK(CheckTargetColumns(rules, target_columns));
  WEIR_ASSIGN_OR_RETURN(const KvBatchView view, ParseKvBatch(batch));
  WEIR_ASSIGN_OR_RETURN(const auto schemas, RowSchemas::Make(rules.table->context));
  std::vector<Datum> row(schemas->latest().types.size());
  Arena arena;
  int64_t number = 0;
  for (const KvRecordView& record : view.records) {
    ++number;
    if (!record.row && rules.is_referenced) return IsReferenced(rules);
    if (!record.row) continue;  // a deletion leaves nothing else to be checked
    if (!rules.unknown.empty()) return Unchecked(rules);
    WEIR_RETURN_NOT_OK(schemas->Decode(view.schema_id, *record.row, &arena, row));
    WEIR_RETURN_NOT_OK(rules.Check(row, target_columns, number));
  }
  return Status::OK();
}

}  // namespace weir
