#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

#include "client/connection_impl.h"
#include "client/table_impl.h"
#include "model/table_rules.h"
#include "types/mutex.h"

namespace weir {
namespace {

using TablePtr = std::shared_ptr<const Table::Impl>;

/// A row whose bytes and nested values live as long as it does.
struct RowMemory {
  std::string value;
  Arena arena;
};

Result<OwnedRow> OwnRow(const Table::Impl& table, std::string value) {
  auto memory = std::make_shared<RowMemory>();
  memory->value = std::move(value);
  WEIR_ASSIGN_OR_RETURN(const RowView row, DecodeValue(table, memory->value, &memory->arena));
  return OwnedRow{std::move(memory), row};
}

int32_t SchemaIdOf(std::string_view value) {
  const Result<StoredValue> stored = ParseStoredValue(value);
  return stored.ok() ? stored->schema_id : -1;
}

void AddUnknownSchema(const Table::Impl& table, std::string_view value, std::vector<int32_t>* ids) {
  const int32_t id = SchemaIdOf(value);
  if (id >= 0 && table.schemas->Find(id) == nullptr) ids->push_back(id);
}

/// The partition of a key, or nothing when there is none of that name.
Future<std::optional<int64_t>> FindPartition(const TablePtr& table, RowView row) {
  using Found = std::optional<int64_t>;
  const Result<std::string> name = table->PartitionOf(row);
  if (!name.ok()) return Future<Found>::Ready(name.status());
  Promise<Found> promise;
  table->connection.gateway().GetPartition(table->info.path, *name).Then([promise](const Result<PartitionInfo>& info) {
    if (info.ok()) return promise.Complete(Found(info->partition_id));
    if (info.status().code() == ErrorCode::kPartitionNotExists) return promise.Complete(Found());
    promise.Complete(info.status());
  });
  return promise.future();
}

struct EncodedLookup {
  std::string key;
  int32_t bucket = 0;
  int32_t other_bucket = 0;  // as the other kind of client computes it
};

/// What clients of another kind than `hash` is for take in its place.
BucketHash OtherHash(BucketHash hash) {
  switch (hash) {
    case BucketHash::kFluss: return BucketHash::kPyfluss;
    case BucketHash::kPyfluss: return BucketHash::kFluss;
    case BucketHash::kPaimon:
    case BucketHash::kIceberg:
    case BucketHash::kHudi: break;
  }
  return hash;
}

Status CheckCount(const char* what, size_t given, size_t wanted) {
  if (given == wanted) return Status::OK();
  return Status::Invalid(fmt::format("the {} has {} values, it must have {}", what, given, wanted));
}

}  // namespace

struct Lookuper::Impl {
  Table table;
  TablePtr t;
  std::vector<int> key_columns;

  Result<EncodedLookup> Encode(RowView row) const {
    EncodedLookup lookup;
    WEIR_RETURN_NOT_OK(EncodeKey(t->layout.primary_key_encoding, t->types, t->layout.primary_key, row, &lookup.key));
    std::string bucket_key;
    if (!t->layout.bucket_key_is_primary_key) {
      WEIR_RETURN_NOT_OK(EncodeKey(t->layout.bucket_key_encoding, t->types, t->layout.bucket_key, row, &bucket_key));
    }
    const std::string& hashed = t->layout.bucket_key_is_primary_key ? lookup.key : bucket_key;
    WEIR_ASSIGN_OR_RETURN(lookup.bucket, BucketOf(t->layout.bucket_hash, hashed, t->info.num_buckets()));
    WEIR_ASSIGN_OR_RETURN(lookup.other_bucket,
                          BucketOf(OtherHash(t->layout.bucket_hash), hashed, t->info.num_buckets()));
    return lookup;
  }
};

namespace {

using Rows = std::vector<std::optional<OwnedRow>>;

/// Lookups of many keys: one request for all of them, once the partitions are known.
struct ManyLookups {
  using Buckets =
      std::map<TableBucket, std::pair<std::vector<std::string>, std::vector<size_t>>>;  // keys and their places

