#include "postgres/compute/sizes.h"
#include "sql/duckdb/function_list.h"

namespace weir::sql::duck {

void AddSizes(FunctionList* list) {
  using postgres::Numeric;
  list->Add("pg_size_pretty(int8)",
            [](int64_t bytes) -> Result<std::string> { return postgres::PrettySize(Numeric(bytes)); });
  list->Add("pg_size_pretty(numeric)",
            [](const Numeric& bytes) -> Result<std::string> { return postgres::PrettySize(bytes); });
  list->Add("pg_size_bytes(text)",
            [](std::string_view text) -> Result<int64_t> { return postgres::BytesOfSize(text); });
  list->Add("pg_encoding_to_char(int4)",
            [](int32_t number) -> std::string_view { return postgres::EncodingName(number); });
  list->Add("pg_char_to_encoding(name)",
            [](std::string_view name) -> int32_t { return postgres::EncodingNumber(name); });
}

}  // namespace weir::sql::duck
