#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <mutex>

#include "arrow_exchange.h"
#include "metadata.h"
#include "operation.h"
#include "row_out.h"
#include "types/arrow_mapping.h"
#include "types/arrow_rows.h"
#include "types/arrow_status.h"

namespace weir::python {
namespace {

using Batches = std::vector<ScannedBatch>;
using Positions = std::map<TableBucket, int64_t>;
using Clock = std::chrono::steady_clock;

/// A scanned batch that rows are read out of.
struct BatchRows {
  ScannedBatch batch;
  ArrowRowReader reader;
  std::shared_ptr<const RowMaker> maker;
  nb::object bucket;
};

/// One record of a poll; its row becomes a dict when it is first asked for.
class ScanRecord {
 public:
  ScanRecord(std::shared_ptr<BatchRows> rows, int64_t index) : rows_(std::move(rows)), index_(index) {}

  int64_t offset() const { return rows_->batch.offset_of(index_); }
  int64_t timestamp() const { return rows_->batch.timestamp; }
  nb::object bucket() const { return rows_->bucket; }
  nb::object change_type() const {
    return nb::borrow(PyTuple_GET_ITEM(GetHooks().change_types, static_cast<Py_ssize_t>(type())));
  }
  nb::object row() {
    if (!row_.is_valid()) {
      Arena arena;
      std::vector<Datum> datums(rows_->maker->types().size());
      rows_->reader.Read(index_, &arena, datums);
      row_ = rows_->maker->MakeDict(datums);
    }
    return row_;
  }
  ArrowBatch batch() const { return {rows_->batch.rows->Slice(index_, 1)}; }
  nb::object Repr() const {
    return ToPyStr("ScanRecord(offset=" + std::to_string(offset()) + ", timestamp=" + std::to_string(timestamp()) +
                   ", change_type=" + std::string(ChangeTypeShortString(type())) + ")");
  }

 private:
  ChangeType type() const {
    const auto& types = rows_->batch.change_types;
    return types.empty() ? ChangeType::kAppendOnly : types[static_cast<size_t>(index_)];
  }

  std::shared_ptr<BatchRows> rows_;
  int64_t index_;
  nb::object row_;
};

/// (bucket, base_offset, last_offset, timestamp, ArrowBatch)
nb::object BatchToPython(const ScannedBatch& batch) {
  return nb::make_tuple(ToBucket(batch.bucket), batch.base_offset, batch.last_offset, batch.timestamp,
                        nb::cast(ArrowBatch{batch.rows}));
}

nb::object BatchesToPython(const Batches& batches) {
  nb::list list;
  for (const ScannedBatch& batch : batches) list.append(BatchToPython(batch));
  return list;
}

void AppendRecords(const ScannedBatch& batch, const std::shared_ptr<const RowMaker>& maker, nb::handle bucket,
                   nb::list& records) {
  ArrowRowReader reader = Check(ArrowRowReader::Make(batch.rows, maker->types()));
  auto rows = std::make_shared<BatchRows>(BatchRows{batch, std::move(reader), maker, nb::borrow(bucket)});
  for (int64_t i = 0; i < batch.rows->num_rows(); ++i) records.append(nb::cast(ScanRecord(rows, i)));
}

/// [(bucket, [ScanRecord], [ArrowBatch])], buckets in the order of their first batch.
nb::object RecordsToPython(const Batches& batches, const std::shared_ptr<const RowMaker>& maker) {
  struct Group {
    nb::object bucket;
    nb::list records, batches;
  };
  std::vector<std::pair<TableBucket, Group>> groups;
  for (const ScannedBatch& batch : batches) {
    Group* group = nullptr;
    for (auto& [bucket, candidate] : groups) {
      if (bucket == batch.bucket) group = &candidate;
    }
    if (group == nullptr) group = &groups.emplace_back(batch.bucket, Group{ToBucket(batch.bucket), {}, {}}).second;
    AppendRecords(batch, maker, group->bucket, group->records);
    group->batches.append(nb::cast(ArrowBatch{batch.rows}));
  }
  nb::list list;
  for (auto& [bucket, group] : groups) list.append(nb::make_tuple(group.bucket, group.records, group.batches));
  return list;
}

/// Polls of one scanner, one after another in the order of their calls. A long poll is made of short
/// ones, so that a dropped poll ends soon.
class Poller : public std::enable_shared_from_this<Poller> {
 public:
  struct Request {
    Clock::time_point deadline;
    LogScanner::PollLimits limits;
    Promise<Batches> promise;
    std::atomic<bool> abandoned{false};
  };