  TablePtr table;
  Buckets buckets;
  /// Where clients of another kind have put rows with these keys, if that is elsewhere. Weir's own servers see to it
  /// that every row is where its key belongs; Apache Fluss's do not.
  Buckets others;
  bool looks_elsewhere = false;  // this is the second look
  Rows rows;
  Promise<Rows> promise;
};

void SendLookups(const std::shared_ptr<ManyLookups>& lookups);

void WarnOfOtherHash(const Table::Impl& table) {
  static Mutex mutex;
  static std::set<int64_t> warned;
  {
    MutexLock lock(mutex);
    if (!warned.insert(table.info.table_id).second) return;
  }
  const bool pyfluss = table.layout.bucket_hash == BucketHash::kPyfluss;
  spdlog::warn(
      "table '{}' of {} has rows in buckets that {} hashes their keys to: clients of the other kind do not find "
      "them, and write them a second time. With the option bucket.hash={} (or the table's custom property of "
      "that name, set when it is made) this client works as the one that wrote them",
      table.name(), table.connection.gateway().target(), pyfluss ? "the Java client" : "pyfluss 1.0.0",
      pyfluss ? kJavaBucketHash : kPyflussBucketHash);
}

/// Whether keys that were not found are now looked up where another kind of client would have put them.
bool LooksElsewhere(const std::shared_ptr<ManyLookups>& lookups) {
  if (lookups->looks_elsewhere || lookups->others.empty()) return false;
  lookups->looks_elsewhere = true;
  lookups->buckets.clear();
  for (const auto& [bucket, keys] : lookups->others) {
    for (size_t i = 0; i < keys.second.size(); ++i) {
      if (lookups->rows[keys.second[i]]) continue;
      auto& [wanted, places] = lookups->buckets[bucket];
      wanted.push_back(keys.first[i]);
      places.push_back(keys.second[i]);
    }
  }
  return !lookups->buckets.empty();
}

void Decode(const std::shared_ptr<ManyLookups>& lookups, std::vector<LookedUpBucket> answers) {
  for (LookedUpBucket& answer : answers) {
    const std::vector<size_t>& places = lookups->buckets[answer.bucket].second;
    for (size_t i = 0; i < answer.values.size() && i < places.size(); ++i) {
      if (!answer.values[i]) continue;
      Result<OwnedRow> row = OwnRow(*lookups->table, std::move(*answer.values[i]));
      if (!row.ok()) return lookups->promise.Complete(row.status());
      if (lookups->looks_elsewhere) WarnOfOtherHash(*lookups->table);
      lookups->rows[places[i]] = std::move(*row);
    }
  }
  if (LooksElsewhere(lookups)) return SendLookups(lookups);
  lookups->promise.Complete(std::move(lookups->rows));
}

void SendLookups(const std::shared_ptr<ManyLookups>& lookups) {
  LookupRequest request;
  request.table_id = lookups->table->info.table_id;
  for (const auto& [bucket, keys] : lookups->buckets) request.buckets.push_back({bucket, keys.first});
  if (request.buckets.empty()) return lookups->promise.Complete(std::move(lookups->rows));
  lookups->table->connection.gateway().Lookup(std::move(request)).Then([lookups](const auto& result) {
    if (!result.ok()) return lookups->promise.Complete(result.status());
    std::vector<int32_t> unknown;
    for (const LookedUpBucket& answer : *result) {
      const bool gone = answer.status.code() == ErrorCode::kUnknownTableOrBucket && answer.bucket.partition_id;
      if (!answer.status.ok() && !gone) return lookups->promise.Complete(answer.status);
      for (const auto& value : answer.values) {
        if (value) AddUnknownSchema(*lookups->table, *value, &unknown);
      }
    }
    LoadSchemas(lookups->table, std::move(unknown)).Then([lookups, answers = *result](const Result<Unit>& loaded) {
      if (!loaded.ok()) return lookups->promise.Complete(loaded.status());
      Decode(lookups, answers);
    });
  });
}

/// Calls `done` when `left` partitions were found out.
struct PartitionCountdown {
  explicit PartitionCountdown(size_t partitions) : left(partitions) {}

