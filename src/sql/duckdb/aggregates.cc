#include <array>
#include <cmath>
#include <utility>

#include "sql/duckdb/decimal_bounds.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/numeric_text.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/statement_heap.h"
#include "sql/duckdb/time_fields.h"
#include "sql/duckdb/time_lanes.h"

namespace weir::sql::duck {

namespace {

using duckdb::AggregateFunction;
using duckdb::AggregateInputData;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::UnifiedVectorFormat;
using duckdb::Vector;
using postgres::Int128;
using postgres::Numeric;

/// An aggregate over a plain C++ accumulator, which DuckDB's state points to.
///
/// `Accumulator` has: Add(values of the arguments), Merge(const Accumulator&), and Finish() → std::optional<result>.
/// Rows with a NULL among the arguments are left out; no row gives NULL unless Finish says otherwise.
template <typename Accumulator, typename ValueType, typename... A>
class AggregateAdapter {
  struct State {
    Accumulator* accumulator;
  };

 public:
  static AggregateFunction Make(std::string name, duckdb::vector<LogicalType> arguments, LogicalType result) {
    AggregateFunction function(name, arguments, result, Size, Initialize, Update, Combine, Finalize,
                               duckdb::FunctionNullHandling::DEFAULT_NULL_HANDLING, UpdateOne);
    function.destructor = Destroy;
    return function;
  }

 private:
  static idx_t Size(const AggregateFunction&) { return sizeof(State); }
  static void Initialize(const AggregateFunction&, duckdb::data_ptr_t state) {
    reinterpret_cast<State*>(state)->accumulator = nullptr;
  }
  static Accumulator& Of(State& state) {
    if (state.accumulator == nullptr) state.accumulator = new Accumulator();
    return *state.accumulator;
  }