  explicit Poller(LogScanner scanner) : scanner_(std::move(scanner)) {}
  LogScanner& scanner() { return scanner_; }

  std::shared_ptr<Request> Poll(std::chrono::milliseconds timeout, const LogScanner::PollLimits& limits) {
    auto request = std::make_shared<Request>();
    request->deadline = Clock::now() + timeout;
    request->limits = limits;
    Future<Batches> previous;
    {
      std::lock_guard lock(mutex_);
      previous = std::exchange(last_, request->promise.future());
    }
    auto start = [self = shared_from_this(), request] { self->Step(request); };
    if (previous.valid()) {
      previous.Then([start](const Result<Batches>&) { start(); });
    } else {
      start();
    }
    return request;
  }

 private:
  static constexpr std::chrono::milliseconds kSlice{250};

  void Step(const std::shared_ptr<Request>& request) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(request->deadline - Clock::now());
    const auto slice = std::clamp(left, std::chrono::milliseconds(0), kSlice);
    scanner_.Poll(slice, request->limits)
        .Then([self = shared_from_this(), request, last = left <= kSlice](const Result<Batches>& batches) {
          if (!batches.ok() || !batches->empty() || last || request->abandoned) {
            request->promise.Complete(batches);
          } else {
            self->Step(request);
          }
        });
  }

  LogScanner scanner_;
  std::mutex mutex_;
  Future<Batches> last_;
};

/// A poll under way. Dropped before its result was taken, it gives the data back to the scanner.
class PollOperation : public FutureOperation<Batches> {
 public:
  PollOperation(std::shared_ptr<Poller> poller, std::shared_ptr<Poller::Request> request, Convert convert)
      : FutureOperation(request->promise.future(), std::move(convert)),
        poller_(std::move(poller)),
        request_(std::move(request)),
        generation_(ForkGeneration()) {}

  ~PollOperation() override {
    if (taken_ || generation_ != ForkGeneration()) return;
    request_->abandoned = true;
    future_.Then([poller = poller_](const Result<Batches>& batches) {
      if (batches.ok() && !batches->empty()) poller->scanner().Return(*batches);
    });
  }

  nb::object Take() override {
    nb::object result = FutureOperation::Take();
    taken_ = true;
    return result;
  }

 private:
  std::shared_ptr<Poller> poller_;
  std::shared_ptr<Poller::Request> request_;
  uint32_t generation_;
  bool taken_ = false;
};

using ReaderPtr = std::shared_ptr<arrow::RecordBatchReader>;

struct ReadState {
  std::atomic<int64_t> rows{0};
  std::atomic<bool> abandoned{false};
};

Result<ArrowTable> ReadWhole(const Result<ReaderPtr>& opened, ReadState* state) {
  if (!opened.ok()) return opened.status();
  const ReaderPtr& reader = *opened;
  ArrowTable table{reader->schema(), {}};
  while (!state->abandoned) {
    std::shared_ptr<arrow::RecordBatch> batch;
    WEIR_RETURN_NOT_OK(FromArrow(reader->ReadNext(&batch)));
    if (batch == nullptr) return table;
    state->rows += batch->num_rows();
    if (batch->num_rows() > 0) table.batches.push_back(std::move(batch));
  }
  return Status::Invalid("the read was dropped before it was complete");
}

/// A read of everything that `open` gives, on a background thread. Dropping it stops the reading.
class ReadOperation : public FutureOperation<ArrowTable> {
 public:
  ReadOperation(Reads* reads, std::function<Result<ReaderPtr>()> open, std::shared_ptr<std::mutex> turn = nullptr)
      : ReadOperation(std::move(open), std::move(turn), std::make_shared<ReadState>()) {
    Promise<Unit> over;
    reads->Add(over.future());
    future_.Then([over](const auto&) { over.Complete(Unit{}); });
  }
  ~ReadOperation() override { state_->abandoned = true; }
  int64_t progress() const override { return state_->rows; }

