#include <numeric>

#include "sql/duckdb/array_limit.h"
#include "sql/duckdb/function_list.h"

namespace weir::sql::duck {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::UnifiedVectorFormat;
using duckdb::Vector;

/// The list entries of a vector, row by row.
class Lists {
 public:
  Lists(Vector& vector, idx_t count) : vector_(vector) {
    vector.ToUnifiedFormat(count, format_);
    entries_ = UnifiedVectorFormat::GetData<duckdb::list_entry_t>(format_);
  }
  /// Null for NULL.
  const duckdb::list_entry_t* At(idx_t row) const {
    const idx_t at = format_.sel->get_index(row);
    return format_.validity.RowIsValid(at) ? &entries_[at] : nullptr;
  }
  Vector& child() const { return duckdb::ListVector::GetEntry(vector_); }
  idx_t child_size() const { return duckdb::ListVector::GetListSize(vector_); }

 private:
  Vector& vector_;
  UnifiedVectorFormat format_;
  const duckdb::list_entry_t* entries_ = nullptr;
};

/// Integers of an argument, row by row.
class Integers {
 public:
  Integers(Vector& vector, idx_t count) { vector.ToUnifiedFormat(count, format_); }
  std::optional<int64_t> At(idx_t row) const {
    const idx_t at = format_.sel->get_index(row);
    if (!format_.validity.RowIsValid(at)) return std::nullopt;
    return UnifiedVectorFormat::GetData<int64_t>(format_)[at];
  }

 private:
  UnifiedVectorFormat format_;
};

void ConstantIfAll(duckdb::DataChunk& chunk, Vector& result) {
  if (chunk.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

/// array[place]: NULL outside of it.
void Element(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const Integers places(chunk.data[1], chunk.size());
  duckdb::SelectionVector selected(chunk.size());
  std::vector<bool> found(chunk.size());
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const auto* list = lists.At(row);
    const auto place = places.At(row);
    found[row] = list != nullptr && place && *place >= 1 && *place <= static_cast<int64_t>(list->length);
    selected.set_index(row, found[row] ? list->offset + static_cast<idx_t>(*place) - 1 : 0);
  }
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (!found[row]) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else {
      duckdb::VectorOperations::Copy(lists.child(), result, selected, row + 1, row, row);
    }
  }
  ConstantIfAll(chunk, result);
}

/// array[lower:upper]: empty where they leave nothing.
void Slice(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const Integers lowers(chunk.data[1], chunk.size());
  const Integers uppers(chunk.data[2], chunk.size());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* entries = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  duckdb::ListVector::GetEntry(result).Reference(lists.child());
  duckdb::ListVector::SetListSize(result, lists.child_size());
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const auto* list = lists.At(row);
    const auto lower = lowers.At(row);
    const auto upper = uppers.At(row);
    if (list == nullptr || !lower || !upper) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    const int64_t first = std::max<int64_t>(*lower, 1);
    const int64_t last = std::min<int64_t>(*upper, static_cast<int64_t>(list->length));
    entries[row] = {list->offset + static_cast<idx_t>(first - 1),
                    last < first ? 0 : static_cast<idx_t>(last - first + 1)};
  }
  ConstantIfAll(chunk, result);
}

/// true if one is, else unknown if one is, else false; with kAll the other way round.
template <bool kAll>
void Quantified(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  UnifiedVectorFormat tests;
  lists.child().ToUnifiedFormat(lists.child_size(), tests);
  const auto* values = UnifiedVectorFormat::GetData<bool>(tests);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* data = duckdb::FlatVector::GetData<bool>(result);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const auto* list = lists.At(row);
    bool decided = false;
    bool unknown = list == nullptr;
    for (idx_t i = 0; list != nullptr && !decided && i < list->length; ++i) {
      const idx_t at = tests.sel->get_index(list->offset + i);
      if (!tests.validity.RowIsValid(at)) {
        unknown = true;
      } else {
        decided = values[at] != kAll;
      }
    }
    data[row] = decided != kAll;
    if (!decided && unknown) duckdb::FlatVector::SetNull(result, row, true);
  }
  ConstantIfAll(chunk, result);
}

