import java.util.List;
import java.util.Map;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.ConnectionFactory;
import org.apache.fluss.client.admin.Admin;
import org.apache.fluss.client.admin.OffsetSpec;
import org.apache.fluss.client.lookup.Lookuper;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.scanner.ScanRecord;
import org.apache.fluss.client.table.scanner.log.LogScanner;
import org.apache.fluss.client.table.writer.AppendWriter;
import org.apache.fluss.client.table.writer.UpsertWriter;
import org.apache.fluss.config.Configuration;
import org.apache.fluss.metadata.PartitionSpec;
import org.apache.fluss.metadata.Schema;
import org.apache.fluss.metadata.TableDescriptor;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.row.BinaryString;
import org.apache.fluss.row.GenericRow;
import org.apache.fluss.types.DataTypes;

/** Devices and what they measured, with Apache Fluss's own client against `weir server`. */
public class Measurements {
    private static final TablePath MEASUREMENTS = TablePath.of("fluss", "java_measurements");
    private static final TablePath DEVICES = TablePath.of("fluss", "java_devices");

    private static void createTables(Admin admin) throws Exception {
        Schema measurements = Schema.newBuilder().column("device", DataTypes.BIGINT()).column("value", DataTypes.DOUBLE())
                .column("region", DataTypes.STRING()).build();
        admin.createTable(MEASUREMENTS,
                TableDescriptor.builder().schema(measurements).partitionedBy("region").distributedBy(1).build(), true).get();
        for (String region : List.of("EU", "US")) {
            admin.createPartition(MEASUREMENTS, new PartitionSpec(Map.of("region", region)), true).get();
        }
        Schema devices = Schema.newBuilder().column("device", DataTypes.BIGINT()).column("name", DataTypes.STRING())
                .primaryKey("device").build();
        admin.createTable(DEVICES, TableDescriptor.builder().schema(devices).distributedBy(1).build(), true).get();
    }

    private static void write(Connection connection) throws Exception {
        AppendWriter measurements = connection.getTable(MEASUREMENTS).newAppend().createWriter();
        for (long i = 0; i < 1000; i++) {
            measurements.append(GenericRow.of(i % 10, i / 8.0, BinaryString.fromString(i % 4 == 0 ? "EU" : "US")));
        }
        measurements.flush();
        UpsertWriter devices = connection.getTable(DEVICES).newUpsert().createWriter();
        devices.upsert(GenericRow.of(7L, BinaryString.fromString("boiler"))).get();
    }

    /** Follows one partition from its beginning to the offset that it ends at now; only one column is read. */
    private static void sum(Connection connection, Admin admin, String region) throws Exception {
        Table table = connection.getTable(MEASUREMENTS);
        long partition = admin.listPartitionInfos(MEASUREMENTS, new PartitionSpec(Map.of("region", region))).get().get(0)
                .getPartitionId();
        long end = admin.listOffsets(MEASUREMENTS, region, List.of(0), new OffsetSpec.LatestSpec()).all().get().get(0);
        long rows = 0;
        double sum = 0;
        try (LogScanner scanner = table.newScan().project(new int[] {1}).createLogScanner()) {
            scanner.subscribeFromBeginning(partition, 0);
            while (rows < end) {
                for (ScanRecord record : scanner.poll(java.time.Duration.ofSeconds(1))) {
                    rows++;
                    sum += record.getRow().getDouble(0);
                }
            }
        }
        System.out.println(region + ": " + rows + " measurements, sum " + sum);
    }

    public static void main(String[] arguments) throws Exception {
        Configuration configuration = new Configuration();
        configuration.setString("bootstrap.servers", arguments[0]);
        try (Connection connection = ConnectionFactory.createConnection(configuration); Admin admin = connection.getAdmin()) {
            createTables(admin);
            write(connection);
            Lookuper lookuper = connection.getTable(DEVICES).newLookup().createLookuper();
            System.out.println("device 7 is the " + lookuper.lookup(GenericRow.of(7L)).get().getSingletonRow().getString(1));
            sum(connection, admin, "EU");
        }
        System.exit(0); // threads of the client's network library live on
    }
}