 private:
  ReadOperation(std::function<Result<ReaderPtr>()> open, std::shared_ptr<std::mutex> turn,
                std::shared_ptr<ReadState> state)
      : FutureOperation(Background<ArrowTable>([open = std::move(open), turn = std::move(turn), state] {
                          const auto lock = turn ? std::unique_lock(*turn) : std::unique_lock<std::mutex>();
                          return ReadWhole(open(), state.get());
                        }),
                        [](const ArrowTable& table) { return nb::cast(table); }),
        state_(state) {}

  std::shared_ptr<ReadState> state_;
};

std::shared_ptr<const RowMaker> MakerFor(const arrow::Schema& schema, const Schema& table) {
  std::vector<std::string> names;
  std::vector<DataType> types;
  for (const auto& field : schema.fields()) {
    names.push_back(field->name());
    const int position = table.IndexOf(field->name());
    types.push_back(position >= 0 ? table.column(position).type : Check(FromArrowType(*field->type())));
  }
  return std::make_shared<const RowMaker>(names, std::move(types));
}

class CoreLogScanner {
  /// The last ReadTable(). `turn` is held while one runs, and guards `start`.
  struct LastRead {
    std::mutex turn;
    Positions start;
  };

  /// Calls that change what is subscribed wait for reads that were started before them.
  template <typename F>
  auto AfterReading(F&& change) {
    nb::gil_scoped_release release;
    std::lock_guard lock(last_read_->turn);
    last_read_->start.clear();
    return change();
  }

 public:
  CoreLogScanner(const CoreTable& table, const Table::ScanOptions& options)
      : poller_(std::make_shared<Poller>(
            Check(Unlocked([t = *table.table, &options] { return t.NewLogScanner(options); })))),
        maker_(MakerFor(*scanner().arrow_schema(), scanner().table().info().schema())),
        reads_(table.reads) {}

  LogScanner& scanner() const { return (*poller_)->scanner(); }

  ArrowSchema schema() const { return {scanner().arrow_schema()}; }
  OperationPtr Subscribe(nb::dict offsets) {
    std::map<int32_t, int64_t> values;
    for (auto [bucket, offset] : offsets) values[nb::cast<int32_t>(bucket)] = nb::cast<int64_t>(offset);
    return MakeOperation(AfterReading([&] { return scanner().Subscribe(values); }));
  }
  OperationPtr SubscribePartitions(nb::dict offsets) {
    std::map<std::pair<int64_t, int32_t>, int64_t> values;
    for (auto [key, offset] : offsets) {
      values[{nb::cast<int64_t>(key[0]), nb::cast<int32_t>(key[1])}] = nb::cast<int64_t>(offset);
    }
    return MakeOperation(AfterReading([&] { return scanner().SubscribePartitions(values); }));
  }
  void Unsubscribe(int32_t bucket) {
    Check(AfterReading([&] { return scanner().Unsubscribe(bucket); }));
  }
  void UnsubscribePartition(int64_t partition, int32_t bucket) {
    Check(AfterReading([&] { return scanner().UnsubscribePartition(partition, bucket); }));
  }
  OperationPtr PollRecords(int64_t timeout_ms, int64_t max_records) {
    LogScanner::PollLimits limits;
    limits.max_records = max_records;
    return Poll(timeout_ms, limits, [maker = maker_](const Batches& b) { return RecordsToPython(b, maker); });
  }
  OperationPtr PollBatches(int64_t timeout_ms) {
    LogScanner::PollLimits limits;
    limits.cut_batches = false;
    return Poll(timeout_ms, limits, &BatchesToPython);
  }
  ArrowStream ReadToLatest() {
    return {Check(AfterReading([&] { return scanner().ReadToLatest(); }))};
  }
  /// Reads to the latest offsets. Once all is read, another call reads the same and what is new.
  OperationPtr ReadTable() {
    auto open = [poller = *poller_, last = last_read_]() -> Result<ReaderPtr> {
      const Positions positions = poller->scanner().Positions();
      if (!positions.empty()) {
        last->start = positions;
      } else {
        WEIR_RETURN_NOT_OK(Resubscribe(poller->scanner(), last->start));
      }
      return poller->scanner().ReadToLatest();
    };
    return std::make_unique<ReadOperation>(reads_.get(), std::move(open),
                                           std::shared_ptr<std::mutex>(last_read_, &last_read_->turn));
  }
  nb::object CurrentPositions() const {
    return BucketOffsetsToPython(Unlocked([&] { return scanner().Positions(); }));
  }
  OperationPtr Lag() const {
    return MakeOperation(Unlocked([&] { return scanner().Lag(); }), &BucketOffsetsToPython);
  }
  void Close() {
    Check(Unlocked([&] { return scanner().Close(); }));
  }

