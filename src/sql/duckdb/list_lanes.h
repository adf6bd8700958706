#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/duckdb/kernel.h"

namespace weir::sql::duck {

/// A kernel's result that is an array of texts, or a set of them.
struct TextList {
  std::vector<std::optional<std::string>> texts;
};
/// A set of arrays of texts.
struct TextLists {
  std::vector<TextList> lists;
};

inline duckdb::Value ValueOf(const TextList& list) {
  duckdb::vector<duckdb::Value> values;
  for (const auto& text : list.texts) {
    values.push_back(text ? duckdb::Value(*text) : duckdb::Value(duckdb::LogicalType::VARCHAR));
  }
  return duckdb::Value::LIST(duckdb::LogicalType::VARCHAR, std::move(values));
}

template <>
struct Lane<TextList> {
  using Stored = duckdb::list_entry_t;
  static Stored Write(const TextList& list, duckdb::Vector& vector) {
    const Stored entry{duckdb::ListVector::GetListSize(vector), list.texts.size()};
    for (const auto& text : list.texts) {
      duckdb::ListVector::PushBack(vector, text ? duckdb::Value(*text) : duckdb::Value(duckdb::LogicalType::VARCHAR));
    }
    return entry;
  }
};

template <>
struct Lane<TextLists> {
  using Stored = duckdb::list_entry_t;
  static Stored Write(const TextLists& lists, duckdb::Vector& vector) {
    const Stored entry{duckdb::ListVector::GetListSize(vector), lists.lists.size()};
    for (const TextList& list : lists.lists) duckdb::ListVector::PushBack(vector, ValueOf(list));
    return entry;
  }
};

}  // namespace weir::sql::duck
