import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.ConnectionFactory;
import org.apache.fluss.client.admin.Admin;
import org.apache.fluss.client.admin.KvSnapshotLease;
import org.apache.fluss.client.admin.OffsetSpec;
import org.apache.fluss.client.lookup.Lookuper;
import org.apache.fluss.client.metadata.KvSnapshots;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.scanner.ScanRecord;
import org.apache.fluss.client.table.scanner.batch.BatchScanner;
import org.apache.fluss.client.table.scanner.log.LogScanner;
import org.apache.fluss.client.table.writer.AppendWriter;
import org.apache.fluss.client.table.writer.UpsertWriter;
import org.apache.fluss.cluster.rebalance.GoalType;
import org.apache.fluss.cluster.rebalance.ServerTag;
import org.apache.fluss.config.Configuration;
import org.apache.fluss.config.cluster.AlterConfig;
import org.apache.fluss.config.cluster.AlterConfigOpType;
import org.apache.fluss.config.cluster.ConfigEntry;
import org.apache.fluss.metadata.DatabaseDescriptor;
import org.apache.fluss.metadata.PartitionSpec;
import org.apache.fluss.metadata.Schema;
import org.apache.fluss.metadata.TableBucket;
import org.apache.fluss.metadata.TableChange;
import org.apache.fluss.metadata.TableDescriptor;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.row.BinaryString;
import org.apache.fluss.row.GenericRow;
import org.apache.fluss.row.InternalRow;
import org.apache.fluss.row.TimestampLtz;
import org.apache.fluss.security.acl.AclBindingFilter;
import org.apache.fluss.types.DataTypes;
import org.apache.fluss.utils.CloseableIterator;

/** A session of the Java client 0.9.1 with a server: the counterpart of pyfluss_session.py. */
public class JavaSession {
    private final Connection connection;
    private final Admin admin;

    private JavaSession(Connection connection) {
        this.connection = connection;
        this.admin = connection.getAdmin();
    }

    private static void show(String what, Object value) {
        System.out.println(what + ": " + value);
    }

    private static TablePath path(String table) {
        return TablePath.of("java", table);
    }

    private static BinaryString text(String value) {
        return BinaryString.fromString(value);
    }

    private Table create(String name, TableDescriptor.Builder descriptor) throws Exception {
        admin.createTable(path(name), descriptor.build(), false).get();
        return connection.getTable(path(name));
    }

    /** Change types and how many of each, once there are `count` records. */
    private static TreeMap<String, Integer> poll(LogScanner scanner, int buckets, int count) {
        for (int bucket = 0; bucket < buckets; bucket++) scanner.subscribeFromBeginning(bucket);
        TreeMap<String, Integer> found = new TreeMap<>();
        long deadline = System.currentTimeMillis() + 30_000;
        for (int records = 0; records < count && System.currentTimeMillis() < deadline; ) {
            for (ScanRecord record : scanner.poll(Duration.ofSeconds(1))) {
                records++;
                found.merge(record.getChangeType().shortString() + " x" + record.getRow().getFieldCount(), 1, Integer::sum);
            }
        }
        return found;
    }

    private void logTable() throws Exception {
        Schema schema = Schema.newBuilder().column("id", DataTypes.INT()).column("name", DataTypes.STRING())
                .column("seen", DataTypes.TIMESTAMP_LTZ(3)).build();
        Table table = create("log", TableDescriptor.builder().schema(schema).distributedBy(2));
        AppendWriter writer = table.newAppend().createWriter();
        for (int i = 0; i < 1000; i++) {
            writer.append(GenericRow.of(i, text("n" + i), TimestampLtz.fromEpochMillis(i)));
        }
        writer.flush();
        show("scan", poll(table.newScan().createLogScanner(), 2, 1000));
        show("projected", poll(table.newScan().project(new int[] {2, 0}).createLogScanner(), 2, 1000));
        long end = 0;
        for (long offset : admin.listOffsets(path("log"), List.of(0, 1), new OffsetSpec.LatestSpec()).all().get().values()) {
            end += offset;
        }
        show("offsets", end);
    }

