#include "sql/transaction/sequence_counters.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sql/error.h"
#include "sql/transaction/shared_row.h"

namespace weir::sql {
namespace {

constexpr const char* kSequences = "sequences";
constexpr int64_t kValuesAhead = 32;

enum SequenceColumn { kCounter, kLastValue, kIsCalled, kNumSequenceColumns, kTimesSet = kNumSequenceColumns };
using Row = std::vector<Datum>;

Result<TableDescriptor> DescribeSequences(bool shared) {
  TableDescriptor descriptor;
  std::vector<Column> columns = {{"counter", DataType::BigInt()},
                                 {"last_value", DataType::BigInt()},
                                 {"is_called", DataType::Boolean()}};
  if (shared) columns.push_back({"times_set", DataType::BigInt()});
  WEIR_ASSIGN_OR_RETURN(descriptor.schema, Schema::Make(std::move(columns), {"counter"}));
  descriptor.bucket_count = 1;
  descriptor.properties["table.log.arrow.compression.type"] = "NONE";  // small writes, which are waited for
  descriptor.comment = "where SQL's sequences stand, by their counters";
  return descriptor;
}

Row KeyOf(int64_t counter) {
  Row row(kNumSequenceColumns);
  row[kCounter] = Datum::Int(counter);
  return row;
}

/// How many steps of the increment there are from a value to the sequence's end.
uint64_t StepsFrom(const Sequence& sequence, int64_t value) {
  if (sequence.increment > 0) {
    if (value >= sequence.max_value) return 0;
    return (static_cast<uint64_t>(sequence.max_value) - static_cast<uint64_t>(value)) /
           static_cast<uint64_t>(sequence.increment);
  }
  if (value <= sequence.min_value) return 0;
  return (static_cast<uint64_t>(value) - static_cast<uint64_t>(sequence.min_value)) /
         (uint64_t{0} - static_cast<uint64_t>(sequence.increment));
}

int64_t After(const Sequence& sequence, int64_t value, int64_t steps) {
  return static_cast<int64_t>(static_cast<uint64_t>(value) +
                              static_cast<uint64_t>(sequence.increment) * static_cast<uint64_t>(steps));
}

Result<int64_t> NextValue(const Sequence& sequence, const std::string& name, const SequenceState& state) {
  if (!state.is_called) return state.last_value;
  if (StepsFrom(sequence, state.last_value) > 0) return After(sequence, state.last_value, 1);
  const bool up = sequence.increment > 0;
  if (sequence.cycle) return up ? sequence.min_value : sequence.max_value;
  const int64_t end = up ? sequence.max_value : sequence.min_value;
  return Error("2200H", fmt::format("nextval: reached {} value of sequence \"{}\" ({})", up ? "maximum" : "minimum",
                                    name, end));
}

/// How many values behind `value` go on the write that takes it.
int64_t ValuesAhead(const Sequence& sequence, int64_t value, int64_t wanted) {
  const auto most = static_cast<uint64_t>(std::max({kValuesAhead, sequence.cache, wanted - 1}));
  return static_cast<int64_t>(std::min(most, StepsFrom(sequence, value)));
}

SequenceState StateOf(const Sequence& sequence, const std::optional<Row>& row) {
  if (!row) return {sequence.first_value, sequence.first_is_called, 0};
  return {(*row)[kLastValue].as_int(), (*row)[kIsCalled].as_bool(), 0};
}

int64_t TimesSet(const std::optional<Row>& row) { return row ? (*row)[kTimesSet].as_int() : 0; }

Row SharedRow(int64_t counter, int64_t last_value, bool is_called, int64_t times_set) {
  return {Datum::Int(counter), Datum::Int(last_value), Datum::Bool(is_called), Datum::Int(times_set)};
}

/// The row of a counter in a table of shared ones, as it is now.
Result<std::optional<Row>> LookUpShared(const SystemTablePtr& table, int64_t counter) {
  if (table == nullptr) return std::optional<Row>();
  WEIR_ASSIGN_OR_RETURN(const auto values, LookUp(*table, KeyOf(counter)));
  WEIR_ASSIGN_OR_RETURN(const auto rows, DecodeRows(*table, values, [&](RowView row) {
                          return SharedRow(counter, row[kLastValue].as_int(), row[kIsCalled].as_bool(),
                                           row[kTimesSet].as_int());
                        }));
  return rows.empty() ? std::optional<Row>() : std::optional<Row>(rows.front());
}

}  // namespace

SequenceCounters::~SequenceCounters() {
  for (const auto& [number, counter] : counters_) {
    MutexLock lock(counter->mutex);
    if (counter->state.values_ahead == 0) continue;
    // What fails here leaves a gap.
    if (is_shared()) {
      GiveBack(number, counter.get());
    } else {
      (void)Write(number, counter->state.last_value, counter->state.is_called);
    }
  }
}

bool SequenceCounters::is_shared() const { return !connection_.gateway().is_embedded(); }

Status SequenceCounters::Meet(const Sequence& sequence) {
  if (!is_shared()) return Status::OK();
  const auto counter = CounterOf(sequence.counter);
  MutexLock lock(counter->mutex);
  if (!counter->loaded) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const SystemTablePtr table, Find());
  WEIR_ASSIGN_OR_RETURN(const auto row, LookUpShared(table, sequence.counter));
  if (TimesSet(row) != counter->times_set) counter->loaded = false;
  return Status::OK();
}