 private:
  OperationPtr Poll(int64_t timeout_ms, const LogScanner::PollLimits& limits,
                    FutureOperation<Batches>::Convert convert) {
    const std::shared_ptr<Poller>& poller = *poller_;
    // A day is as good as for ever, and stays clear of the clock's end.
    const std::chrono::milliseconds timeout(std::min<int64_t>(timeout_ms, 86400000));
    auto request = Unlocked([&] { return poller->Poll(timeout, limits); });
    return std::make_unique<PollOperation>(poller, std::move(request), std::move(convert));
  }

  static Status Resubscribe(LogScanner& scanner, const Positions& start) {
    std::map<int32_t, int64_t> buckets;
    std::map<std::pair<int64_t, int32_t>, int64_t> partitions;
    for (const auto& [bucket, offset] : start) {
      if (bucket.partition_id) {
        partitions[{*bucket.partition_id, bucket.bucket_id}] = offset;
      } else {
        buckets[bucket.bucket_id] = offset;
      }
    }
    if (!buckets.empty()) WEIR_RETURN_NOT_OK(scanner.Subscribe(buckets).Wait().status());
    if (!partitions.empty()) WEIR_RETURN_NOT_OK(scanner.SubscribePartitions(partitions).Wait().status());
    return Status::OK();
  }

  Owned<std::shared_ptr<Poller>> poller_;
  std::shared_ptr<const RowMaker> maker_;
  std::shared_ptr<LastRead> last_read_ = std::make_shared<LastRead>();
  ReadsPtr reads_;
};

class CoreBatchScanner {
 public:
  explicit CoreBatchScanner(BatchScanner scanner) : scanner_(std::move(scanner)) {}
  ArrowSchema schema() const { return {scanner_->arrow_schema()}; }
  OperationPtr Next() {
    return MakeOperation(Unlocked([&] { return scanner_->Next(); }), [](const std::optional<ScannedBatch>& batch) {
      return batch ? BatchToPython(*batch) : nb::none();
    });
  }

