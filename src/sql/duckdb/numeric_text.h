#pragma once

#include <cstring>
#include <optional>

#include "postgres/value/plain_numeric.h"
#include "sql/duckdb/kernel.h"

namespace weir::sql::duck {

/// A numeric as a table's column holds it; written it takes the big form.
struct NumericText {
  const duckdb::string_t* stored = nullptr;

  std::string_view text() const { return {stored->GetData(), stored->GetSize()}; }
  /// Nothing for those that postgres::ReadNumeric is for.
  std::optional<postgres::PlainNumeric> AsPlain() const {
    if (!stored->IsInlined()) return postgres::ReadPlainNumeric(text());
    const size_t count = stored->GetSize();
    uint64_t first = 0;
    uint32_t last = 0;
    std::memcpy(&first, stored->GetPrefix(), sizeof first);
    std::memcpy(&last, stored->GetPrefix() + sizeof first, sizeof last);
    const postgres::Characters characters = first | postgres::Characters{last} << 64;
    return postgres::ReadPlainNumeric(characters & ((postgres::Characters{1} << (8 * count)) - 1), count);
  }
  postgres::Numeric AsAny() const { return ValueOrThrow(postgres::ReadNumeric(text())); }
};

template <>
struct Lane<NumericText> {
  using Stored = duckdb::string_t;
  static NumericText Read(const Stored& stored) { return {&stored}; }
  static Stored Write(const NumericText& value, duckdb::Vector& vector) {
    const auto plain = value.AsPlain();
    if (!plain) return Lane<postgres::Numeric>::Write(value.AsAny(), vector);
    char key[postgres::kLongestPlainKey];
    return BytesIn(vector, {key, postgres::WritePlainKey(*plain, key)});
  }
};

}  // namespace weir::sql::duck
