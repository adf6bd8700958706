#pragma once

#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "postgres/value/numeric.h"
#include "postgres/value/stop.h"
#include "sql/duckdb/counted_heap.h"
#include "sql/duckdb/headers.h"
#include "sql/duckdb/session_values.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {

/// Plain C++ functions of values, run over DuckDB's vectors.
///
/// A kernel is a lambda without captures. Its parameters and its result are values of Lane's types:
///   - a parameter std::optional<T> takes NULL too; with none such the result is NULL where an argument is, and the
///     kernel is not called;
///   - a first parameter const SessionValues& gets what the session has set;
///   - a result std::optional<T> may be NULL, a Result<T> may be an error, which ends the statement.

/// How a C++ type lies in a vector: as it is, unless said otherwise below.
template <typename T>
struct Lane {
  using Stored = T;
  static T Read(const Stored& stored) { return stored; }
  static Stored Write(T value, duckdb::Vector&) { return value; }
};

/// A VARCHAR or BLOB, where it lies.
template <>
struct Lane<std::string_view> {
  using Stored = duckdb::string_t;
  static std::string_view Read(const Stored& stored) { return {stored.GetData(), stored.GetSize()}; }
  static Stored Write(std::string_view value, duckdb::Vector& vector) {
    return duckdb::StringVector::AddStringOrBlob(vector, value.data(), value.size());
  }
};

template <>
struct Lane<std::string> {
  using Stored = duckdb::string_t;
  static std::string Read(const Stored& stored) { return stored.GetString(); }
  static Stored Write(const std::string& value, duckdb::Vector& vector) {
    return duckdb::StringVector::AddStringOrBlob(vector, value.data(), value.size());
  }
};

/// numeric in its big form.
template <>
struct Lane<postgres::Numeric> {
  using Stored = duckdb::string_t;
  static postgres::Numeric Read(const Stored& stored) {
    return ValueOrThrow(postgres::ReadNumericKey({stored.GetData(), stored.GetSize()}));
  }
  static Stored Write(const postgres::Numeric& value, duckdb::Vector& vector) {
    std::string key;
    postgres::AppendNumericKey(value, &key);
    return duckdb::StringVector::AddStringOrBlob(vector, key.data(), key.size());
  }
};

template <typename T>
struct Unwrapped {
  using Type = T;
  static constexpr bool kOptional = false;
};
template <typename T>
struct Unwrapped<std::optional<T>> {
  using Type = T;
  static constexpr bool kOptional = true;
};
template <typename T>
struct Unwrapped<Result<T>> : Unwrapped<T> {};

template <typename F>
struct Signature : Signature<decltype(&F::operator())> {};
template <typename F, typename R, typename... A>
struct Signature<R (F::*)(A...) const> {
  using Outcome = R;
  using Arguments = std::tuple<std::remove_cvref_t<A>...>;
};

/// Memory of DuckDB's that strings take outside of its vectors, as long as they are there.
class CountedStrings {
 public:
  explicit CountedStrings(duckdb::ClientContext& context) : database_(context.db) {}
  ~CountedStrings() { Pool().FreeReservedMemory(bytes_); }

  /// Throws DuckDB's error when there is not so much left.
  void Grow(size_t bytes) {
    Pool().ReserveMemory(bytes);
    bytes_ += bytes;
  }

 private:
  duckdb::BufferManager& Pool() const { return duckdb::BufferManager::GetBufferManager(*database_); }

  const duckdb::shared_ptr<duckdb::DatabaseInstance> database_;
  size_t bytes_ = 0;
};

/// The statement for which this thread computes kernels; null: they take what they like.
inline thread_local duckdb::ClientContext* kernel_context = nullptr;

/// 57014 when the statement has been cancelled: for kernels that work long on one value.
inline void StopIfCancelled() {
  if (kernel_context != nullptr && kernel_context->interrupted) throw duckdb::InterruptException();
}

/// Says for which statement this thread computes, as long as it does.
class Computing {
 public:
  explicit Computing(duckdb::ClientContext* context)
      : context_(std::exchange(kernel_context, context)),
        stop_(std::exchange(postgres::stop_computing, context == nullptr ? nullptr : &context->interrupted)) {}
  ~Computing() {
    kernel_context = context_;
    postgres::stop_computing = stop_;
  }
  Computing(const Computing&) = delete;
  Computing& operator=(const Computing&) = delete;

 private:
  duckdb::ClientContext* const context_;
  const std::atomic<bool>* const stop_;
};

/// What a kernel collects for one value that may become great.
class GrowingValue {
 public:
  /// 57014 when the statement has been cancelled meanwhile, 53200 when there is no memory for so much.
  void Grow(size_t bytes) {
    uncounted_ += bytes;
    if (uncounted_ >= kStep) Count();
  }

 private:
  static constexpr size_t kStep = 1 << 18;

  void Count() {
    const size_t more = std::exchange(uncounted_, 0);
    if (kernel_context == nullptr) return;
    StopIfCancelled();
    if (CountedHeap::IsCounting()) return;  // where it is taken
    if (counted_ == nullptr) counted_ = std::make_unique<CountedStrings>(*kernel_context);
    counted_->Grow(more);
  }