/// The places, from 1, of the true ones among booleans.
void TruePlaces(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  UnifiedVectorFormat tests;
  lists.child().ToUnifiedFormat(lists.child_size(), tests);
  const auto* values = UnifiedVectorFormat::GetData<bool>(tests);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* entries = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const auto* list = lists.At(row);
    if (list == nullptr) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    const idx_t begin = duckdb::ListVector::GetListSize(result);
    for (idx_t i = 0; i < list->length; ++i) {
      const idx_t at = tests.sel->get_index(list->offset + i);
      if (values[at]) duckdb::ListVector::PushBack(result, duckdb::Value::INTEGER(static_cast<int32_t>(i) + 1));
    }
    entries[row] = {begin, duckdb::ListVector::GetListSize(result) - begin};
  }
  ConstantIfAll(chunk, result);
}

/// The first of ascending places that is not before another; NULL without any.
void FirstFrom(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const Integers from(chunk.data[1], chunk.size());
  UnifiedVectorFormat places;
  lists.child().ToUnifiedFormat(lists.child_size(), places);
  const auto* values = UnifiedVectorFormat::GetData<int32_t>(places);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* data = duckdb::FlatVector::GetData<int32_t>(result);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const auto* list = lists.At(row);
    const auto begin = from.At(row);
    if (list != nullptr && !begin) Throw(Error("22004", "initial position must not be null"));
    bool found = false;
    for (idx_t i = 0; list != nullptr && !found && i < list->length; ++i) {
      const int32_t place = values[places.sel->get_index(list->offset + i)];
      found = place >= *begin;
      data[row] = place;
    }
    if (!found) duckdb::FlatVector::SetNull(result, row, true);
  }
  ConstantIfAll(chunk, result);
}

/// Texts between delimiters.
void Joined(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  UnifiedVectorFormat texts;
  UnifiedVectorFormat delimiters;
  UnifiedVectorFormat nulls;
  lists.child().ToUnifiedFormat(lists.child_size(), texts);
  chunk.data[1].ToUnifiedFormat(chunk.size(), delimiters);
  chunk.data[2].ToUnifiedFormat(chunk.size(), nulls);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  const auto text_at = [](const UnifiedVectorFormat& format, idx_t row) -> std::optional<std::string_view> {
    const idx_t at = format.sel->get_index(row);
    if (!format.validity.RowIsValid(at)) return std::nullopt;
    const auto& text = UnifiedVectorFormat::GetData<duckdb::string_t>(format)[at];
    return std::string_view(text.GetData(), text.GetSize());
  };
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const auto* list = lists.At(row);
    const auto delimiter = text_at(delimiters, row);
    if (list == nullptr || !delimiter) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    std::string joined;
    bool first = true;
    for (idx_t i = 0; i < list->length; ++i) {
      auto text = text_at(texts, list->offset + i);
      if (!text) text = text_at(nulls, row);
      if (!text) continue;
      if (!first) joined += *delimiter;
      joined += *text;
      first = false;
    }
    duckdb::FlatVector::GetData<duckdb::string_t>(result)[row] = Lane<std::string>::Write(joined, result);
  }
  ConstantIfAll(chunk, result);
}