Status SequenceCounters::Reserve(const Sequence& sequence, const std::string& name, int64_t wanted, Counter* counter) {
  WEIR_ASSIGN_OR_RETURN(const SystemTablePtr table, FindOrCreate());
  SequenceState taken;
  int64_t times_set = 0;
  int64_t written = 0;
  WEIR_RETURN_NOT_OK(SharedRows(table).Apply(
      sequence.counter, [&](const std::optional<Row>& before) -> Result<std::optional<Row>> {
        WEIR_ASSIGN_OR_RETURN(const int64_t value, NextValue(sequence, name, StateOf(sequence, before)));
        taken = {value, true, ValuesAhead(sequence, value, wanted)};
        times_set = TimesSet(before);
        written = After(sequence, value, taken.values_ahead);
        return std::optional(SharedRow(sequence.counter, written, true, times_set));
      }));
  counter->state = taken;
  counter->times_set = times_set;
  counter->written = written;
  counter->loaded = true;
  return Status::OK();
}

Status SequenceCounters::SetShared(const Sequence& sequence, int64_t value, bool is_called, Counter* counter) {
  WEIR_ASSIGN_OR_RETURN(const SystemTablePtr table, FindOrCreate());
  counter->loaded = false;
  return SharedRows(table).Apply(
      sequence.counter, [&](const std::optional<Row>& before) -> Result<std::optional<Row>> {
        return std::optional(SharedRow(sequence.counter, value, is_called, TimesSet(before) + 1));
      });
}

/// Of values that others have taken it is not known which they have handed out: they count as if they had.
Result<SequenceState> SequenceCounters::ReadShared(const Sequence& sequence, Counter* counter) {
  WEIR_ASSIGN_OR_RETURN(const SystemTablePtr table, Find());
  WEIR_ASSIGN_OR_RETURN(const auto row, LookUpShared(table, sequence.counter));
  const SequenceState state = StateOf(sequence, row);
  const bool own = counter->loaded && row && TimesSet(row) == counter->times_set &&
                   state.last_value == counter->written;
  return own ? counter->state : state;
}

/// Unless another server has gone on from there.
void SequenceCounters::GiveBack(int64_t number, Counter* counter) {
  const auto table = Find();
  if (!table.ok() || *table == nullptr) return;
  (void)SharedRows(*table).Apply(number, [&](const std::optional<Row>& before) WEIR_REQUIRES(counter->mutex)
                                             -> Result<std::optional<Row>> {
    const bool own = before && TimesSet(before) == counter->times_set &&
                     (*before)[kLastValue].as_int() == counter->written;
    if (!own) return before;
    return std::optional(SharedRow(number, counter->state.last_value, true, counter->times_set));
  });
}

Result<int64_t> SequenceCounters::Next(const Sequence& sequence, const std::string& name, int64_t wanted) {
  const auto counter = CounterOf(sequence.counter);
  MutexLock lock(counter->mutex);
  SequenceState& state = counter->state;
  if (is_shared() && (!counter->loaded || state.values_ahead == 0)) {
    WEIR_RETURN_NOT_OK(Reserve(sequence, name, wanted, counter.get()));
    return state.last_value;
  }
  WEIR_RETURN_NOT_OK(Load(sequence, counter.get()));
  WEIR_ASSIGN_OR_RETURN(const int64_t value, NextValue(sequence, name, state));
  if (state.values_ahead > 0) {
    --state.values_ahead;
  } else {
    const int64_t ahead = ValuesAhead(sequence, value, wanted);
    WEIR_RETURN_NOT_OK(Write(sequence.counter, After(sequence, value, ahead), true));
    state.values_ahead = ahead;
  }
  state.last_value = value;
  state.is_called = true;
  return value;
}

