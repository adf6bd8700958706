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
    const duckdb::idx_t begin = duckdb::ListVector::GetListSize(vector);
    const duckdb::idx_t end = begin + list.texts.size();
    duckdb::ListVector::Reserve(vector, end);
    duckdb::Vector& texts = duckdb::ListVector::GetEntry(vector);
    auto* data = duckdb::FlatVector::GetData<duckdb::string_t>(texts);
    constexpr duckdb::idx_t kAtOnce = 1 << 16;
    for (duckdb::idx_t i = begin; i < end; ++i) {
      if (i % kAtOnce == 0) StopIfCancelled();
      const auto& text = list.texts[i - begin];
      if (text) data[i] = duckdb::StringVector::AddString(texts, *text);
      if (!text) duckdb::FlatVector::SetNull(texts, i, true);
    }
    duckdb::ListVector::SetListSize(vector, end);
    return {begin, list.texts.size()};
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