/// distinct(sorted values, their keys): the first of those that have the same key.
void FirstOfKeys(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists values(chunk.data[0], chunk.size());
  const Lists keys(chunk.data[1], chunk.size());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* entries = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  duckdb::SelectionVector kept(values.child_size());
  idx_t count = 0;
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const auto* list = values.At(row);
    const auto* of_keys = keys.At(row);
    const idx_t begin = count;
    if (list == nullptr || of_keys == nullptr) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    duckdb::Value before;
    for (idx_t i = 0; i < list->length; ++i) {
      duckdb::Value key = keys.child().GetValue(of_keys->offset + i);
      if (i == 0 || !duckdb::Value::NotDistinctFrom(before, key)) kept.set_index(count++, list->offset + i);
      before = std::move(key);
    }
    entries[row] = {begin, count - begin};
  }
  duckdb::ListVector::Reserve(result, count);
  duckdb::VectorOperations::Copy(values.child(), duckdb::ListVector::GetEntry(result), kept, count, 0, 0);
  duckdb::ListVector::SetListSize(result, count);
  ConstantIfAll(chunk, result);
}

/// How many elements array_fill is asked for by the lengths of one dimension.
idx_t FilledLength(const Vector& lengths, const duckdb::list_entry_t* list) {
  if (list == nullptr) Throw(Error("22004", "dimension array or low bound array cannot be null"));
  if (list->length == 0) return 0;
  if (list->length > 1) {
    Throw(Error("0A000", "array_fill of several dimensions that are not written as constants is not supported"));
  }
  const duckdb::Value length = lengths.GetValue(list->offset);
  if (length.IsNull()) Throw(Error("22004", "dimension values cannot be null"));
  const int32_t count = length.GetValue<int32_t>();
  if (count < 0 || count > kMostArrayElements) Throw(TooManyArrayElements());
  return static_cast<idx_t>(count);
}

/// filled(value, lengths): array_fill of one dimension.
void FilledArray(duckdb::DataChunk& chunk, duckdb::ExpressionState& state, Vector& result) {
  constexpr idx_t kAtOnce = 1 << 16;
  const Lists lengths(chunk.data[1], chunk.size());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* entries = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  duckdb::SelectionVector same(kAtOnce);
  idx_t end = 0;
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const idx_t count = FilledLength(lengths.child(), lengths.At(row));
    entries[row] = {end, count};
    duckdb::ListVector::Reserve(result, end + count);
    for (idx_t i = 0; i < std::min(kAtOnce, count); ++i) same.set_index(i, row);
    for (idx_t done = 0; done < count; done += kAtOnce) {
      if (state.GetContext().interrupted) throw duckdb::InterruptException();
      const idx_t more = std::min(kAtOnce, count - done);
      duckdb::VectorOperations::Copy(chunk.data[0], duckdb::ListVector::GetEntry(result), same, more, 0, end + done);
    }
    end += count;
    duckdb::ListVector::SetListSize(result, end);
  }
  ConstantIfAll(chunk, result);
}

duckdb::unique_ptr<duckdb::FunctionData> BindFilled(duckdb::ClientContext&, duckdb::ScalarFunction& function,
                                                    BoundList& arguments) {
  function.arguments[0] = arguments[0]->return_type;
  function.SetReturnType(LogicalType::LIST(arguments[0]->return_type));
  return nullptr;
}

/// most_often(sorted keys): the place, from 1, of the first of those that are there most often; NULL where all are.
void MostOften(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* places = duckdb::FlatVector::GetData<int64_t>(result);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const auto* list = lists.At(row);
    idx_t most = 0;
    idx_t times = 0;
    duckdb::Value before;
    for (idx_t i = 0; list != nullptr && i < list->length; ++i) {
      duckdb::Value key = lists.child().GetValue(list->offset + i);
      if (key.IsNull()) continue;
      times = times > 0 && duckdb::Value::NotDistinctFrom(before, key) ? times + 1 : 1;
      before = std::move(key);
      if (times <= most) continue;
      most = times;
      places[row] = static_cast<int64_t>(i - times) + 2;  // the others of its kind lie just before it
    }
    if (most == 0) duckdb::FlatVector::SetNull(result, row, true);
  }
  ConstantIfAll(chunk, result);
}

