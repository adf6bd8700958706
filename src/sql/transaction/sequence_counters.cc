#include "sql/transaction/sequence_counters.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr const char* kSequences = "sequences";
constexpr int64_t kValuesAhead = 32;

enum SequenceColumn { kCounter, kLastValue, kIsCalled, kNumSequenceColumns };
using Row = std::vector<Datum>;

Result<TableDescriptor> DescribeSequences() {
  TableDescriptor descriptor;
  WEIR_ASSIGN_OR_RETURN(descriptor.schema, Schema::Make({{"counter", DataType::BigInt()},
                                                         {"last_value", DataType::BigInt()},
                                                         {"is_called", DataType::Boolean()}},
                                                        {"counter"}));
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

}  // namespace

SequenceCounters::~SequenceCounters() {
  for (const auto& [number, counter] : counters_) {
    // What fails here leaves a gap.
    if (counter->state.values_ahead > 0) (void)Write(number, counter->state.last_value, counter->state.is_called);
  }
}

Result<int64_t> SequenceCounters::Next(const Sequence& sequence, const std::string& name, int64_t wanted) {
  const auto counter = CounterOf(sequence.counter);
  MutexLock lock(counter->mutex);
  WEIR_RETURN_NOT_OK(Load(sequence, counter.get()));
  SequenceState& state = counter->state;
  WEIR_ASSIGN_OR_RETURN(const int64_t value, NextValue(sequence, name, state));
  if (state.values_ahead > 0) {
    --state.values_ahead;
  } else {
    const auto most = static_cast<uint64_t>(std::max({kValuesAhead, sequence.cache, wanted - 1}));
    const auto ahead = static_cast<int64_t>(std::min(most, StepsFrom(sequence, value)));
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
  WEIR_RETURN_NOT_OK(Write(sequence.counter, value, is_called));
  counter->state = {value, is_called, 0};
  counter->loaded = true;
  return Status::OK();
}

Result<SequenceState> SequenceCounters::Read(const Sequence& sequence) {
  const auto counter = CounterOf(sequence.counter);
  MutexLock lock(counter->mutex);
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
  WEIR_ASSIGN_OR_RETURN(made.descriptor, DescribeSequences());
  WEIR_RETURN_NOT_OK(CreateSystemTables(connection_.gateway(), {made}));
  WEIR_ASSIGN_OR_RETURN(table, Find());
  if (table == nullptr) return Error("XX000", "the table of sequences cannot be opened");
  return table;
}

}  // namespace weir::sql