    private void primaryKey() throws Exception {
        Schema schema = Schema.newBuilder().column("id", DataTypes.INT()).column("part", DataTypes.STRING())
                .column("value", DataTypes.BIGINT()).primaryKey("id", "part").build();
        Table table = create("keyed", TableDescriptor.builder().schema(schema).distributedBy(2, "id"));
        UpsertWriter writer = table.newUpsert().createWriter();
        for (int i = 0; i < 100; i++) writer.upsert(GenericRow.of(i % 50, text("p" + i), (long) i));
        writer.flush();
        writer.delete(GenericRow.of(1, text("p1"), null)).get();
        writer.upsert(GenericRow.of(2, text("p2"), 77L)).get();
        Lookuper lookuper = table.newLookup().createLookuper();
        show("lookup", lookuper.lookup(GenericRow.of(2, text("p2"))).get().getSingletonRow().getLong(2));
        show("deleted", lookuper.lookup(GenericRow.of(1, text("p1"))).get().getRowList());
        Lookuper prefix = table.newLookup().lookupBy("id").createLookuper();
        show("prefix", prefix.lookup(GenericRow.of(7)).get().getRowList().size());
        show("changelog", poll(table.newScan().createLogScanner(), 2, 103));
        int rows = 0;
        for (int bucket = 0; bucket < 2; bucket++) {
            TableBucket id = new TableBucket(table.getTableInfo().getTableId(), bucket);
            BatchScanner scanner = table.newScan().limit(1000).createBatchScanner(id);
            CloseableIterator<InternalRow> batch;
            while ((batch = scanner.pollBatch(Duration.ofSeconds(5))) != null) {
                for (; batch.hasNext(); batch.next()) rows++;
            }
        }
        show("limit scan", rows);
        show("buckets without snapshots", new TreeSet<>(admin.getLatestKvSnapshots(path("keyed")).get().getBucketIds()));
    }

    /** The Java writer creates the partitions of its rows. */
    private void partitions() throws Exception {
        Schema schema = Schema.newBuilder().column("id", DataTypes.INT()).column("day", DataTypes.STRING())
                .column("value", DataTypes.INT()).primaryKey("id", "day").build();
        Table table = create("days", TableDescriptor.builder().schema(schema).partitionedBy("day").distributedBy(1));
        UpsertWriter writer = table.newUpsert().createWriter();
        for (int i = 0; i < 10; i++) writer.upsert(GenericRow.of(i, text(i % 2 == 0 ? "mon" : "tue"), i));
        writer.flush();
        TreeSet<String> names = new TreeSet<>();
        admin.listPartitionInfos(path("days")).get().forEach(info -> names.add(info.getPartitionName()));
        show("partitions", names);
        Lookuper lookuper = table.newLookup().createLookuper();
        show("lookup", lookuper.lookup(GenericRow.of(3, text("tue"))).get().getSingletonRow().getInt(2));
    }

    /** All rows of a table whose changelog may be cut, made by snapshot_table.py: a snapshot, then the changelog. */
    private void snapshots() throws Exception {
        TablePath path = TablePath.of("fluss", "kept");
        Table table = connection.getTable(path);
        TableBucket bucket = new TableBucket(table.getTableInfo().getTableId(), 0);
        KvSnapshots latest = admin.getLatestKvSnapshots(path).get();
        long snapshot = latest.getSnapshotId(0).getAsLong();
        long offset = latest.getLogOffset(0).getAsLong();
        KvSnapshotLease lease = admin.createKvSnapshotLease("java-session", 60_000);
        show("unavailable snapshots", lease.acquireSnapshots(Map.of(bucket, snapshot)).get().getUnavailableSnapshots());
        table.newUpsert().createWriter().upsert(GenericRow.of(7, text("later"))).get();
        TreeMap<Integer, String> rows = new TreeMap<>();
        try (BatchScanner scanner = table.newScan().createBatchScanner(bucket, snapshot)) {
            CloseableIterator<InternalRow> batch;
            while ((batch = scanner.pollBatch(Duration.ofSeconds(5))) != null) {
                while (batch.hasNext()) {
                    InternalRow row = batch.next();
                    rows.put(row.getInt(0), row.getString(1).toString());
                }
            }
        }
        show("rows of the snapshot", rows.size() + ", one of them " + rows.get(7) + ", deleted " + rows.get(5));
        LogScanner changes = table.newScan().createLogScanner();
        changes.subscribe(0, offset);
        long deadline = System.currentTimeMillis() + 30_000;
        for (int records = 0; records < 2 && System.currentTimeMillis() < deadline; ) {
            for (ScanRecord record : changes.poll(Duration.ofSeconds(1))) {
                show("then", record.getChangeType().shortString() + " " + record.getRow().getString(1));
                records++;
            }
        }
        lease.renew().get();
        lease.releaseSnapshots(Set.of(bucket)).get();
        lease.dropLease().get();
        try {
            admin.getKvSnapshotMetadata(bucket, snapshot + 1).get();
        } catch (Exception error) {
            show("no such snapshot", error.getCause().getClass().getSimpleName());
        }
    }

    /** What a call gives, or the class of the error that it ends with. */
    private static void told(String what, Callable<?> call) throws Exception {
        try {
            show(what, call.call());
        } catch (ExecutionException error) {
            show(what, error.getCause().getClass().getSimpleName());
        }
    }