/// two_arrays(a, b): the one behind the other; NULL where both are.
void TwoArrays(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists sides[] = {Lists(chunk.data[0], chunk.size()), Lists(chunk.data[1], chunk.size())};
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* entries = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const idx_t begin = duckdb::ListVector::GetListSize(result);
    bool is_null = true;
    for (const Lists& side : sides) {
      const auto* list = side.At(row);
      if (list == nullptr) continue;
      is_null = false;
      duckdb::ListVector::Append(result, side.child(), list->offset + list->length, list->offset);
    }
    if (is_null) duckdb::FlatVector::SetNull(result, row, true);
    entries[row] = {begin, duckdb::ListVector::GetListSize(result) - begin};
  }
  ConstantIfAll(chunk, result);
}

/// trim_array: without the last ones.
void Trimmed(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const Integers counts(chunk.data[1], chunk.size());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* entries = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  duckdb::ListVector::GetEntry(result).Reference(lists.child());
  duckdb::ListVector::SetListSize(result, lists.child_size());
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const auto* list = lists.At(row);
    const auto count = counts.At(row);
    if (list == nullptr || !count) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    if (*count < 0 || *count > static_cast<int64_t>(list->length)) {
      Throw(Error("2202E", "number of elements to trim must be between 0 and " + std::to_string(list->length)));
    }
    entries[row] = {list->offset, list->length - static_cast<idx_t>(*count)};
  }
  ConstantIfAll(chunk, result);
}

/// Those at `places`, and the arrays in them, have one length: NULL has that of an empty one. Gives it.
idx_t CommonLength(Vector& arrays, idx_t size, const std::vector<idx_t>& places) {
  const Lists lists(arrays, size);
  std::vector<idx_t> below;
  std::optional<idx_t> length;
  for (const idx_t place : places) {
    const auto* list = lists.At(place);
    const idx_t own = list == nullptr ? 0 : list->length;
    if (length.value_or(own) != own) {
      Throw(Error("2202E", "multidimensional arrays must have array expressions with matching dimensions"));
    }
    length = own;
    for (idx_t i = 0; i < own; ++i) below.push_back(list->offset + i);
  }
  if (lists.child().GetType().id() == LogicalTypeId::LIST) CommonLength(lists.child(), lists.child_size(), below);
  return length.value_or(0);
}

/// ARRAY[…] of arrays, which are alike in length; that of empty ones is empty.
void SameLengths(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* entries = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  duckdb::ListVector::GetEntry(result).Reference(lists.child());
  duckdb::ListVector::SetListSize(result, lists.child_size());
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const auto* list = lists.At(row);
    if (list == nullptr) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    std::vector<idx_t> places(list->length);
    std::iota(places.begin(), places.end(), list->offset);
    const bool empty = CommonLength(lists.child(), lists.child_size(), places) == 0;
    entries[row] = {list->offset, empty ? 0 : list->length};
  }
  ConstantIfAll(chunk, result);
}

/// Those at `places` have one length, and so have the arrays in them.
void CheckEven(Vector& arrays, idx_t size, const std::vector<idx_t>& places) {
  const Lists lists(arrays, size);
  std::vector<idx_t> below;
  std::optional<idx_t> length;
  for (const idx_t place : places) {
    const auto* list = lists.At(place);
    if (list == nullptr) Throw(Error("22004", "cannot accumulate null arrays"));
    if (list->length == 0) Throw(Error("2202E", "cannot accumulate empty arrays"));
    if (length && *length != list->length) {
      Throw(Error("2202E", "cannot accumulate arrays of different dimensionality"));
    }
    length = list->length;
    for (idx_t i = 0; i < list->length; ++i) below.push_back(list->offset + i);
  }
  if (lists.child().GetType().id() == LogicalTypeId::LIST) CheckEven(lists.child(), lists.child_size(), below);
}

/// What array_agg has gathered of arrays.
void EvenArrays(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  for (idx_t row = 0; row < chunk.size(); ++row) {
    std::vector<idx_t> places;
    const auto* list = lists.At(row);
    for (idx_t i = 0; list != nullptr && i < list->length; ++i) places.push_back(list->offset + i);
    CheckEven(lists.child(), lists.child_size(), places);
  }
  result.Reference(chunk.data[0]);
}