  Mutex mutex;
  size_t left WEIR_GUARDED_BY(mutex);
  Status failed WEIR_GUARDED_BY(mutex);
};

}  // namespace

Result<Lookuper> Table::NewLookuper() const {
  WEIR_RETURN_NOT_OK(impl_->connection.impl()->CheckOpen());
  const Schema& schema = impl_->info.schema();
  if (!schema.has_primary_key()) {
    return Status::Invalid(
        fmt::format("Lookup is only supported for primary key tables; table '{}' has no primary key", impl_->name()));
  }
  WEIR_ASSIGN_OR_RETURN(std::vector<int> columns, schema.IndexesOf(schema.primary_key()));
  return Lookuper(std::make_shared<Lookuper::Impl>(Lookuper::Impl{*this, impl_, std::move(columns)}));
}

Future<std::vector<std::optional<OwnedRow>>> Lookuper::LookupMany(std::span<const RowView> keys) {
  const TablePtr& t = impl_->t;
  if (Status open = t->connection.impl()->CheckOpen(); !open.ok()) return Future<Rows>::Ready(open);
  auto lookups = std::make_shared<ManyLookups>();
  lookups->table = t;
  lookups->rows.resize(keys.size());
  struct Wanted {
    RowView row;
    std::vector<std::pair<size_t, EncodedLookup>> keys;
    std::vector<Datum> values;
  };
  std::map<std::string, Wanted> by_partition;
  std::vector<Datum> row(t->types.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (Status count = CheckCount("key", keys[i].size(), impl_->key_columns.size()); !count.ok()) {
      return Future<Rows>::Ready(count);
    }
    for (size_t k = 0; k < keys[i].size(); ++k) row[impl_->key_columns[k]] = keys[i][k];
    Result<EncodedLookup> encoded = impl_->Encode(row);
    if (!encoded.ok()) return Future<Rows>::Ready(encoded.status());
    const Result<std::string> partition = t->PartitionOf(row);
    if (!partition.ok()) return Future<Rows>::Ready(partition.status());
    Wanted& wanted = by_partition[*partition];
    if (wanted.keys.empty()) wanted.values = row;
    wanted.keys.emplace_back(i, std::move(*encoded));
  }
  const Gateway& gateway = t->connection.gateway();
  const bool may_be_elsewhere = !gateway.is_embedded() && !gateway.is_weir_server();
  const auto add = [=](const std::vector<std::pair<size_t, EncodedLookup>>& wanted, std::optional<int64_t> id) {
    const auto add_to = [&](ManyLookups::Buckets* buckets, int32_t bucket, const std::string& key, size_t place) {
      auto& [bucket_keys, places] = (*buckets)[TableBucket{t->info.table_id, id, bucket}];
      bucket_keys.push_back(key);
      places.push_back(place);
    };
    for (const auto& [place, lookup] : wanted) {
      add_to(&lookups->buckets, lookup.bucket, lookup.key, place);
      if (!may_be_elsewhere || lookup.bucket == lookup.other_bucket) continue;
      add_to(&lookups->others, lookup.other_bucket, lookup.key, place);
    }
  };
  const Future<Rows> future = lookups->promise.future();
  if (t->partition_columns.empty()) {
    for (const auto& [name, wanted] : by_partition) add(wanted.keys, std::nullopt);
    SendLookups(lookups);
    return future;
  }
  auto countdown = std::make_shared<PartitionCountdown>(by_partition.size());
  if (by_partition.empty()) SendLookups(lookups);
  for (const auto& [name, wanted] : by_partition) {
    FindPartition(t, wanted.values).Then([=, wanted_keys = wanted.keys](const Result<std::optional<int64_t>>& found) {
      Status failed;
      {
        MutexLock lock(countdown->mutex);
        if (!found.ok()) {
          countdown->failed = found.status();
        } else if (*found) {
          add(wanted_keys, **found);
        }
        if (--countdown->left > 0) return;
        failed = countdown->failed;
      }
      if (!failed.ok()) return lookups->promise.Complete(failed);
      SendLookups(lookups);
    });
  }
  return future;
}

Future<std::optional<OwnedRow>> Lookuper::Lookup(RowView key) {
  Promise<std::optional<OwnedRow>> promise;
  LookupMany({&key, 1}).Then([promise](const Result<Rows>& rows) {
    promise.Complete(rows.ok() ? Result<std::optional<OwnedRow>>(rows->front())
                               : Result<std::optional<OwnedRow>>(rows.status()));
  });
  return promise.future();
}

const Table& Lookuper::table() const { return impl_->table; }

// --- prefix lookups ---

struct PrefixLookuper::Impl {
  Table table;
  TablePtr t;
  std::vector<int> columns;
};

namespace {

using Found = std::vector<OwnedRow>;

Status CheckPrefixColumns(const Table::Impl& table, const std::vector<std::string>& columns) {
  const TableDescriptor& descriptor = table.info.descriptor;
  const std::string rule = fmt::format("the columns for a prefix lookup of table '{}' are ", table.name());
  for (const std::string& name : columns) {
    if (table.info.schema().IndexOf(name) < 0) {
      return Status::Invalid(fmt::format("Unknown column name '{}' for prefix lookup", name));
    }
  }
  std::vector<std::string> rest;
  for (const std::string& name : columns) {
    const auto& keys = descriptor.partition_keys;
    if (std::find(keys.begin(), keys.end(), name) == keys.end()) rest.push_back(name);
  }
  for (const std::string& key : descriptor.partition_keys) {
    if (std::count(columns.begin(), columns.end(), key) == 1) continue;
    return Status::Invalid(fmt::format("{}{}; they must contain all partition fields {} once", rule, columns,
                                       descriptor.partition_keys));
  }
  const std::vector<std::string> primary_key = descriptor.PhysicalPrimaryKey();
  if (rest == primary_key) {
    return Status::Invalid(fmt::format(
        "{}{}, which is the whole primary key: a prefix lookup needs fewer; use a lookup", rule, columns));
  }
  if (rest != descriptor.bucket_keys) {
    return Status::Invalid(
        fmt::format("{}{}; they must contain all bucket keys {} in order", rule, columns, descriptor.bucket_keys));
  }
  const bool is_prefix = rest.size() < primary_key.size() && std::equal(rest.begin(), rest.end(), primary_key.begin());
  if (is_prefix) return Status::OK();
  return Status::Invalid(fmt::format("table '{}' takes no prefix lookup: its bucket keys {} are no prefix of its "
                                     "physical primary key {}",
                                     table.name(), descriptor.bucket_keys, primary_key));
}

void DecodeFound(const TablePtr& table, const std::vector<std::string>& values, const Promise<Found>& promise) {
  Found rows;
  for (const std::string& value : values) {
    Result<OwnedRow> row = OwnRow(*table, value);
    if (!row.ok()) return promise.Complete(row.status());
    rows.push_back(std::move(*row));
  }
  promise.Complete(std::move(rows));
}

void SendPrefixLookup(const TablePtr& table, const TableBucket& bucket, std::string key,
                      const Promise<Found>& promise) {
  PrefixLookupRequest request;
  request.table_id = bucket.table_id;
  request.buckets.push_back({bucket, {std::move(key)}});
  table->connection.gateway().PrefixLookup(std::move(request)).Then([table, promise](const auto& result) {
    if (!result.ok()) return promise.Complete(result.status());
    if (result->empty()) return promise.Complete(Found{});
    const PrefixLookedUpBucket& answer = result->front();
    if (!answer.status.ok()) return promise.Complete(answer.status);
    if (answer.values.empty()) return promise.Complete(Found{});
    std::vector<int32_t> unknown;
    for (const std::string& value : answer.values.front()) AddUnknownSchema(*table, value, &unknown);
    LoadSchemas(table, std::move(unknown)).Then([table, promise, values = answer.values.front()](const auto& loaded) {
      if (!loaded.ok()) return promise.Complete(loaded.status());
      DecodeFound(table, values, promise);
    });
  });
}

}  // namespace

Result<PrefixLookuper> Table::NewPrefixLookuper(const std::vector<std::string>& columns) const {
  WEIR_RETURN_NOT_OK(impl_->connection.impl()->CheckOpen());
  if (!impl_->info.descriptor.has_primary_key()) {
    return Status::Invalid(
        fmt::format("Lookup is only supported for primary key tables; table '{}' has no primary key", impl_->name()));
  }
  WEIR_RETURN_NOT_OK(CheckPrefixColumns(*impl_, columns));
  WEIR_ASSIGN_OR_RETURN(std::vector<int> positions, impl_->info.schema().IndexesOf(columns));
  return PrefixLookuper(
      std::make_shared<PrefixLookuper::Impl>(PrefixLookuper::Impl{*this, impl_, std::move(positions)}));
}

Future<std::vector<OwnedRow>> PrefixLookuper::Lookup(RowView prefix) {
  const TablePtr t = impl_->t;
  if (Status open = t->connection.impl()->CheckOpen(); !open.ok()) return Future<Found>::Ready(open);
  if (Status count = CheckCount("prefix", prefix.size(), impl_->columns.size()); !count.ok()) {
    return Future<Found>::Ready(count);
  }
  std::vector<Datum> row(t->types.size());
  for (size_t i = 0; i < prefix.size(); ++i) row[impl_->columns[i]] = prefix[i];
  std::string key;
  std::string bucket_key;
  Status encoded = EncodeKey(t->layout.primary_key_encoding, t->types, t->layout.bucket_key, row, &key);
  if (encoded.ok())
    encoded = EncodeKey(t->layout.bucket_key_encoding, t->types, t->layout.bucket_key, row, &bucket_key);
  if (!encoded.ok()) return Future<Found>::Ready(encoded);
  const Result<int32_t> bucket = BucketOf(t->layout.bucket_hash, bucket_key, t->info.num_buckets());
  if (!bucket.ok()) return Future<Found>::Ready(bucket.status());
  Promise<Found> promise;
  if (t->partition_columns.empty()) {
    SendPrefixLookup(t, TableBucket{t->info.table_id, {}, *bucket}, std::move(key), promise);
    return promise.future();
  }
  FindPartition(t, row).Then([t, key, bucket = *bucket, promise](const Result<std::optional<int64_t>>& found) {
    if (!found.ok()) return promise.Complete(found.status());
    if (!*found) return promise.Complete(Found{});
    SendPrefixLookup(t, TableBucket{t->info.table_id, **found, bucket}, key, promise);
  });
  return promise.future();
}

const Table& PrefixLookuper::table() const { return impl_->table; }
const std::vector<int>& PrefixLookuper::columns() const { return impl_->columns; }

}  // namespace weir
