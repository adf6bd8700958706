#include "access/store.h"

#include <atomic>

#include "access/records.h"
#include "client/connection_impl.h"
#include "client/system_table.h"
#include "gateway/per_database.h"
#include "postgres/error.h"
#include "types/mutex.h"

namespace weir::access {
namespace {

constexpr const char* kTable = "access";
/// All rows are in one bucket, to be read by one prefix.
constexpr const char* kPart = "all";
enum Columns { kPartColumn, kKindColumn, kKeyColumn, kDefinitionColumn, kNumColumns };

Result<TableDescriptor> Describe() {
  TableDescriptor descriptor;
  WEIR_ASSIGN_OR_RETURN(descriptor.schema, Schema::Make({{"part", DataType::String()},
                                                         {"kind", DataType::String()},
                                                         {"key", DataType::String()},
                                                         {"definition", DataType::String()}},
                                                        {"part", "kind", "key"}));
  descriptor.bucket_keys = {"part"};
  descriptor.bucket_count = 1;
  descriptor.properties["table.log.arrow.compression.type"] = "NONE";  // small writes, which are waited for
  descriptor.comment = "roles and what they may do";
  return descriptor;
}

std::vector<Datum> RowOf(const Records::value_type& record) {
  std::vector<Datum> row(kNumColumns);
  row[kPartColumn] = Datum::Bytes(kPart);
  row[kKindColumn] = Datum::Bytes(record.first.first);
  row[kKeyColumn] = Datum::Bytes(record.first.second);
  row[kDefinitionColumn] = Datum::Bytes(record.second);
  return row;
}

Records::value_type RecordOf(RowView row) {
  return {{std::string(row[kKindColumn].as_bytes()), std::string(row[kKeyColumn].as_bytes())},
          std::string(row[kDefinitionColumn].as_bytes())};
}

/// What `changed` has that `base` has not, or has otherwise; an empty definition for what it has no more.
Records Difference(const Records& base, const Records& changed) {
  Records difference;
  for (const auto& [name, definition] : changed) {
    const auto before = base.find(name);
    if (before == base.end() || before->second != definition) difference[name] = definition;
  }
  for (const auto& [name, definition] : base) {
    if (!changed.contains(name)) difference[name] = "";
  }
  return difference;
}

std::string DefinitionOf(const Records& records, const Records::key_type& name) {
  const auto found = records.find(name);
  return found == records.end() ? "" : found->second;
}

class StoreImpl final : public Store {
 public:
  explicit StoreImpl(std::shared_ptr<Gateway> gateway)
      : gateway_(std::move(gateway)), connection_(MakeConnection(Config(), gateway_)) {}

  /// At first, and wherever others may have changed something.
  Status Load() {
    Records records;
    WEIR_ASSIGN_OR_RETURN(table_, OpenSystemTable(connection_, kTable));
    State state = State::BuiltIn();
    if (table_ != nullptr) {
      std::vector<Datum> key(kNumColumns);
      key[kPartColumn] = Datum::Bytes(kPart);
      WEIR_ASSIGN_OR_RETURN(const auto values, LookUpPrefix(*table_, key));
      WEIR_ASSIGN_OR_RETURN(const auto rows, DecodeRows(*table_, values, RecordOf));
      records.insert(rows.begin(), rows.end());
      WEIR_ASSIGN_OR_RETURN(state, FromRecords(records));
    }
    MutexLock lock(mutex_);
    if (current_ && records == records_) return Status::OK();  // who holds a plan against it need not make another
    records_ = std::move(records);
    current_ = std::make_shared<const State>(std::move(state));
    return Status::OK();
  }

  Status Refresh() override {
    if (gateway_->is_embedded()) return Status::OK();
    MutexLock one_at_a_time(commit_mutex_);
    return Load();
  }

  Status Follow(int64_t changes) override {
    if (followed_ == changes) return Status::OK();
    WEIR_RETURN_NOT_OK(Refresh());
    followed_ = changes;
    return Status::OK();
  }