/// Calls body(row, lengths of the dimensions), empty for an empty array; NULL arrays stay NULL.
template <typename T, typename Body>
void WithDimensions(duckdb::DataChunk& chunk, Vector& result, Body&& body) {
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* data = duckdb::FlatVector::GetData<T>(result);
  const Lists lists(chunk.data[0], chunk.size());
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const auto* entry = lists.At(row);
    if (entry == nullptr) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    std::vector<int64_t> lengths;
    const Vector* vector = &chunk.data[0];
    duckdb::list_entry_t inner = *entry;
    while (inner.length > 0) {
      lengths.push_back(static_cast<int64_t>(inner.length));
      Vector& child = duckdb::ListVector::GetEntry(*const_cast<Vector*>(vector));
      if (child.GetType().id() != LogicalTypeId::LIST) break;
      const Lists children(child, duckdb::ListVector::GetListSize(*const_cast<Vector*>(vector)));
      const auto* first = children.At(inner.offset);
      if (first == nullptr) break;
      inner = *first;
      vector = &child;
    }
    const std::optional<T> value = body(row, lengths);
    if (value) {
      data[row] = *value;
    } else {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  }
  ConstantIfAll(chunk, result);
}

/// array_length, array_upper (both: the dimension's length, as all begin with 1) and array_lower.
template <bool kLower>
void Bound(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  UnifiedVectorFormat format;
  chunk.data[1].ToUnifiedFormat(chunk.size(), format);
  WithDimensions<int32_t>(chunk, result, [&](idx_t row, const std::vector<int64_t>& lengths) -> std::optional<int32_t> {
    const idx_t at = format.sel->get_index(row);
    if (!format.validity.RowIsValid(at)) return std::nullopt;
    const int32_t dimension = UnifiedVectorFormat::GetData<int32_t>(format)[at];
    if (dimension < 1 || dimension > static_cast<int32_t>(lengths.size())) return std::nullopt;
    return kLower ? 1 : static_cast<int32_t>(lengths[dimension - 1]);
  });
}

void NumberOfDimensions(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  WithDimensions<int32_t>(chunk, result, [](idx_t, const std::vector<int64_t>& lengths) -> std::optional<int32_t> {
    return lengths.empty() ? std::nullopt : std::optional(static_cast<int32_t>(lengths.size()));
  });
}

void Cardinality(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  WithDimensions<int32_t>(chunk, result, [](idx_t, const std::vector<int64_t>& lengths) -> std::optional<int32_t> {
    int64_t all = lengths.empty() ? 0 : 1;
    for (int64_t length : lengths) all *= length;
    return static_cast<int32_t>(all);
  });
}

duckdb::unique_ptr<duckdb::FunctionData> BindElement(duckdb::ClientContext&, duckdb::ScalarFunction& function,
                                                     BoundList& arguments) {
  function.arguments[0] = arguments[0]->return_type;
  function.SetReturnType(duckdb::ListType::GetChildType(arguments[0]->return_type));
  return nullptr;
}

/// (list, value, test): value IN (…) over the list's elements where they are known, which indexes and partitions are
/// found by, else the test. Elements that no value can be equal to fall away.
template <bool negated>
duckdb::unique_ptr<duckdb::Expression> BindAmong(duckdb::FunctionBindExpressionInput& input) {
  const duckdb::Expression& list = *input.children[0];
  duckdb::unique_ptr<duckdb::Expression>& value = input.children[1];
  duckdb::Value known;
  const bool is_known = list.IsFoldable() && !list.HasParameter() &&
                        duckdb::ExpressionExecutor::TryEvaluateScalar(input.context, list, known) && !known.IsNull();
  if (!is_known || known.type().id() != LogicalTypeId::LIST) return std::move(input.children[2]);
  auto among = duckdb::make_uniq<duckdb::BoundOperatorExpression>(
      negated ? duckdb::ExpressionType::COMPARE_NOT_IN : duckdb::ExpressionType::COMPARE_IN, LogicalType::BOOLEAN);
  among->children.push_back(value->Copy());
  for (duckdb::Value element : duckdb::ListValue::GetChildren(known)) {
    if (!element.DefaultTryCastAs(value->return_type)) continue;
    among->children.push_back(duckdb::make_uniq<duckdb::BoundConstantExpression>(std::move(element)));
  }
  if (among->children.size() == 1) return std::move(input.children[2]);
  return among;
}

