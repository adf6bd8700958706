#include "postgres/compute/json_text.h"
#include "postgres/made_type.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/physical.h"

namespace weir::sql::duck {

namespace {

/// The fields of an object: what json_each gives.
struct JsonPairs {
  std::vector<std::pair<std::string, std::optional<std::string>>> fields;
};

duckdb::LogicalType PairType(postgres::Oid value) {
  return duckdb::LogicalType::STRUCT({{FieldName(0, {postgres::oid::kText}, "key"), duckdb::LogicalType::VARCHAR},
                                      {FieldName(1, {value}, "value"), duckdb::LogicalType::VARCHAR}});
}

}  // namespace

template <>
struct Lane<JsonPairs> {
  using Stored = duckdb::list_entry_t;
  static Stored Write(const JsonPairs& pairs, duckdb::Vector& vector) {
    const Stored entry{duckdb::ListVector::GetListSize(vector), pairs.fields.size()};
    const auto& type = duckdb::ListType::GetChildType(vector.GetType());
    for (const auto& [key, value] : pairs.fields) {
      duckdb::vector<duckdb::Value> values = {
          duckdb::Value(key), value ? duckdb::Value(*value) : duckdb::Value(duckdb::LogicalType::VARCHAR)};
      duckdb::ListVector::PushBack(vector, duckdb::Value::STRUCT(type, std::move(values)));
    }
    return entry;
  }
};

namespace {

namespace pg = ::weir::postgres;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using pg::Oid;
using View = std::string_view;

/// kText: strings without quotes, null as NULL.
template <bool kBinary, bool kText>
Result<JsonPairs> Each(View json) {
  if (!kBinary) WEIR_RETURN_NOT_OK(pg::CheckEscapes(json));
  const auto fields = pg::JsonFields(json);
  if (!fields && kBinary) {
    return Error("22023",
                 std::string("cannot call ") + (kText ? "jsonb_each_text" : "jsonb_each") + " on a non-object");
  }
  if (!fields) {
    const bool array = pg::JsonTypeOf(json) == "array";
    return Error("22023", array ? "cannot deconstruct an array as an object" : "cannot deconstruct a scalar");
  }
  JsonPairs pairs;
  for (const auto& [key, value] : *fields) {
    std::optional<std::string> text = std::string(value);
    if (kText) {
      WEIR_ASSIGN_OR_RETURN(text, pg::JsonPartText(value));
    }
    pairs.fields.emplace_back(key, std::move(text));
  }
  return pairs;
}

/// Reads JSON into rows of known fields.
class RowReader {
 public:
  RowReader(const LogicalType& row, const pg::Settings& settings) : row_(row), settings_(settings) {}

  /// `base`: what a field has that the object does not tell.
  Result<duckdb::Value> Row(View json, const duckdb::Value& base) const {
    const auto fields = pg::JsonFields(json);
    if (!fields) {
      const bool array = pg::JsonTypeOf(json) == "array";
      return Error("22023", std::string("cannot call populate_composite on a") + (array ? "n array" : " scalar"));
    }
    duckdb::vector<duckdb::Value> values;
    for (duckdb::idx_t i = 0; i < duckdb::StructType::GetChildCount(row_); ++i) {
      const std::string& name = duckdb::StructType::GetChildName(row_, i);
      const LogicalType& form = duckdb::StructType::GetChildType(row_, i);
      const std::string label = FieldLabel(name);
      std::optional<View> part;
      for (const auto& [key, value] : *fields) {
        if (key == label) part = value;
      }
      duckdb::Value value = base.IsNull() ? duckdb::Value(form) : duckdb::StructValue::GetChildren(base)[i];
      if (part) {
        WEIR_ASSIGN_OR_RETURN(value, Field(*part, FieldType(name).oid, form, label, value));
      }
      values.push_back(std::move(value));
    }
    return duckdb::Value::STRUCT(row_, std::move(values));
  }

 private:
  /// What a domain demands is not looked at here.
  static Status CheckHasNoRules(Oid type, const std::string& label) {
    const pg::MadeType* made = pg::FindMadeType(type);
    if (made == nullptr || made->kind != pg::TypeKind::kDomain || (made->checks.empty() && !made->not_null)) {
      return Status::OK();
    }
    return Error("0A000", "values of domain " + made->name + " from JSON are not supported",
                 {.hint = "Read \"" + label + "\" as a value of the type that the domain is over, and cast it."});
  }

  Result<duckdb::Value> Field(View json, Oid type, const LogicalType& form, const std::string& label,
                              const duckdb::Value& base) const {
    WEIR_RETURN_NOT_OK(CheckHasNoRules(type, label));
    if (json == "null") return duckdb::Value(form);
    if (type == pg::oid::kJson || type == pg::oid::kJsonb) return Read(json, type, form);
    const pg::Type* known = pg::FindType(type);
    const bool array = known != nullptr && known->is_array();
    if (array && pg::JsonTypeOf(json) == "array") return List(json, known->element, form, label);
    if (array && pg::JsonTypeOf(json) != "string") {
      return Error("22P02", "expected JSON array", {.hint = "See the value of key \"" + label + "\"."});
    }
    if (form.id() == LogicalTypeId::STRUCT && pg::JsonTypeOf(json) != "string") {
      return RowReader(form, settings_).Row(json, base);
    }
    WEIR_ASSIGN_OR_RETURN(const auto text, pg::JsonPartText(json));
    return Read(*text, type, form);
  }