  StatePtr current() const override {
    MutexLock lock(mutex_);
    return current_;
  }

  Status Commit(const State& base, const State& changed, CommitRequest request, const Write& write) override {
    MutexLock one_at_a_time(commit_mutex_);
    const Records before = ToRecords(base);
    const Records difference = Difference(before, ToRecords(changed));
    if (difference.empty()) return write(std::move(request));
    Records records = records_;
    for (const auto& [name, definition] : difference) {
      if (DefinitionOf(records, name) != DefinitionOf(before, name)) {
        return postgres::Error("40001", "could not serialize access due to concurrent changes of roles or privileges");
      }
      if (definition.empty()) records.erase(name);
      else records[name] = definition;
    }
    WEIR_ASSIGN_OR_RETURN(State state, FromRecords(records));
    WEIR_ASSIGN_OR_RETURN(PutKvRequest rows, Encode(difference));
    request.kv.push_back(std::move(rows));
    if (const Status written = write(std::move(request)); !written.ok()) {
      // It may have been written all the same.
      if (written.code() == ErrorCode::kUnknownServerError) (void)Load();
      return written;
    }
    records_ = std::move(records);
    MutexLock lock(mutex_);
    current_ = std::make_shared<const State>(std::move(state));
    return Status::OK();
  }

  Status Change(const std::function<Status(State*)>& change) override {
    const auto write = [&](CommitRequest request) {
      for (PutKvRequest& rows : request.kv) WEIR_RETURN_NOT_OK(Put(*gateway_, std::move(rows)));
      return Status::OK();
    };
    constexpr int kAttempts = 10;
    for (int attempt = 1;; ++attempt) {
      const StatePtr base = current();
      State changed = *base;
      WEIR_RETURN_NOT_OK(change(&changed));
      const Status status = Commit(*base, changed, {}, write);
      if (status.ok() || attempt == kAttempts || postgres::FieldsOf(status).sqlstate != "40001") return status;
    }
  }

  Status Close() override { return gateway_->Close(); }

 private:
  Result<PutKvRequest> Encode(const Records& difference) {
    if (table_ == nullptr) WEIR_RETURN_NOT_OK(MakeTable());
    SystemTableChanges changes(*table_);
    for (const auto& record : difference) {
      const std::vector<Datum> row = RowOf(record);
      WEIR_RETURN_NOT_OK(record.second.empty() ? changes.Remove(row) : changes.Put(row));
    }
    return changes.Finish();
  }

  Status MakeTable() {
    WEIR_ASSIGN_OR_RETURN(const TableDescriptor descriptor, Describe());
    WEIR_RETURN_NOT_OK(CreateSystemTables(*gateway_, {{{kSystemDatabase, kTable}, descriptor}}));
    WEIR_ASSIGN_OR_RETURN(table_, OpenSystemTable(connection_, kTable));
    return table_ != nullptr ? Status::OK() : postgres::Error("XX000", "weir.access is not there");
  }

  const std::shared_ptr<Gateway> gateway_;
  const Connection connection_;
  Mutex commit_mutex_;  // taken first
  SystemTablePtr table_;     // null: nothing was changed yet
  Records records_;          // as committed
  std::atomic<int64_t> followed_{0};  // Follow's changes
  mutable Mutex mutex_;
  StatePtr current_ WEIR_GUARDED_BY(mutex_);
};

Result<std::shared_ptr<Store>> Load(std::shared_ptr<Gateway> gateway) {
  auto store = std::make_shared<StoreImpl>(std::move(gateway));
  WEIR_RETURN_NOT_OK(store->Load());
  return std::shared_ptr<Store>(std::move(store));
}

}  // namespace

Result<std::shared_ptr<Store>> Store::Open(const std::shared_ptr<Gateway>& gateway) {
  static auto* stores = new PerDatabase<Store>;  // never destroyed: sessions may outlive main
  return stores->Get(gateway, Load);
}

}  // namespace weir::access