/// Is replaced as it is bound.
void NeverRun(duckdb::DataChunk&, duckdb::ExpressionState&, Vector&) {
  Throw(Error("XX000", "a test of a list was not bound"));
}

}  // namespace

void AddArrays(FunctionList* list) {
  const auto add = [&](const char* name, duckdb::vector<LogicalType> arguments, LogicalType result,
                       duckdb::scalar_function_t run, duckdb::bind_scalar_function_t bind) {
    duckdb::ScalarFunction function(name, std::move(arguments), std::move(result), std::move(run), bind);
    function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
    function.SetFallible();
    list->Add(std::move(function));
  };
  const LogicalType any = LogicalType::ANY;
  const LogicalType big = LogicalType::BIGINT;
  const LogicalType truth = LogicalType::LIST(LogicalType::BOOLEAN);
  add("pg.element", {any, big}, any, Element, BindElement);
  add("pg.slice", {any, big, big}, any, Slice, BindSame);
  add("pg.any_true", {truth}, LogicalType::BOOLEAN, Quantified<false>, nullptr);
  add("pg.all_true", {truth}, LogicalType::BOOLEAN, Quantified<true>, nullptr);
  const auto add_among = [&](const char* name, duckdb::function_bind_expression_t bind) {
    duckdb::ScalarFunction function(name, {any, any, LogicalType::BOOLEAN}, LogicalType::BOOLEAN, NeverRun);
    function.SetBindExpressionCallback(bind);
    list->Add(std::move(function));
  };
  add_among("pg.among", BindAmong<false>);
  add_among("pg.not_among", BindAmong<true>);
  add("pg.true_places", {truth}, LogicalType::LIST(LogicalType::INTEGER), TruePlaces, nullptr);
  add("pg.first_from", {LogicalType::LIST(LogicalType::INTEGER), big}, LogicalType::INTEGER, FirstFrom, nullptr);
  add("pg.joined", {LogicalType::LIST(LogicalType::VARCHAR), LogicalType::VARCHAR, LogicalType::VARCHAR},
      LogicalType::VARCHAR, Joined, nullptr);
  add("pg.two_arrays", {any, any}, any, TwoArrays, BindSame);
  add("pg.trimmed", {any, big}, any, Trimmed, BindSame);
  add("pg.distinct", {any, any}, any, FirstOfKeys, BindSame);
  add("pg.filled", {any, LogicalType::LIST(LogicalType::INTEGER)}, any, FilledArray, BindFilled);
  add("pg.most_often", {any}, big, MostOften, BindAny);
  add("pg.same_lengths", {any}, any, SameLengths, BindSame);
  add("pg.even_arrays", {any}, any, EvenArrays, BindSame);
  for (const char* name : {"pg.array_length(anyarray,int4)", "pg.array_upper(anyarray,int4)"}) {
    add(name, {any, LogicalType::INTEGER}, LogicalType::INTEGER, Bound<false>, BindAny);
  }
  add("pg.array_lower(anyarray,int4)", {any, LogicalType::INTEGER}, LogicalType::INTEGER, Bound<true>, BindAny);
  add("pg.array_ndims(anyarray)", {any}, LogicalType::INTEGER, NumberOfDimensions, BindAny);
  add("pg.cardinality(anyarray)", {any}, LogicalType::INTEGER, Cardinality, BindAny);
}

}  // namespace weir::sql::duck