  Result<duckdb::Value> Read(View text, Oid type, const LogicalType& form) const {
    WEIR_ASSIGN_OR_RETURN(const auto value, pg::ReadText({type}, text, settings_));
    return ToDuck(value, {type}, form);
  }

  Result<duckdb::Value> List(View json, Oid element, const LogicalType& form, const std::string& label) const {
    const LogicalType& child = duckdb::ListType::GetChildType(form);
    duckdb::vector<duckdb::Value> values;
    const auto parts = pg::JsonElements(json);
    for (View part : *parts) {
      const bool json_element = element == pg::oid::kJson || element == pg::oid::kJsonb;
      if (!json_element && pg::JsonTypeOf(part) == "array") {
        return Error("0A000", "arrays of several dimensions from JSON are not supported");
      }
      WEIR_ASSIGN_OR_RETURN(auto value, Field(part, element, child, label, duckdb::Value(child)));
      values.push_back(std::move(value));
    }
    return duckdb::Value::LIST(child, std::move(values));
  }

  const LogicalType& row_;
  const pg::Settings& settings_;
};

/// Calls body(json, base, function) for the rows that have JSON; without it the row stays as it was.
template <typename Body>
void Rows(duckdb::DataChunk& chunk, duckdb::Vector& result, bool keeps_base, Body&& body) {
  const duckdb::idx_t count = chunk.AllConstant() ? 1 : chunk.size();
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (duckdb::idx_t row = 0; row < count; ++row) {
    const auto json = chunk.data[0].GetValue(row);
    const auto base = chunk.data[1].GetValue(row);
    const auto function = chunk.data[2].GetValue(row);
    if (!json.IsNull()) {
      result.SetValue(row,
                      ValueOrThrow(body(duckdb::StringValue::Get(json), base, duckdb::StringValue::Get(function))));
    } else if (keeps_base) {
      result.SetValue(row, base);
    } else {
      result.SetValue(row, duckdb::Value(result.GetType()));
    }
  }
  if (chunk.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

void RecordOfJson(duckdb::DataChunk& chunk, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const RowReader reader(result.GetType(), SessionValues::Of(state.GetContext()).settings);
  Rows(chunk, result, true, [&](View json, const duckdb::Value& base, View) { return reader.Row(json, base); });
}

Status NoArray(View json, View function) {
  if (function.starts_with("jsonb")) return Error("22023", "cannot call " + std::string(function) + " on a non-array");
  const bool object = pg::JsonTypeOf(json) == "object";
  return Error("22023", "cannot call " + std::string(function) + (object ? " on an object" : " on a scalar"));
}

void RecordsOfJson(duckdb::DataChunk& chunk, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const LogicalType& row = duckdb::ListType::GetChildType(result.GetType());
  const RowReader reader(row, SessionValues::Of(state.GetContext()).settings);
  Rows(chunk, result, false, [&](View json, const duckdb::Value& base, View function) -> Result<duckdb::Value> {
    const auto elements = pg::JsonElements(json);
    if (!elements) return NoArray(json, function);
    duckdb::vector<duckdb::Value> values;
    for (View element : *elements) {
      if (pg::JsonTypeOf(element) != "object") {
        return Error("22023", "argument of " + std::string(function) + " must be an array of objects");
      }
      WEIR_ASSIGN_OR_RETURN(auto value, reader.Row(element, base));
      values.push_back(std::move(value));
    }
    return duckdb::Value::LIST(row, std::move(values));
  });
}

template <bool kSet>
duckdb::unique_ptr<duckdb::FunctionData> BindRow(duckdb::ClientContext&, duckdb::ScalarFunction& function,
                                                 BoundList& arguments) {
  function.arguments[1] = arguments[1]->return_type;
  function.SetReturnType(kSet ? LogicalType::LIST(arguments[1]->return_type) : arguments[1]->return_type);
  return nullptr;
}

}  // namespace

void AddJsonRecords(FunctionList* list) {
  const LogicalType text = LogicalType::VARCHAR;
  const auto set = [](Oid value) { return LogicalType::LIST(PairType(value)); };
  list->Add("pg.json_each(json)", {text}, set(pg::oid::kJson),
            [](View json) -> Result<JsonPairs> { return Each<false, false>(json); });
  list->Add("pg.json_each_text(json)", {text}, set(pg::oid::kText),
            [](View json) -> Result<JsonPairs> { return Each<false, true>(json); });
  list->Add("pg.jsonb_each(jsonb)", {text}, set(pg::oid::kJsonb),
            [](View json) -> Result<JsonPairs> { return Each<true, false>(json); });
  list->Add("pg.jsonb_each_text(jsonb)", {text}, set(pg::oid::kText),
            [](View json) -> Result<JsonPairs> { return Each<true, true>(json); });
  const auto add = [&](const char* name, duckdb::scalar_function_t run, duckdb::bind_scalar_function_t bind) {
    duckdb::ScalarFunction function(name, {text, LogicalType::ANY, text}, LogicalType::ANY, std::move(run), bind);
    function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
    function.SetStability(duckdb::FunctionStability::CONSISTENT_WITHIN_QUERY);
    function.SetFallible();
    list->Add(std::move(function));
  };
  add("pg.record_of_json", RecordOfJson, BindRow<false>);
  add("pg.records_of_json", RecordsOfJson, BindRow<true>);
}

}  // namespace weir::sql::duck
