#include <arrow/type.h>

#include "arrow_exchange.h"
#include "gateway/embedded/embedded_gateway.h"
#include "gateway/partition_errors.h"
#include "metadata.h"
#include "operation.h"
#include "sql.h"
#include "sql/session/client_drop.h"
#include "types/arrow_mapping.h"
#include "weir/admin.h"

namespace weir::python {
namespace {

struct CoreConnection {
  Owned<Connection> connection;
  ReadsPtr reads = std::make_shared<Reads>();
  Owned<std::shared_ptr<SqlRunner>> sql{std::make_shared<SqlRunner>(*connection)};

  /// The outcome of `change(connection)`, which begins when the reads under way are over.
  template <typename F>
  OperationPtr AfterReads(F change) {
    return MakeOperation(Unlocked([&, handle = *connection] {
      return Chain<Unit>(reads->Done(), [handle, change = std::move(change)](const Unit&) { return change(handle); });
    }));
  }
};

std::string Text(nb::str text) { return text.c_str(); }
TablePath Path(nb::str database, nb::str table) { return {database.c_str(), table.c_str()}; }

nb::object StringsToPython(const std::vector<std::string>& strings) { return ToList(strings); }
nb::object BoolToPython(const bool& value) { return nb::bool_(value); }
nb::object InfoToPython(const TableInfo& info) { return nb::cast(info); }

nb::object DatabaseToPython(const DatabaseInfo& info) {
  const nb::object comment = info.descriptor.comment ? ToPyStr(*info.descriptor.comment) : nb::none();
  return nb::make_tuple(ToPyStr(info.name), comment, ToDict(info.descriptor.custom_properties), info.created_time,
                        info.modified_time);
}

nb::object PartitionToPython(const PartitionInfo& info) {
  return nb::make_tuple(info.partition_id, ToPyStr(info.partition_name), ToDict(info.spec));
}

nb::object SnapshotToPython(const LakeSnapshot& snapshot) {
  return nb::make_tuple(snapshot.snapshot_id, BucketOffsetsToPython(snapshot.offsets));
}

nb::object PartitionsToPython(const std::vector<PartitionInfo>& infos) {
  nb::list list;
  for (const PartitionInfo& info : infos) list.append(PartitionToPython(info));
  return list;
}

nb::object NodesToPython(const std::vector<ServerNode>& nodes) {
  nb::list list;
  for (const ServerNode& node : nodes) {
    list.append(nb::make_tuple(node.id, ToPyStr(node.host), node.port, static_cast<int>(node.type),
                               ToPyStr(node.uid())));
  }
  return list;
}

DatabaseDescriptor MakeDatabaseDescriptor(nb::handle comment, nb::handle properties) {
  DatabaseDescriptor descriptor;
  if (!comment.is_none()) descriptor.comment = nb::borrow<nb::str>(comment).c_str();
  descriptor.custom_properties = ToProperties(properties);
  return descriptor;
}

using Offsets = std::map<int32_t, int64_t>;

Future<Offsets> QueryOffsets(Gateway& gateway, int64_t table_id, std::optional<int64_t> partition,
                             const std::vector<int32_t>& buckets, OffsetSpec spec) {
  return Chain<Offsets>(gateway.ListOffsets(table_id, partition, buckets, spec),
                        [](const std::map<int32_t, Result<int64_t>>& results) {
                          Offsets offsets;
                          for (const auto& [bucket, offset] : results) {
                            if (!offset.ok()) return Future<Offsets>::Ready(offset.status());
                            offsets[bucket] = *offset;
                          }
                          return Future<Offsets>::Ready(std::move(offsets));
                        });
}

/// Offsets of a table's buckets, or of those of one of its partitions.
Future<Offsets> ListOffsets(const Connection& connection, const TablePath& path, std::optional<std::string> partition,
                            std::vector<int32_t> buckets, OffsetSpec spec) {
  return Chain<Offsets>(
      connection.gateway().GetTableInfo(path),
      [connection, path, partition, buckets = std::move(buckets), spec](const TableInfo& info) {
        const bool partitioned = info.descriptor.is_partitioned();
        if (partition && !partitioned) return Future<Offsets>::Ready(NotPartitioned(path));
        if (partitioned && !partition) {
          return Future<Offsets>::Ready(
              Status::Invalid("table '" + path.ToString() + "' is partitioned: use list_partition_offsets"));
        }
        for (const int32_t bucket : buckets) {
          if (bucket >= 0 && bucket < info.num_buckets()) continue;
          return Future<Offsets>::Ready(Status::Invalid("table '" + path.ToString() + "' has no bucket " +
                                                        std::to_string(bucket) + ", only 0 to " +
                                                        std::to_string(info.num_buckets() - 1)));
        }
        Gateway& gateway = connection.gateway();
        if (!partition) return QueryOffsets(gateway, info.table_id, std::nullopt, buckets, spec);
        return Chain<Offsets>(gateway.GetPartition(path, *partition),
                              [connection, table_id = info.table_id, buckets, spec](const PartitionInfo& found) {
                                return QueryOffsets(connection.gateway(), table_id, found.partition_id, buckets, spec);
                              });
      });
}

nb::object OffsetsToPython(const Offsets& offsets) {
  nb::dict dict;
  for (const auto& [bucket, offset] : offsets) dict[nb::int_(bucket)] = nb::int_(offset);
  return dict;
}

std::vector<int32_t> ToBucketIds(nb::handle sequence) {
  std::vector<int32_t> ids;
  for (nb::handle id : nb::borrow<nb::iterable>(sequence)) ids.push_back(nb::cast<int32_t>(id));
  return ids;
}

using Stats = std::vector<BucketStats>;

/// Row counts of every bucket of a table and its partitions.
Future<Stats> TableStats(const Connection& connection, const TablePath& path) {
  return Chain<Stats>(connection.gateway().GetTableInfo(path), [connection, path](const TableInfo& info) {
    const int32_t buckets = info.num_buckets();
    const int64_t table_id = info.table_id;
    const auto query = [connection, buckets, table_id](const std::vector<std::optional<int64_t>>& partitions) {
      std::vector<TableBucket> all;
      for (const auto& partition : partitions) {
        for (int32_t bucket = 0; bucket < buckets; ++bucket) all.push_back({table_id, partition, bucket});
      }
      return connection.gateway().GetTableStats(table_id, all);
    };
    if (!info.descriptor.is_partitioned()) return query({std::nullopt});
    return Chain<Stats>(connection.gateway().ListPartitionInfos(path, {}),
                        [query](const std::vector<PartitionInfo>& infos) {
                          std::vector<std::optional<int64_t>> ids;
                          for (const PartitionInfo& partition : infos) ids.emplace_back(partition.partition_id);
                          return query(ids);
                        });
  });
}

nb::object StatsToPython(const Stats& stats) {
  nb::dict dict;
  for (const BucketStats& bucket : stats) {
    Check(bucket.status);
    dict[ToBucket(bucket.bucket)] = nb::int_(bucket.row_count);
  }
  return dict;
}

TableChange MakeChange(nb::handle set, nb::handle reset, nb::handle add_columns) {
  TableChange change;
  change.set_properties = ToProperties(set);
  change.reset_properties = ToStrings(reset);
  if (!add_columns.is_none()) change.add_columns = Check(FromArrowSchema(*ImportSchema(add_columns)));
  return change;
}

using Core = CoreConnection;

void BindDatabases(nb::class_<Core>& c) {
  c.def("create_database", [](Core& self, nb::str name, nb::handle comment, nb::handle properties, bool ignore) {
    const auto descriptor = MakeDatabaseDescriptor(comment, properties);
    const std::string text = Text(name);
    return MakeOperation(Unlocked([&] { return self.connection->gateway().CreateDatabase(text, descriptor, ignore); }));
  }, nb::arg("name"), nb::arg("comment").none(), nb::arg("properties").none(), nb::arg("ignore"));
  c.def("drop_database", [](Core& self, nb::str name, bool ignore, bool cascade) {
    const std::string text = Text(name);
    return self.AfterReads([=](const Connection& open) { return open.gateway().DropDatabase(text, ignore, cascade); });
  }, nb::arg("name"), nb::arg("ignore"), nb::arg("cascade"));
  c.def("list_databases", [](Core& self) {
    return MakeOperation(Unlocked([&] { return self.connection->gateway().ListDatabases(); }), &StringsToPython);
  });
  c.def("database_exists", [](Core& self, nb::str name) {
    const std::string text = Text(name);
    return MakeOperation(Unlocked([&] { return self.connection->gateway().DatabaseExists(text); }), &BoolToPython);
  }, nb::arg("name"));
  c.def("get_database_info", [](Core& self, nb::str name) {
    const std::string text = Text(name);
    return MakeOperation(Unlocked([&] { return self.connection->gateway().GetDatabaseInfo(text); }), &DatabaseToPython);
  }, nb::arg("name"));
}

void BindTables(nb::class_<Core>& c) {
  const auto database = nb::arg("database"), table = nb::arg("table"), ignore_arg = nb::arg("ignore");
  c.def("create_table", [](Core& self, nb::str db, nb::str t, const TableDescriptor& descriptor, bool ignore) {
    const TablePath path = Path(db, t);
    return MakeOperation(Unlocked([&] { return self.connection->gateway().CreateTable(path, descriptor, ignore); }));
  }, database, table, nb::arg("descriptor"), ignore_arg);
  c.def("alter_table", [](Core& self, nb::str db, nb::str t, nb::handle set, nb::handle reset, nb::handle columns,
                          bool ignore) {
    const TablePath path = Path(db, t);
    const TableChange change = MakeChange(set, reset, columns);
    return MakeOperation(Unlocked([&] { return self.connection->gateway().AlterTable(path, change, ignore); }));
  }, database, table, nb::arg("set_properties").none(), nb::arg("reset_properties").none(),
        nb::arg("add_columns").none(), ignore_arg);
  c.def("drop_table", [](Core& self, nb::str db, nb::str t, bool ignore) {
    const TablePath path = Path(db, t);
    return self.AfterReads([=](const Connection& open) { return open.gateway().DropTable(path, ignore); });
  }, database, table, ignore_arg);
  c.def("list_tables", [](Core& self, nb::str db) {
    const std::string text = Text(db);
    return MakeOperation(Unlocked([&] { return self.connection->gateway().ListTables(text); }), &StringsToPython);
  }, database);
  c.def("table_exists", [](Core& self, nb::str db, nb::str t) {
    const TablePath path = Path(db, t);
    return MakeOperation(Unlocked([&] { return self.connection->gateway().TableExists(path); }), &BoolToPython);
  }, database, table);
  c.def("get_table_info", [](Core& self, nb::str db, nb::str t) {
    const TablePath path = Path(db, t);
    return MakeOperation(Unlocked([&] { return self.connection->gateway().GetTableInfo(path); }), &InfoToPython);
  }, database, table);
  c.def("get_latest_lake_snapshot", [](Core& self, nb::str db, nb::str t) {
    const TablePath path = Path(db, t);
    return MakeOperation(Unlocked([&] { return Admin(*self.connection).GetLatestLakeSnapshot(path); }),
                         &SnapshotToPython);
  }, database, table);
  c.def("get_table_stats", [](Core& self, nb::str db, nb::str t) {
    const TablePath path = Path(db, t);
    return MakeOperation(Unlocked([&] { return TableStats(*self.connection, path); }), &StatsToPython);
  }, database, table);
  c.def("list_offsets", [](Core& self, nb::str db, nb::str t, nb::handle partition, nb::handle buckets, int kind,
                           int64_t timestamp) {
    const TablePath path = Path(db, t);
    std::optional<std::string> name;
    if (!partition.is_none()) name = nb::borrow<nb::str>(partition).c_str();
    const std::vector<int32_t> ids = ToBucketIds(buckets);
    const OffsetSpec spec{static_cast<OffsetSpec::Kind>(kind), timestamp};
    return MakeOperation(Unlocked([&] { return ListOffsets(*self.connection, path, name, ids, spec); }),
                         &OffsetsToPython);
  }, database, table, nb::arg("partition").none(), nb::arg("buckets"), nb::arg("kind"), nb::arg("timestamp"));
}

void BindPartitions(nb::class_<Core>& c) {
  const auto database = nb::arg("database"), table = nb::arg("table"), spec_arg = nb::arg("spec");
  c.def("create_partition", [](Core& self, nb::str db, nb::str t, nb::handle spec, bool ignore) {
    const TablePath path = Path(db, t);
    const PartitionSpec values = ToProperties(spec);
    return MakeOperation(Unlocked([&] { return self.connection->gateway().CreatePartition(path, values, ignore); }));
  }, database, table, spec_arg, nb::arg("ignore"));
  c.def("drop_partition", [](Core& self, nb::str db, nb::str t, nb::handle spec, bool ignore) {
    const TablePath path = Path(db, t);
    const PartitionSpec values = ToProperties(spec);
    return self.AfterReads([=](const Connection& open) { return open.gateway().DropPartition(path, values, ignore); });
  }, database, table, spec_arg, nb::arg("ignore"));
  c.def("list_partition_infos", [](Core& self, nb::str db, nb::str t, nb::handle spec) {
    const TablePath path = Path(db, t);
    const PartitionSpec partial = ToProperties(spec);
    return MakeOperation(Unlocked([&] { return self.connection->gateway().ListPartitionInfos(path, partial); }),
                         &PartitionsToPython);
  }, database, table, spec_arg.none());
}

OperationPtr OpenTable(Core& self, nb::str database, nb::str name) {
  const TablePath path = Path(database, name);
  return MakeOperation(Unlocked([&] { return self.connection->GetTable(path); }),
                       [reads = self.reads](const Table& table) {
                         return nb::cast(CoreTable{Owned<Table>(table), reads});
                       });
}

}  // namespace

void BindConnection(nb::module_& m) {
  nb::class_<Core> c(m, "Connection");
  c.def_static("open", [](const Config& config) {
    ThreadsStarted();
    // In the background: opening a directory may mean recovering it.
    auto opened = Background<Connection>([config] {
      Result<Connection> connection = Connection::Open(config).Wait();
      if (connection.ok()) SetTableDropper(connection->gateway(), sql::DropTableOfClient);
      return connection;
    });
    return MakeOperation(std::move(opened), [](const Connection& connection) {
      return nb::cast(Core{Owned<Connection>(connection)});
    });
  }, nb::arg("config"));
  c.def("get_table", &OpenTable, nb::arg("database"), nb::arg("table"));
  c.def("flush", [](Core& self) { return MakeOperation(Unlocked([&] { return self.connection->Flush(); })); });
  c.def("close", [](Core& self) {
    return self.AfterReads([runner = *self.sql](const Connection& connection) {
      return Chain<Unit>(runner->Close(), [connection](const Unit&) { return connection.Close(); });
    });
  });
  c.def("sql", [](Core& self, nb::str query, nb::handle types, nb::handle values) {
    ThreadsStarted();
    SqlParameters parameters = ToSqlParameters(types, values);
    std::string text = Text(query);
    return MakeOperation(Unlocked([&] { return (*self.sql)->Run(std::move(text), std::move(parameters)); }),
                         &SqlAnswerToPython);
  }, nb::arg("query"), nb::arg("types"), nb::arg("values"));
  c.def("cancel_sql", [](Core& self) { Unlocked([&] { (*self.sql)->Cancel(); }); });
  c.def("closed", [](Core& self) { return self.connection->closed(); });
  c.def("target", [](Core& self) { return ToPyStr(self.connection->gateway().target()); });
  c.def("get_server_nodes", [](Core& self) {
    return MakeOperation(Unlocked([&] { return self.connection->gateway().GetServerNodes(); }), &NodesToPython);
  });
  BindDatabases(c);
  BindTables(c);
  BindPartitions(c);
}

}  // namespace weir::python