  std::unique_ptr<CountedStrings> counted_;
  size_t uncounted_ = 0;
};

/// Runs a kernel over a chunk.
template <typename Kernel>
class Adapter {
  using Outcome = typename Signature<Kernel>::Outcome;
  using All = typename Signature<Kernel>::Arguments;
  template <typename Tuple>
  struct Split {
    static constexpr bool kSession = false;
    using Rest = Tuple;
  };
  template <typename... A>
  struct Split<std::tuple<SessionValues, A...>> {
    static constexpr bool kSession = true;
    using Rest = std::tuple<A...>;
  };
  using Arguments = typename Split<All>::Rest;
  using Value = typename Unwrapped<Outcome>::Type;
  using Stored = typename Lane<Value>::Stored;
  static constexpr size_t kCount = std::tuple_size_v<Arguments>;
  template <size_t I>
  using ArgumentOf = std::tuple_element_t<I, Arguments>;
  template <size_t I>
  using LaneOf = Lane<typename Unwrapped<ArgumentOf<I>>::Type>;

 public:
  static constexpr bool kUsesSession = Split<All>::kSession;
  static constexpr bool kTakesNull = []<size_t... I>(std::index_sequence<I...>) {
    return (false || ... || Unwrapped<ArgumentOf<I>>::kOptional);
  }(std::make_index_sequence<kCount>());

  static void Run(duckdb::DataChunk& chunk, duckdb::ExpressionState& state, duckdb::Vector& result) {
    const SessionValues* session = nullptr;
    if constexpr (kUsesSession) session = &SessionValues::Of(state.GetContext());
    auto* context = state.HasContext() ? &state.GetContext() : nullptr;
    const Computing computing(context);
    Rows(chunk, context, session, result, std::make_index_sequence<kCount>());
  }

 private:
  template <size_t I>
  static bool IsValid(const duckdb::UnifiedVectorFormat& format, duckdb::idx_t row) {
    if constexpr (Unwrapped<ArgumentOf<I>>::kOptional) return true;
    return format.validity.RowIsValid(format.sel->get_index(row));
  }

  template <size_t I>
  static ArgumentOf<I> Read(const duckdb::UnifiedVectorFormat& format, duckdb::idx_t row) {
    const duckdb::idx_t at = format.sel->get_index(row);
    if constexpr (Unwrapped<ArgumentOf<I>>::kOptional) {
      if (!format.validity.RowIsValid(at)) return std::nullopt;
    }
    return LaneOf<I>::Read(duckdb::UnifiedVectorFormat::GetData<typename LaneOf<I>::Stored>(format)[at]);
  }

  static const Value* Keep(const Value& value) { return &value; }
  static const Value* Keep(const std::optional<Value>& value) { return value ? &*value : nullptr; }
  template <typename T>
  static const Value* Keep(const Result<T>& value) {
    if (!value.ok()) Throw(value.status());
    return Keep(*value);
  }

  template <typename... A>
  static Outcome Call(const SessionValues* session, A&&... arguments) {
    if constexpr (kUsesSession) return Kernel{}(*session, std::forward<A>(arguments)...);
    else return Kernel{}(std::forward<A>(arguments)...);
  }

  template <size_t... I>
  static void Rows(duckdb::DataChunk& chunk, duckdb::ClientContext* context, const SessionValues* session,
                   duckdb::Vector& result, std::index_sequence<I...>) {
    bool constant = true;
    duckdb::UnifiedVectorFormat formats[kCount + 1];
    for (size_t i = 0; i < kCount; ++i) {
      constant &= chunk.data[i].GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
      chunk.data[i].ToUnifiedFormat(chunk.size(), formats[i]);
    }
    constant &= kCount > 0 || kUsesSession;
    const duckdb::idx_t count = constant ? 1 : chunk.size();
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    auto* data = duckdb::FlatVector::GetData<Stored>(result);
    auto& validity = duckdb::FlatVector::Validity(result);
    const bool plain = (true && ... && (formats[I].validity.AllValid() && !formats[I].sel->IsSet()));
    if constexpr (std::is_same_v<Outcome, Value> && std::is_arithmetic_v<Value> &&
                  (true && ... && std::is_arithmetic_v<ArgumentOf<I>>)) {
      if (plain && !constant) {
        for (duckdb::idx_t row = 0; row < count; ++row) {
          data[row] = Call(session, duckdb::UnifiedVectorFormat::GetData<ArgumentOf<I>>(formats[I])[row]...);
        }
        return;
      }
    }
    for (duckdb::idx_t row = 0; row < count; ++row) {
      const bool called = (true && ... && IsValid<I>(formats[I], row));
      if (!called) {
        validity.SetInvalid(row);
        continue;
      }
      const auto outcome = Call(session, Read<I>(formats[I], row)...);
      if (const Value* value = Keep(outcome)) {
        if (context != nullptr && context->interrupted) throw duckdb::InterruptException();
        data[row] = Lane<Value>::Write(*value, result);
      } else {
        validity.SetInvalid(row);
      }
    }
    if (constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
};

}  // namespace weir::sql::duck
