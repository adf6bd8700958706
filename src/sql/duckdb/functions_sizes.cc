#include "postgres/compute/datum_size.h"
#include "postgres/compute/sizes.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/typed_function.h"

namespace weir::sql::duck {
namespace {

template <bool stored>
Result<postgres::Value> SizeOfValue(const TypedArguments& a) {
  WEIR_ASSIGN_OR_RETURN(const int64_t size, postgres::DatumSize(a.type(0), a.value(0), stored));
  return postgres::Value(static_cast<int32_t>(size));
}

}  // namespace

void AddSizes(FunctionList* list) {
  using postgres::Numeric;
  list->Add("pg_size_pretty(int8)",
            [](int64_t bytes) -> Result<std::string> { return postgres::PrettySize(Numeric(bytes)); });
  list->Add("pg_size_pretty(numeric)",
            [](const Numeric& bytes) -> Result<std::string> { return postgres::PrettySize(bytes); });
  list->Add("pg_size_bytes(text)",
            [](std::string_view text) -> Result<int64_t> { return postgres::BytesOfSize(text); });
  AddTypedHelper(list, "pg.datum_size", SizeOfValue<false>);
  AddTypedHelper(list, "pg.stored_size", SizeOfValue<true>);
  list->Add("pg_encoding_to_char(int4)",
            [](int32_t number) -> std::string_view { return postgres::EncodingName(number); });
  list->Add("pg_char_to_encoding(name)",
            [](std::string_view name) -> int32_t { return postgres::EncodingNumber(name); });
}

}  // namespace weir::sql::duck
