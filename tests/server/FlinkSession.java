// Flink SQL on a server of the Fluss protocol, by Apache Fluss's connector: java -cp 'JARS/*' FlinkSession.java HOST:PORT

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

public class FlinkSession {
  private static TableEnvironment streaming;
  private static TableEnvironment batch;

  private static TableEnvironment open(EnvironmentSettings.Builder mode, String address) {
    Configuration configuration = new Configuration();
    configuration.setString("parallelism.default", "1");
    configuration.setString("restart-strategy.type", "none");
    TableEnvironment environment = TableEnvironment.create(mode.withConfiguration(configuration).build());
    environment.executeSql("CREATE CATALOG served WITH ('type' = 'fluss', 'bootstrap.servers' = '" + address + "')");
    environment.executeSql("USE CATALOG served");
    return environment;
  }

  private static Throwable cause(Throwable error) {
    return error.getCause() == null ? error : cause(error.getCause());
  }

  /** Runs a statement and waits for its end. */
  private static void run(TableEnvironment environment, String statement) {
    try {
      environment.executeSql(statement).await();
    } catch (Exception error) {
      System.out.println(statement + ": " + cause(error));
    }
  }

  /** The first rows of a query in order of their texts: one over a stream does not end. */
  private static void show(TableEnvironment environment, int most, String query) {
    List<String> rows = new ArrayList<>();
    try (CloseableIterator<Row> results = environment.executeSql(query).collect()) {
      while (rows.size() < most && results.hasNext()) rows.add(results.next().toString());
      Collections.sort(rows);
      System.out.println(query + ": " + String.join(" ", rows));
    } catch (Exception error) {
      System.out.println(query + ": " + cause(error));
    }
  }

  private static void define() {
    run(streaming, "CREATE DATABASE flink");
    streaming.executeSql("USE flink");
    batch.executeSql("USE flink");
    run(streaming, "CREATE TABLE events (id BIGINT, name STRING, seen AS PROCTIME()) WITH ('bucket.num' = '2')");
    run(streaming, "CREATE TABLE users (id BIGINT, name STRING, PRIMARY KEY (id) NOT ENFORCED)"
        + " WITH ('bucket.num' = '2')");
    run(streaming, "CREATE TABLE days (part STRING, id BIGINT, PRIMARY KEY (part, id) NOT ENFORCED)"
        + " PARTITIONED BY (part) WITH ('bucket.num' = '1')");
    run(streaming, "CREATE TABLE sums (k INT, v BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('bucket.num' = '1',"
        + " 'table.merge-engine' = 'aggregation', 'fields.v.agg' = 'sum')");
    run(streaming, "ALTER TABLE days ADD PARTITION (part = 'mon')");
    show(batch, 9, "SHOW TABLES");
    show(batch, 9, "SHOW PARTITIONS days");
    show(batch, 9, "DESCRIBE users");
  }

  private static void write() {
    run(streaming, "INSERT INTO events VALUES (1, 'a'), (2, 'b'), (3, 'c'), (200, 'd')");
    run(streaming, "INSERT INTO users VALUES (1, 'ann'), (2, 'bob'), (3, 'cid'), (200, 'dan')");
    run(streaming, "INSERT INTO users VALUES (3, 'eve')");
    run(streaming, "INSERT INTO days VALUES ('mon', 1), ('mon', 2)");
    run(streaming, "INSERT INTO sums VALUES (1, 5), (2, 1)");
    run(streaming, "INSERT INTO sums VALUES (1, 6)");
  }

  private static void read() {
    show(streaming, 4, "SELECT id, name FROM events");
    show(streaming, 6, "SELECT * FROM users /*+ OPTIONS('scan.startup.mode' = 'earliest') */");
    show(streaming, 2, "SELECT * FROM days WHERE part = 'mon'");
    show(streaming, 4, "SELECT e.id, u.name FROM events e JOIN users FOR SYSTEM_TIME AS OF e.seen AS u ON e.id = u.id");
    show(batch, 9, "SELECT * FROM users WHERE id = 200");
    show(batch, 9, "SELECT * FROM sums WHERE k = 1");
    show(batch, 9, "SELECT count(*) FROM events");
    show(batch, 9, "SELECT count(*) FROM users");
    show(batch, 9, "SELECT * FROM users LIMIT 10");
  }

  private static void change() {
    run(batch, "UPDATE users SET name = 'fay' WHERE id = 1");
    run(batch, "DELETE FROM users WHERE id = 2");
    show(batch, 9, "SELECT * FROM users LIMIT 10");
    run(batch, "ALTER TABLE users SET ('client.scanner.log.check-crc' = 'false')");
    run(batch, "ALTER TABLE days DROP PARTITION (part = 'mon')");
    show(batch, 9, "SHOW PARTITIONS days");
    for (String table : List.of("events", "users", "days", "sums")) run(batch, "DROP TABLE " + table);
    batch.executeSql("USE fluss");
    run(batch, "DROP DATABASE flink");
    show(batch, 9, "SHOW DATABASES");
  }

  public static void main(String[] arguments) {
    streaming = open(EnvironmentSettings.newInstance().inStreamingMode(), arguments[0]);
    batch = open(EnvironmentSettings.newInstance().inBatchMode(), arguments[0]);
    define();
    write();
    read();
    change();
    System.exit(0); // threads of the connector's are left
  }
}