    private static Object value(Collection<ConfigEntry> settings, String key) {
        return settings.stream().filter(entry -> entry.key().equals(key)).map(ConfigEntry::value).findFirst().orElse(null);
    }

    /** The calls of an administrator that the other parts do not make. */
    private void administration() throws Exception {
        told("summaries", () -> admin.listDatabaseSummaries().get().stream()
                .map(summary -> summary.getDatabaseName() + " " + summary.getTableCount()).sorted().toList());
        told("comment", () -> admin.getDatabaseInfo("java").get().getDatabaseDescriptor().getComment());
        told("exists", () -> admin.databaseExists("java").get() + " " + admin.tableExists(path("none")).get());
        told("tables", () -> admin.listTables("java").get());
        told("column added", () -> admin.alterTable(path("log"), List.of(TableChange.addColumn("more", DataTypes.INT(), "new",
                TableChange.ColumnPosition.last())), false).get());
        told("column dropped", () -> admin.alterTable(path("log"), List.of(TableChange.dropColumn("more")), false).get());
        told("option set", () -> admin.alterTable(path("log"), List.of(TableChange.set("table.log.ttl", "3 d"),
                TableChange.set("owner", "tests")), false).get());
        told("option unknown", () -> admin.alterTable(path("log"), List.of(TableChange.set("table.none", "1")), false).get());
        told("table", () -> admin.getTableInfo(path("log")).get().getCustomProperties().toMap() + " "
                + admin.getTableInfo(path("log")).get().getProperties().toMap().get("table.log.ttl"));
        told("schemas", () -> admin.getTableSchema(path("log"), 1).get().getSchema().getColumnNames() + " "
                + admin.getTableSchema(path("log")).get().getSchema().getColumnNames());
        told("rows", () -> admin.getTableStats(path("keyed")).get().getRowCount());
        PartitionSpec day = new PartitionSpec(Map.of("day", "wed"));
        told("partition made", () -> admin.createPartition(path("days"), day, false).get());
        told("made again", () -> admin.createPartition(path("days"), day, false).get());
        told("found", () -> admin.listPartitionInfos(path("days"), day).get().size());
        told("dropped", () -> admin.dropPartition(path("days"), day, false).get());
        told("dropped again", () -> admin.dropPartition(path("days"), day, false).get());
        told("setting", () -> value(admin.describeClusterConfigs().get(), "max.bucket.num"));
        told("set", () -> admin.alterClusterConfigs(List.of(
                new AlterConfig("max.bucket.num", "7", AlterConfigOpType.SET))).get());
        told("setting", () -> value(admin.describeClusterConfigs().get(), "max.bucket.num"));
        told("too many buckets", () -> admin.createTable(path("wide"), TableDescriptor.builder()
                .schema(Schema.newBuilder().column("id", DataTypes.INT()).build()).distributedBy(8).build(), false).get());
        told("taken back", () -> admin.alterClusterConfigs(List.of(
                new AlterConfig("max.bucket.num", null, AlterConfigOpType.DELETE))).get());
        TableBucket bucket = new TableBucket(admin.getTableInfo(path("log")).get().getTableId(), 0);
        told("producer", () -> admin.registerProducerOffsets("sink", Map.of(bucket, 5L)).get());
        told("producer again", () -> admin.registerProducerOffsets("sink", Map.of(bucket, 6L)).get());
        told("its offsets", () -> admin.getProducerOffsets("sink").get().getTableOffsets().values().stream()
                .map(offsets -> offsets.get(bucket)).toList());
        told("forgotten", () -> admin.deleteProducerOffsets("sink").get());
        told("access lists", () -> admin.listAcls(AclBindingFilter.ANY).get());
        told("lake snapshot", () -> admin.getLatestLakeSnapshot(path("log")).get());
        told("tags", () -> admin.addServerTag(List.of(0), ServerTag.TEMPORARY_OFFLINE).get());
        told("rebalance", () -> admin.rebalance(List.of(GoalType.LEADER_DISTRIBUTION)).get());
    }

    public static void main(String[] arguments) throws Exception {
        Configuration configuration = new Configuration();
        configuration.setString("bootstrap.servers", arguments[0]);
        try (Connection connection = ConnectionFactory.createConnection(configuration)) {
            JavaSession session = new JavaSession(connection);
            session.admin.createDatabase("java", DatabaseDescriptor.EMPTY, false).get();
            session.logTable();
            session.primaryKey();
            session.partitions();
            session.snapshots();
            session.administration();
            session.admin.dropDatabase("java", false, true).get();
            show("databases", session.admin.listDatabases().get());
        }
        show("connection", "closed");
        System.exit(0); // threads of the client's network library live on
    }
}