Status SequenceCounters::Set(const Sequence& sequence, const std::string& name, int64_t value, bool is_called) {
  if (value < sequence.min_value || value > sequence.max_value) {
    return Error("22003", fmt::format("setval: value {} is out of bounds for sequence \"{}\" ({}..{})", value, name,
                                      sequence.min_value, sequence.max_value));
  }
  const auto counter = CounterOf(sequence.counter);
  MutexLock lock(counter->mutex);
  if (is_shared()) return SetShared(sequence, value, is_called, counter.get());
  WEIR_RETURN_NOT_OK(Write(sequence.counter, value, is_called));
  counter->state = {value, is_called, 0};
  counter->loaded = true;
  return Status::OK();
}

Result<SequenceState> SequenceCounters::Read(const Sequence& sequence) {
  const auto counter = CounterOf(sequence.counter);
  MutexLock lock(counter->mutex);
  if (is_shared()) return ReadShared(sequence, counter.get());
  WEIR_RETURN_NOT_OK(Load(sequence, counter.get()));
  return counter->state;
}

Status SequenceCounters::Forget(int64_t number) {
  {
    MutexLock lock(mutex_);
    counters_.erase(number);
  }
  WEIR_ASSIGN_OR_RETURN(const SystemTablePtr table, Find());
  if (table == nullptr) return Status::OK();
  if (is_shared()) {
    return SharedRows(table).Apply(number, [](const std::optional<Row>&) { return std::optional<Row>(); });
  }
  SystemTableChanges changes(*table);
  WEIR_RETURN_NOT_OK(changes.Remove(KeyOf(number)));
  return Put(connection_.gateway(), changes.Finish());
}

std::shared_ptr<SequenceCounters::Counter> SequenceCounters::CounterOf(int64_t number) {
  MutexLock lock(mutex_);
  auto& counter = counters_[number];
  if (counter == nullptr) counter = std::make_shared<Counter>();
  return counter;
}

Status SequenceCounters::Load(const Sequence& sequence, Counter* counter) {
  if (counter->loaded) return Status::OK();
  SequenceState state{sequence.first_value, sequence.first_is_called, 0};
  WEIR_ASSIGN_OR_RETURN(const SystemTablePtr table, Find());
  if (table != nullptr) {
    WEIR_ASSIGN_OR_RETURN(const auto values, LookUp(*table, KeyOf(sequence.counter)));
    WEIR_ASSIGN_OR_RETURN(const auto rows, DecodeRows(*table, values, [](RowView row) {
                            return SequenceState{row[kLastValue].as_int(), row[kIsCalled].as_bool(), 0};
                          }));
    if (!rows.empty()) state = rows.front();
  }
  counter->state = state;
  counter->loaded = true;
  return Status::OK();
}

Status SequenceCounters::Write(int64_t number, int64_t last_value, bool is_called) {
  WEIR_ASSIGN_OR_RETURN(const SystemTablePtr table, FindOrCreate());
  Row row = KeyOf(number);
  row[kLastValue] = Datum::Int(last_value);
  row[kIsCalled] = Datum::Bool(is_called);
  SystemTableChanges changes(*table);
  WEIR_RETURN_NOT_OK(changes.Put(row));
  return Put(connection_.gateway(), changes.Finish());
}

Result<SystemTablePtr> SequenceCounters::Find() {
  MutexLock lock(mutex_);
  if (table_ == nullptr) {
    WEIR_ASSIGN_OR_RETURN(table_, OpenSystemTable(connection_, kSequences));
  }
  return table_;
}

Result<SystemTablePtr> SequenceCounters::FindOrCreate() {
  WEIR_ASSIGN_OR_RETURN(SystemTablePtr table, Find());
  if (table != nullptr) return table;
  NewTable made{{kSystemDatabase, kSequences}, {}};
  WEIR_ASSIGN_OR_RETURN(made.descriptor, DescribeSequences(is_shared()));
  WEIR_RETURN_NOT_OK(CreateSystemTables(connection_.gateway(), {made}));
  WEIR_ASSIGN_OR_RETURN(table, Find());
  if (table == nullptr) return Error("XX000", "the table of sequences cannot be opened");
  return table;
}

}  // namespace weir::sql