  static void Update(Vector inputs[], AggregateInputData&, idx_t, Vector& states, idx_t count) {
    StatementHeap::Check();
    UnifiedVectorFormat places;
    states.ToUnifiedFormat(count, places);
    auto* pointers = UnifiedVectorFormat::GetData<State*>(places);
    Rows(inputs, count, [&](idx_t row) -> Accumulator& { return Of(*pointers[places.sel->get_index(row)]); },
         std::index_sequence_for<A...>());
  }
  /// Of a query without groups.
  static void UpdateOne(Vector inputs[], AggregateInputData&, idx_t, duckdb::data_ptr_t state, idx_t count) {
    Accumulator* one = nullptr;
    const auto find = [&](idx_t) -> Accumulator& {
      if (one == nullptr) one = &Of(*reinterpret_cast<State*>(state));
      return *one;
    };
    Rows(inputs, count, find, std::index_sequence_for<A...>());
  }
  template <typename AccumulatorOf, size_t... I>
  static void Rows(Vector inputs[], idx_t count, const AccumulatorOf& accumulator_of, std::index_sequence<I...>) {
    UnifiedVectorFormat formats[sizeof...(A)];
    for (size_t i = 0; i < sizeof...(A); ++i) inputs[i].ToUnifiedFormat(count, formats[i]);
    for (idx_t row = 0; row < count; ++row) {
      const bool valid = (true && ... && formats[I].validity.RowIsValid(formats[I].sel->get_index(row)));
      if (!valid) continue;
      accumulator_of(row)
          .Add(Lane<A>::Read(
              UnifiedVectorFormat::GetData<typename Lane<A>::Stored>(formats[I])[formats[I].sel->get_index(row)])...);
    }
  }
  static void Combine(Vector& source, Vector& target, AggregateInputData&, idx_t count) {
    StatementHeap::Check();
    UnifiedVectorFormat from;
    source.ToUnifiedFormat(count, from);
    auto* sources = UnifiedVectorFormat::GetData<State*>(from);
    auto* targets = duckdb::FlatVector::GetData<State*>(target);
    for (idx_t row = 0; row < count; ++row) {
      const State& state = *sources[from.sel->get_index(row)];
      if (state.accumulator != nullptr) Of(*targets[row]).Merge(*state.accumulator);
    }
  }
  static void Finalize(Vector& states, AggregateInputData&, Vector& result, idx_t count, idx_t offset) {
    UnifiedVectorFormat places;
    states.ToUnifiedFormat(count, places);
    auto* pointers = UnifiedVectorFormat::GetData<State*>(places);
    const bool constant = states.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
    auto* data = duckdb::FlatVector::GetData<typename Lane<ValueType>::Stored>(result);
    for (idx_t row = 0; row < (constant ? 1 : count); ++row) {
      State& state = *pointers[places.sel->get_index(row)];
      std::optional<ValueType> value;
      if (state.accumulator != nullptr) value = state.accumulator->Finish();
      if (value) {
        data[row + offset] = Lane<ValueType>::Write(*value, result);
      } else {
        duckdb::FlatVector::Validity(result).SetInvalid(row + offset);
      }
    }
    if (constant && offset == 0) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
  static void Destroy(Vector& states, AggregateInputData&, idx_t count) {
    UnifiedVectorFormat places;
    states.ToUnifiedFormat(count, places);
    auto* pointers = UnifiedVectorFormat::GetData<State*>(places);
    for (idx_t row = 0; row < count; ++row) {
      State& state = *pointers[places.sel->get_index(row)];
      delete state.accumulator;
      state.accumulator = nullptr;
    }
  }
};

struct NumericSum {
  Numeric sum;
  void Add(const Numeric& value) {
    const auto mine = sum.small();
    const auto more = value.small();
    Int128 both = 0;
    if (mine && more && sum.scale() == value.scale() && !__builtin_add_overflow(*mine, *more, &both)) {
      sum = Numeric(both, sum.scale());
    } else {
      sum = ValueOrThrow(postgres::Add(sum, value));
    }
  }
  void Merge(const NumericSum& other) { Add(other.sum); }
  std::optional<Numeric> Finish() const { return sum; }
};

constexpr auto kPowersOfTen = [] {
  std::array<int64_t, postgres::PlainNumeric::kMostDigits + 1> powers{1};
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

/// Of numerics as a column holds them: plain ones in 128 bits at one scale, the largest that there was.
struct StoredSum {
  Int128 sum = 0;
  int scale = 0;
  Numeric full;  // all others, and what did not fit 128 bits any more
  void Add(const NumericText& value) {
    if (const auto plain = value.AsPlain()) {
      AddPlain(plain->unscaled, plain->scale);
    } else {
      AddAny(value.AsAny());
    }
  }
  void Merge(const StoredSum& other) {
    AddPlain(other.sum, other.scale);
    AddFull(other.full);
  }
  std::optional<Numeric> Finish() const { return ValueOrThrow(postgres::Add(full, Numeric(sum, scale))); }

 private:
  void AddAny(const Numeric& value) {
    if (const auto small = value.small()) {
      AddPlain(*small, value.scale());
    } else {
      AddFull(value);
    }
  }
  void AddPlain(Int128 value, int with_scale) {
    Int128 both = 0;
    const bool is_in_range =
        with_scale == scale ? !__builtin_add_overflow(sum, value, &both) : AddAligned(value, with_scale, &both);
    if (!is_in_range) {
      AddFull(Numeric(sum, scale));
      both = value;
      scale = with_scale;
    }
    sum = both;
  }
  bool AddAligned(Int128 value, int with_scale, Int128* both) {
    const int common = std::max(scale, with_scale);
    if (common - std::min(scale, with_scale) > static_cast<int>(postgres::PlainNumeric::kMostDigits)) return false;
    Int128 mine = 0;
    Int128 more = 0;
    if (__builtin_mul_overflow(sum, Int128{kPowersOfTen[common - scale]}, &mine) ||
        __builtin_mul_overflow(value, Int128{kPowersOfTen[common - with_scale]}, &more) ||
        __builtin_add_overflow(mine, more, both)) {
      return false;
    }
    scale = common;
    return true;
  }
  void AddFull(const Numeric& value) { full = ValueOrThrow(postgres::Add(full, value)); }
};

/// Of the unscaled integers of a DECIMAL, with its scale behind each.
struct DecimalSum {
  Int128 sum = 0;
  int32_t scale = 0;
  Numeric full;  // what did not fit 128 bits any more
  void Add(const duckdb::hugeint_t& value, int32_t with_scale) {
    scale = with_scale;
    AddUnscaled(ToInt128(value));
  }
  void Merge(const DecimalSum& other) {
    scale = other.scale;
    AddUnscaled(other.sum);
    full = ValueOrThrow(postgres::Add(full, other.full));
  }
  std::optional<Numeric> Finish() const { return ValueOrThrow(postgres::Add(full, Numeric(sum, scale))); }

 private:
  void AddUnscaled(Int128 value) {
    Int128 both = 0;
    if (__builtin_add_overflow(sum, value, &both)) {
      full = ValueOrThrow(postgres::Add(full, Numeric(sum, scale)));
      both = value;
    }
    sum = both;
  }
};

/// The same of integers that fit 64 bits, as many as there ever are.
struct WordSum : DecimalSum {
  void Add(const duckdb::hugeint_t& value, int32_t with_scale) {
    scale = with_scale;
    sum += static_cast<int64_t>(value.lower);
  }
};

inline uint64_t LowWord(int64_t value) { return static_cast<uint64_t>(value); }
inline uint64_t LowWord(const duckdb::hugeint_t& value) { return value.lower; }

/// Of products that fit 64 bits, whatever they come by on the way there.
template <typename... Factors>
struct ProductSum : DecimalSum {
  void Add(int32_t with_scale, const Factors&... factors) {
    scale = with_scale;
    sum += static_cast<int64_t>((LowWord(factors) * ...));
  }
};

/// The last of the values that are equal to the extreme, as PostgreSQL keeps it: it shows their scales.
template <bool kGreatest>
struct NumericExtreme {
  std::optional<Numeric> extreme;
  void Add(const Numeric& value) {
    if (!extreme || (kGreatest ? value >= *extreme : value <= *extreme)) extreme = value;
  }
  void Merge(const NumericExtreme& other) {
    if (other.extreme) Add(*other.extreme);
  }
  std::optional<Numeric> Finish() const { return extreme; }
};

/// The same of numerics as a column holds them.
template <bool kGreatest>
struct StoredExtreme {
  std::optional<postgres::PlainNumeric> plain;  // at most one of both is there
  NumericExtreme<kGreatest> other;
  void Add(const NumericText& value) {
    const auto number = value.AsPlain();
    if (!number) {
      AddOther(value.AsAny());
    } else if (other.extreme) {
      other.Add(AsNumeric(*number));
    } else if (!plain || Reaches(*number, *plain)) {
      plain = *number;
    }
  }
  void Merge(const StoredExtreme& from) {
    if (from.other.extreme) return AddOther(*from.other.extreme);
    if (!from.plain) return;
    if (other.extreme) {
      other.Add(AsNumeric(*from.plain));
    } else if (!plain || Reaches(*from.plain, *plain)) {
      plain = from.plain;
    }
  }
  std::optional<Numeric> Finish() const { return plain ? AsNumeric(*plain) : other.extreme; }

 private:
  static Numeric AsNumeric(const postgres::PlainNumeric& number) {
    return Numeric(Int128{number.unscaled}, number.scale);
  }
  static bool Reaches(const postgres::PlainNumeric& value, const postgres::PlainNumeric& extreme) {
    if (value.scale == extreme.scale) {
      return kGreatest ? value.unscaled >= extreme.unscaled : value.unscaled <= extreme.unscaled;
    }
    const int common = std::max(value.scale, extreme.scale);
    const Int128 a = Int128{value.unscaled} * kPowersOfTen[common - value.scale];
    const Int128 b = Int128{extreme.unscaled} * kPowersOfTen[common - extreme.scale];
    return kGreatest ? a >= b : a <= b;
  }
  void AddOther(const Numeric& value) {
    if (plain) other.Add(AsNumeric(*std::exchange(plain, std::nullopt)));
    other.Add(value);
  }
};

struct IntervalSum {
  postgres::Interval sum;
  int64_t count = 0;
  template <typename T>
  static T Plus(T a, T b) {
    T sum;
    if (__builtin_add_overflow(a, b, &sum)) Throw(Error("22008", "interval out of range"));
    return sum;
  }
  void Add(const postgres::Interval& value) {
    sum = {Plus(sum.months, value.months), Plus(sum.days, value.days), Plus(sum.microseconds, value.microseconds)};
    ++count;
  }
  void Merge(const IntervalSum& other) {
    const int64_t both = count + other.count;
    Add(other.sum);
    count = both;
  }
  std::optional<postgres::Interval> Finish() const { return sum; }
};
struct IntervalAverage : IntervalSum {
  std::optional<postgres::Interval> Finish() const { return DividedInterval(sum, static_cast<double>(count)); }
};

struct MoneySum {
  int64_t sum = 0;
  void Add(int64_t value) {
    if (__builtin_add_overflow(sum, value, &sum)) Throw(Error("22003", "money out of range"));
  }
  void Merge(const MoneySum& other) { Add(other.sum); }
  std::optional<int64_t> Finish() const { return sum; }
};

/// Of bit strings, which are texts of 0 and 1; all have to be as long.
enum class BitOperator { kAnd, kOr, kXor };
constexpr const char* NameOf(BitOperator op) {
  return op == BitOperator::kAnd ? "AND" : op == BitOperator::kOr ? "OR" : "XOR";
}

template <BitOperator kOperator>
struct BitFold {
  std::optional<std::string> bits;
  void Add(std::string_view value) {
    if (!bits) {
      bits = std::string(value);
      return;
    }
    if (bits->size() != value.size()) {
      Throw(Error("22026", std::string("cannot ") + NameOf(kOperator) + " bit strings of different sizes"));
    }
    for (size_t i = 0; i < value.size(); ++i) (*bits)[i] = Combined((*bits)[i] == '1', value[i] == '1') ? '1' : '0';
  }
  void Merge(const BitFold& other) {
    if (other.bits) Add(*other.bits);
  }
  std::optional<std::string> Finish() const { return bits; }

 private:
  static bool Combined(bool a, bool b) {
    switch (kOperator) {
      case BitOperator::kAnd: return a && b;
      case BitOperator::kOr: return a || b;
      case BitOperator::kXor: return a != b;
    }
    return false;
  }
};

template <BitOperator kOperator>
void AddBitFold(FunctionList* list, const std::string& name) {
  const LogicalType text = LogicalType::VARCHAR;
  list->Add(
      AggregateAdapter<BitFold<kOperator>, std::string, std::string_view>::Make("pg." + name + "(bit)", {text}, text));
}

template <typename T>
struct FloatAverage {
  double sum = 0;
  double count = 0;
  bool infinite = false;
  void Add(T value) {
    infinite |= std::isinf(value);
    sum += value;
    ++count;
  }
  void Merge(const FloatAverage& other) {
    infinite |= other.infinite;
    sum += other.sum;
    count += other.count;
  }
  std::optional<double> Finish() const {
    if (std::isinf(sum) && !infinite) Throw(Error("22003", "value out of range: overflow"));
    return sum / count;
  }
};

template <typename T>
struct FloatSum {
  double sum = 0;
  bool infinite = false;
  void Add(T value) {
    infinite |= std::isinf(value);
    sum += value;
  }
  void Merge(const FloatSum& other) {
    infinite |= other.infinite;
    sum += other.sum;
  }
  std::optional<T> Finish() const {
    const auto value = static_cast<T>(sum);
    if (std::isinf(value) && !infinite) Throw(Error("22003", "value out of range: overflow"));
    return value;
  }
};

/// Which of the variances.
enum class Spread { kVarianceOfSample, kVarianceOfAll, kDeviationOfSample, kDeviationOfAll };
constexpr bool IsOfSample(Spread spread) {
  return spread == Spread::kVarianceOfSample || spread == Spread::kDeviationOfSample;
}
constexpr bool IsDeviation(Spread spread) {
  return spread == Spread::kDeviationOfSample || spread == Spread::kDeviationOfAll;
}

/// Exact sums of the numbers and of their squares.
template <Spread kSpread>
struct NumericSpread {
  int64_t count = 0;
  Numeric sum;
  Numeric squares;
  void Add(const Numeric& value) {
    ++count;
    sum = ValueOrThrow(postgres::Add(sum, value));
    squares = ValueOrThrow(postgres::Add(squares, ValueOrThrow(postgres::Multiply(value, value))));
  }
  void Merge(const NumericSpread& other) {
    count += other.count;
    sum = ValueOrThrow(postgres::Add(sum, other.sum));
    squares = ValueOrThrow(postgres::Add(squares, other.squares));
  }
  std::optional<Numeric> Finish() const {
    if (count == 0 || (IsOfSample(kSpread) && count == 1)) return std::nullopt;
    if (!sum.is_finite()) return Numeric::Nan();
    const Numeric n(count);
    const Numeric spread = ValueOrThrow(postgres::Subtract(ValueOrThrow(postgres::Multiply(n, squares)),
                                                           ValueOrThrow(postgres::Multiply(sum, sum))));
    if (spread.sign() <= 0) return Numeric(int64_t{0});
    const Numeric divisor = ValueOrThrow(postgres::Multiply(n, Numeric(IsOfSample(kSpread) ? count - 1 : count)));
    const Numeric variance = ValueOrThrow(postgres::Divide(spread, divisor));
    return IsDeviation(kSpread) ? ValueOrThrow(postgres::Sqrt(variance, variance.scale())) : variance;
  }
};

/// Sums of integers' squares are theirs as numerics.
template <Spread kSpread, typename T>
struct IntegerSpread : NumericSpread<kSpread> {
  void Add(T value) { NumericSpread<kSpread>::Add(Numeric(static_cast<int64_t>(value))); }
};

/// Youngs and Cramer's running sums, in PostgreSQL's order of operations: the last digits are its own.
struct FloatMoments {
  double n = 0;
  double sx = 0;
  double sxx = 0;
  void Add(double x) {
    const bool first = n == 0;
    const bool infinite = std::isinf(sx) || std::isinf(x);
    n += 1;
    sx += x;
    if (!first) {
      const double tmp = x * n - sx;
      sxx += tmp * tmp / (n * (n - 1));
      if (std::isinf(sx) || std::isinf(sxx)) {
        if (!infinite) Throw(Error("22003", "value out of range: overflow"));
        sxx = NAN;
      }
    } else if (std::isnan(x) || std::isinf(x)) {
      sxx = NAN;
    }
  }
  void Merge(const FloatMoments& other) {
    if (other.n == 0) return;
    if (n == 0) {
      *this = other;
      return;
    }
    const double total = n + other.n;
    const double tmp = sx / n - other.sx / other.n;
    sxx = sxx + other.sxx + n * other.n * tmp * tmp / total;
    sx += other.sx;
    n = total;
  }
};

template <Spread kSpread>
struct FloatSpread : FloatMoments {
  std::optional<double> Finish() const {
    if (n == 0 || (IsOfSample(kSpread) && n == 1)) return std::nullopt;
    const double variance = sxx / (IsOfSample(kSpread) ? n - 1 : n);
    return IsDeviation(kSpread) ? std::sqrt(variance) : variance;
  }
};
template <Spread kSpread>
struct SingleSpread : FloatSpread<kSpread> {
  void Add(float value) { FloatMoments::Add(value); }
};

/// Of pairs: y first, as PostgreSQL's regression functions take them.
struct PairMoments {
  double n = 0;
  double sx = 0;
  double sxx = 0;
  double sy = 0;
  double syy = 0;
  double sxy = 0;
  void Add(double y, double x) {
    const PairMoments before = *this;
    n += 1;
    sx += x;
    sy += y;
    if (n == 1) {
      if (!std::isfinite(x)) sxx = sxy = NAN;
      if (!std::isfinite(y)) syy = sxy = NAN;
      return;
    }
    const double dx = x * n - sx;
    const double dy = y * n - sy;
    const double scale = 1 / (n * (n - 1));
    sxx += dx * dx * scale;
    syy += dy * dy * scale;
    sxy += dx * dy * scale;
    CheckOverflow(before, y, x);
  }
  /// Sums that infinite values make are not numbers; those of finite ones are too great.
  void CheckOverflow(const PairMoments& before, double y, double x) {
    const bool x_is_infinite = std::isinf(before.sx) || std::isinf(x);
    const bool y_is_infinite = std::isinf(before.sy) || std::isinf(y);
    const bool overflow = ((std::isinf(sx) || std::isinf(sxx)) && !x_is_infinite) ||
                          ((std::isinf(sy) || std::isinf(syy)) && !y_is_infinite) ||
                          (std::isinf(sxy) && !x_is_infinite && !y_is_infinite);
    if (overflow) Throw(Error("22003", "value out of range: overflow"));
    for (double* sum : {&sxx, &syy, &sxy}) {
      if (std::isinf(*sum)) *sum = NAN;
    }
  }
  void Merge(const PairMoments& other) {
    if (other.n == 0) return;
    if (n == 0) {
      *this = other;
      return;
    }
    const double total = n + other.n;
    const double dx = sx / n - other.sx / other.n;
    const double dy = sy / n - other.sy / other.n;
    sxx += other.sxx + n * other.n * dx * dx / total;
    syy += other.syy + n * other.n * dy * dy / total;
    sxy += other.sxy + n * other.n * dx * dy / total;
    sx += other.sx;
    sy += other.sy;
    n = total;
  }
};

struct Correlation : PairMoments {
  std::optional<double> Finish() const {
    if (n < 1 || sxx == 0 || syy == 0) return std::nullopt;
    return sxy / std::sqrt(sxx * syy);
  }
};
struct CovarianceOfAll : PairMoments {
  std::optional<double> Finish() const { return n < 1 ? std::nullopt : std::optional(sxy / n); }
};
struct CovarianceOfSample : PairMoments {
  std::optional<double> Finish() const { return n < 2 ? std::nullopt : std::optional(sxy / (n - 1)); }
};
struct Slope : PairMoments {
  std::optional<double> Finish() const { return n < 1 || sxx == 0 ? std::nullopt : std::optional(sxy / sxx); }
};
struct Intercept : PairMoments {
  std::optional<double> Finish() const {
    return n < 1 || sxx == 0 ? std::nullopt : std::optional((sy - sx * sxy / sxx) / n);
  }
};
struct Fit : PairMoments {
  std::optional<double> Finish() const {
    if (n < 1 || sxx == 0) return std::nullopt;
    return syy == 0 ? 1 : sxy * sxy / (sxx * syy);
  }
};
struct AverageOfX : PairMoments {
  std::optional<double> Finish() const { return n < 1 ? std::nullopt : std::optional(sx / n); }
};
struct AverageOfY : PairMoments {
  std::optional<double> Finish() const { return n < 1 ? std::nullopt : std::optional(sy / n); }
};
struct SumOfX : PairMoments {
  std::optional<double> Finish() const { return n < 1 ? std::nullopt : std::optional(sxx); }
};
struct SumOfY : PairMoments {
  std::optional<double> Finish() const { return n < 1 ? std::nullopt : std::optional(syy); }
};
struct SumOfBoth : PairMoments {
  std::optional<double> Finish() const { return n < 1 ? std::nullopt : std::optional(sxy); }
};

/// Takes from DuckDB's allocator of the process, which counts what is large.
template <typename T>
struct ProcessAllocator {
  using value_type = T;
  ProcessAllocator() = default;
  template <typename U>
  explicit ProcessAllocator(const ProcessAllocator<U>&) {}
  T* allocate(size_t count) {
    return reinterpret_cast<T*>(duckdb::Allocator::DefaultAllocator().AllocateData(count * sizeof(T)));
  }
  void deallocate(T* values, size_t count) {
    duckdb::Allocator::DefaultAllocator().FreeData(reinterpret_cast<duckdb::data_ptr_t>(values), count * sizeof(T));
  }
  bool operator==(const ProcessAllocator&) const = default;
};

/// string_agg: each value behind its delimiter, which the first one's is not shown of.
struct JoinedValues {
  std::basic_string<char, std::char_traits<char>, ProcessAllocator<char>> text;
  std::optional<size_t> first_delimiter;  // its length

  void Add(std::string_view value, std::string_view delimiter) {
    if (!first_delimiter) first_delimiter = delimiter.size();
    text.append(delimiter).append(value);
  }
  void Merge(const JoinedValues& other) {
    if (!first_delimiter) first_delimiter = other.first_delimiter;
    text += other.text;
  }
  std::optional<std::string_view> Finish() const {
    return std::string_view(text).substr(first_delimiter.value_or(0));
  }
};

void AddJoined(FunctionList* list, const std::string& type, const LogicalType& form) {
  using Adapter = AggregateAdapter<JoinedValues, std::string_view, std::string_view, std::string_view>;
  list->Add(Adapter::Make("pg.string_agg(" + type + "," + type + ")", {form, form}, form));
}

/// As it lies, which is in 128 bits.
duckdb::unique_ptr<duckdb::FunctionData> BindDecimalSum(duckdb::ClientContext&, AggregateFunction& function,
                                                        BoundList& arguments) {
  const LogicalType& type = arguments[0]->return_type;
  const bool is_long = type.InternalType() == duckdb::PhysicalType::INT128;
  function.arguments[0] = is_long ? type : LogicalType::DECIMAL(38, duckdb::DecimalType::GetScale(type));
  return nullptr;
}

using Factors = std::vector<duckdb::unique_ptr<duckdb::Expression>*>;

/// `deep`: of products that are factors, too.
void FindFactors(duckdb::unique_ptr<duckdb::Expression>& value, bool deep, Factors* factors) {
  for (auto& child : value->Cast<duckdb::BoundFunctionExpression>().children) {
    const bool product = deep && child->GetExpressionClass() == duckdb::ExpressionClass::BOUND_FUNCTION &&
                         child->Cast<duckdb::BoundFunctionExpression>().function.name == kDecimalMultiply;
    if (product) {
      FindFactors(child, deep, factors);
    } else {
      factors->push_back(&child);
    }
  }
}

template <typename... F>
AggregateFunction SumOfFactors(const duckdb::vector<LogicalType>& types, const LogicalType& result) {
  return AggregateAdapter<ProductSum<F...>, Numeric, int32_t, F...>::Make("pg.sum(decimal)", types, result);
}

/// Nothing where there is none for so many factors, or for theirs.
std::optional<AggregateFunction> SumOfFactors(const duckdb::vector<LogicalType>& types, const LogicalType& result) {
  using duckdb::hugeint_t;
  std::string form;
  for (size_t i = 1; i < types.size(); ++i) {
    const auto lies = types[i].InternalType();
    form += lies == duckdb::PhysicalType::INT64 ? 'w' : lies == duckdb::PhysicalType::INT128 ? 'l' : '-';
  }
  if (form == "ww") return SumOfFactors<int64_t, int64_t>(types, result);
  if (form == "www") return SumOfFactors<int64_t, int64_t, int64_t>(types, result);
  if (form == "lw") return SumOfFactors<hugeint_t, int64_t>(types, result);
  if (form == "wl") return SumOfFactors<int64_t, hugeint_t>(types, result);
  return std::nullopt;
}

/// A sum of products adds them as it makes them; false: it is no such one.
bool MultipliesInSum(duckdb::BoundAggregateExpression* sum, bool deep) {
  duckdb::unique_ptr<duckdb::Expression>& value = sum->children[0];
  if (sum->IsDistinct() || sum->order_bys || value->GetExpressionClass() != duckdb::ExpressionClass::BOUND_FUNCTION ||
      value->Cast<duckdb::BoundFunctionExpression>().function.name != kDecimalMultiply) {
    return false;
  }
  Factors factors;
  FindFactors(value, deep, &factors);
  duckdb::vector<LogicalType> types = {sum->children[1]->return_type};
  for (const auto* const factor : factors) types.push_back((*factor)->return_type);
  auto function = SumOfFactors(types, sum->function.GetReturnType());
  if (!function) return false;
  BoundList arguments;
  arguments.push_back(std::move(sum->children[1]));
  for (auto* const factor : factors) arguments.push_back(std::move(*factor));
  sum->function = *std::move(function);
  sum->children = std::move(arguments);
  return true;
}

/// Where the bounds of what is added say that it may, it becomes a sum of 64 bits.
duckdb::unique_ptr<duckdb::BaseStatistics> NarrowSum(duckdb::ClientContext&, duckdb::BoundAggregateExpression& sum,
                                                     duckdb::AggregateStatisticsInput& input) {
  if (!WordsWithin(input.child_stats[0])) return nullptr;
  if (MultipliesInSum(&sum, /*deep=*/true) || MultipliesInSum(&sum, /*deep=*/false)) return nullptr;
  using Adapter = AggregateAdapter<WordSum, Numeric, duckdb::hugeint_t, int32_t>;
  sum.function = Adapter::Make(sum.function.name, sum.function.arguments, sum.function.GetReturnType());
  return nullptr;
}

template <Spread kSpread>
void AddSpread(FunctionList* list, const std::string& name) {
  const LogicalType big = BigNumericType();
  const LogicalType real = LogicalType::DOUBLE;
  list->Add(AggregateAdapter<NumericSpread<kSpread>, Numeric, Numeric>::Make("pg." + name + "(numeric)", {big}, big));
  list->Add(AggregateAdapter<IntegerSpread<kSpread, int16_t>, Numeric, int16_t>::Make("pg." + name + "(int2)",
                                                                                      {LogicalType::SMALLINT}, big));
  list->Add(AggregateAdapter<IntegerSpread<kSpread, int32_t>, Numeric, int32_t>::Make("pg." + name + "(int4)",
                                                                                      {LogicalType::INTEGER}, big));
  list->Add(AggregateAdapter<IntegerSpread<kSpread, int64_t>, Numeric, int64_t>::Make("pg." + name + "(int8)",
                                                                                      {LogicalType::BIGINT}, big));
  list->Add(AggregateAdapter<FloatSpread<kSpread>, double, double>::Make("pg." + name + "(float8)", {real}, real));
  list->Add(AggregateAdapter<SingleSpread<kSpread>, double, float>::Make("pg." + name + "(float4)",
                                                                         {LogicalType::FLOAT}, real));
}

template <typename Accumulator>
void AddPairs(FunctionList* list, const std::string& name) {
  const LogicalType real = LogicalType::DOUBLE;
  list->Add(AggregateAdapter<Accumulator, double, double, double>::Make("pg." + name + "(float8,float8)", {real, real},
                                                                        real));
}

}  // namespace

void AddAggregates(FunctionList* list) {
  const LogicalType big = BigNumericType();
  const LogicalType text = LogicalType::VARCHAR;
  list->Add(AggregateAdapter<NumericSum, Numeric, Numeric>::Make("pg.sum(numeric)", {big}, big));
  list->Add(AggregateAdapter<StoredSum, Numeric, NumericText>::Make("pg.sum(stored)", {text}, big));
  auto decimal_sum = AggregateAdapter<DecimalSum, Numeric, duckdb::hugeint_t, int32_t>::Make(
      "pg.sum(decimal)", {LogicalType::ANY, LogicalType::INTEGER}, big);
  decimal_sum.SetBindCallback(BindDecimalSum);
  decimal_sum.SetStatisticsCallback(NarrowSum);
  list->Add(std::move(decimal_sum));
  list->Add(AggregateAdapter<FloatSum<float>, float, float>::Make("pg.sum(float4)", {LogicalType::FLOAT},
                                                                  LogicalType::FLOAT));
  list->Add(AggregateAdapter<FloatSum<double>, double, double>::Make("pg.sum(float8)", {LogicalType::DOUBLE},
                                                                     LogicalType::DOUBLE));
  list->Add(AggregateAdapter<NumericExtreme<true>, Numeric, Numeric>::Make("pg.max(numeric)", {big}, big));
  list->Add(AggregateAdapter<NumericExtreme<false>, Numeric, Numeric>::Make("pg.min(numeric)", {big}, big));
  list->Add(AggregateAdapter<StoredExtreme<true>, Numeric, NumericText>::Make("pg.max(stored)", {text}, big));
  list->Add(AggregateAdapter<StoredExtreme<false>, Numeric, NumericText>::Make("pg.min(stored)", {text}, big));
  list->Add(AggregateAdapter<FloatAverage<float>, double, float>::Make("pg.avg(float4)", {LogicalType::FLOAT},
                                                                       LogicalType::DOUBLE));
  list->Add(AggregateAdapter<FloatAverage<double>, double, double>::Make("pg.avg(float8)", {LogicalType::DOUBLE},
                                                                         LogicalType::DOUBLE));
  const LogicalType interval = LogicalType::INTERVAL;
  list->Add(AggregateAdapter<IntervalSum, postgres::Interval, postgres::Interval>::Make("pg.sum(interval)", {interval},
                                                                                        interval));
  list->Add(AggregateAdapter<IntervalAverage, postgres::Interval, postgres::Interval>::Make("pg.avg(interval)",
                                                                                            {interval}, interval));
  list->Add(
      AggregateAdapter<MoneySum, int64_t, int64_t>::Make("pg.sum(money)", {LogicalType::BIGINT}, LogicalType::BIGINT));
  AddBitFold<BitOperator::kAnd>(list, "bit_and");
  AddBitFold<BitOperator::kOr>(list, "bit_or");
  AddBitFold<BitOperator::kXor>(list, "bit_xor");
  for (const char* name : {"variance", "var_samp"}) AddSpread<Spread::kVarianceOfSample>(list, name);
  for (const char* name : {"stddev", "stddev_samp"}) AddSpread<Spread::kDeviationOfSample>(list, name);
  AddSpread<Spread::kVarianceOfAll>(list, "var_pop");
  AddSpread<Spread::kDeviationOfAll>(list, "stddev_pop");
  AddJoined(list, "text", LogicalType::VARCHAR);
  AddJoined(list, "bytea", LogicalType::BLOB);
  AddPairs<Correlation>(list, "corr");
  AddPairs<CovarianceOfAll>(list, "covar_pop");
  AddPairs<CovarianceOfSample>(list, "covar_samp");
  AddPairs<Slope>(list, "regr_slope");
  AddPairs<Intercept>(list, "regr_intercept");
  AddPairs<Fit>(list, "regr_r2");
  AddPairs<AverageOfX>(list, "regr_avgx");
  AddPairs<AverageOfY>(list, "regr_avgy");
  AddPairs<SumOfX>(list, "regr_sxx");
  AddPairs<SumOfY>(list, "regr_syy");
  AddPairs<SumOfBoth>(list, "regr_sxy");
}

}  // namespace weir::sql::duck