 private:
  Owned<BatchScanner> scanner_;
};

Table::ScanOptions ToOptions(nb::handle projection, nb::handle filter, bool exact) {
  Table::ScanOptions options;
  options.projection = ToPositions(projection);
  if (!filter.is_none()) options.filter = nb::cast<const CorePredicate&>(filter).value;
  options.exact_filter = exact;
  return options;
}

std::optional<std::vector<int64_t>> ToPartitions(nb::handle sequence) {
  if (sequence.is_none()) return std::nullopt;
  std::vector<int64_t> ids;
  for (nb::handle id : nb::borrow<nb::iterable>(sequence)) ids.push_back(nb::cast<int64_t>(id));
  return ids;
}

CoreBatchScanner LimitScanner(const CoreTable& self, int64_t table_id, nb::handle partition_id, int32_t bucket_id,
                              int32_t limit, nb::handle projection) {
  TableBucket bucket{table_id, std::nullopt, bucket_id};
  if (!partition_id.is_none()) bucket.partition_id = nb::cast<int64_t>(partition_id);
  auto columns = ToPositions(projection);
  return CoreBatchScanner(Check(Unlocked([&, t = *self.table] { return t.NewLimitScanner(bucket, limit, columns); })));
}

void BindTable(nb::module_& m) {
  const auto projection = nb::arg("projection").none(), filter = nb::arg("filter").none(),
             partitions = nb::arg("partitions").none();
  const auto exact = nb::arg("exact");
  nb::class_<CoreTable>(m, "Table")
      .def("info", [](const CoreTable& self) { return self.table->info(); })
      .def_prop_ro("arrow_schema", [](const CoreTable& self) { return ArrowSchema{self.table->arrow_schema()}; })
      .def("log_scanner",
           [](const CoreTable& self, nb::handle p, nb::handle f, bool e) {
             return std::make_unique<CoreLogScanner>(self, ToOptions(p, f, e));
           },
           projection, filter, exact)
      .def("limit_scanner", &LimitScanner, nb::arg("table_id"), nb::arg("partition_id").none(), nb::arg("bucket_id"),
           nb::arg("limit"), projection)
      .def("read_stream",
           [](const CoreTable& self, nb::handle p, nb::handle f, bool e, nb::handle ids) {
             const auto options = ToOptions(p, f, e);
             auto partition_ids = ToPartitions(ids);
             return ArrowStream{Check(Unlocked([&, t = *self.table] { return t.ReadAll(options, partition_ids); }))};
           },
           projection, filter, exact, partitions)
      .def("read_table",
           [](const CoreTable& self, nb::handle p, nb::handle f, bool e, nb::handle ids) -> OperationPtr {
             return std::make_unique<ReadOperation>(
                 self.reads.get(), [t = *self.table, options = ToOptions(p, f, e), partition_ids = ToPartitions(ids)] {
                   return t.ReadAll(options, partition_ids);
                 });
           },
           projection, filter, exact, partitions);
}

}  // namespace

void BindScans(nb::module_& m) {
  BindTable(m);
  Seal(nb::class_<ScanRecord>(m, "ScanRecord",
                              "A row of a log, with its place, its time and what it says of the row.\n\n"
                              ">>> scanner = await orders.new_scan().create_log_scanner()\n"
                              ">>> await scanner.subscribe_all()\n"
                              ">>> record = (await scanner.poll(1000))[0]\n"
                              ">>> record.offset, str(record.change_type), record.row\n"
                              "(0, '+A', {'id': 1, 'region': 'EU', 'amount': 10.0})\n")
      .def_prop_ro("offset", &ScanRecord::offset)
      .def_prop_ro("timestamp", &ScanRecord::timestamp)
      .def_prop_ro("change_type", &ScanRecord::change_type)
      .def_prop_ro("row", &ScanRecord::row)
      .def_prop_ro("bucket", &ScanRecord::bucket)
      .def_prop_ro("_batch", &ScanRecord::batch)
      .def("__repr__", &ScanRecord::Repr));
  nb::class_<CoreLogScanner>(m, "LogScanner")
      .def_prop_ro("schema", &CoreLogScanner::schema)
      .def("subscribe", &CoreLogScanner::Subscribe, nb::arg("offsets"))
      .def("subscribe_partitions", &CoreLogScanner::SubscribePartitions, nb::arg("offsets"))
      .def("unsubscribe", &CoreLogScanner::Unsubscribe, nb::arg("bucket_id"))
      .def("unsubscribe_partition", &CoreLogScanner::UnsubscribePartition, nb::arg("partition_id"),
           nb::arg("bucket_id"))
      .def("poll_records", &CoreLogScanner::PollRecords, nb::arg("timeout_ms"), nb::arg("max_records"))
      .def("poll_batches", &CoreLogScanner::PollBatches, nb::arg("timeout_ms"))
      .def("read_to_latest", &CoreLogScanner::ReadToLatest)
      .def("read_table", &CoreLogScanner::ReadTable)
      .def("positions", &CoreLogScanner::CurrentPositions)
      .def("lag", &CoreLogScanner::Lag)
      .def("close", &CoreLogScanner::Close);
  nb::class_<CoreBatchScanner>(m, "BatchScanner")
      .def_prop_ro("schema", &CoreBatchScanner::schema)
      .def("next", &CoreBatchScanner::Next);
}

}  // namespace weir::python
