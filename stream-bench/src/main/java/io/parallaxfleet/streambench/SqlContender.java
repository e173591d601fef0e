package io.parallaxfleet.streambench;

import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.util.CloseableIterator;

/**
 * The same aggregates as a SQL query over the Avro topic: branches by UNNEST, quantiles by a function with the sketch that the job
 * uses too, sums in two phases as the planner makes them. It is given less to do than the job: no duplicates are looked for, no plan
 * is joined (the position of a branch stands for its name), no devices are counted and there is one length of windows.
 */
final class SqlContender implements Contender {
    private static final String QUERY = """
            SELECT window_start, deviceClass, model, planId, branch, policyEpoch, explored,
                   COUNT(*) FILTER (WHERE kind = 0), COUNT(*) FILTER (WHERE kind = 1), COUNT(*) FILTER (WHERE kind = 3),
                   COUNT(*) FILTER (WHERE kind = 2), QUANTILES(CASE WHEN kind = 0 THEN latency END),
                   SUM(CAST(latency AS DOUBLE)) FILTER (WHERE kind = 0), MAX(peak) FILTER (WHERE kind = 0),
                   SUM(CAST(energy AS DOUBLE)) FILTER (WHERE kind = 0)
            FROM TABLE(TUMBLE(TABLE samples, DESCRIPTOR(`timestamp`), INTERVAL '10' SECOND))
            GROUP BY window_start, window_end, deviceClass, model, planId, branch, policyEpoch, explored
            """;

    private static final String SAMPLES = """
            CREATE TEMPORARY VIEW samples AS
            SELECT deviceClass, model, planId, u.branch, policyEpoch, explored, `timestamp`,
                   KIND(warmup, validity, branchPlanned, branchActual, u.branch) AS kind, u.latency,
                   branchArenaPeakBytes[u.branch] AS peak, branchEnergyMicrojoules[u.branch] AS energy
            FROM telemetry CROSS JOIN UNNEST(branchLatencyNanos) WITH ORDINALITY AS u(latency, branch)
            UNION ALL
            SELECT deviceClass, model, CAST('' AS STRING), 0, policyEpoch, explored, `timestamp`,
                   KIND(warmup, validity, branchPlanned, branchActual, 0), latencyNanos, arenaPeakBytes, energyMicrojoules
            FROM telemetry
            """;

    @Override
    public List<Row> drain(Task task) throws Exception {
        Configuration configuration = new Configuration();
        configuration.setString("table.exec.resource.default-parallelism", String.valueOf(PARALLELISM));
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(2));
        TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.newInstance().inStreamingMode()
                .withConfiguration(configuration).build());
        tables.createTemporarySystemFunction("QUANTILES", SketchFunction.class);
        tables.createTemporarySystemFunction("KIND", KindFunction.class);
        tables.executeSql(table(task));
        tables.executeSql(SAMPLES);
        List<Row> rows = new ArrayList<>();
        try (CloseableIterator<org.apache.flink.types.Row> results = tables.executeSql(QUERY).collect()) {
            results.forEachRemaining(result -> rows.add(row(result)));
        }
        return rows;
    }

    private static String table(Task task) {
        return """
                CREATE TEMPORARY TABLE telemetry (
                  deviceClass STRING NOT NULL, `timestamp` TIMESTAMP(3) NOT NULL, model STRING NOT NULL, planId STRING NOT NULL,
                  policyEpoch BIGINT NOT NULL, latencyNanos BIGINT NOT NULL, arenaPeakBytes BIGINT NOT NULL, energyMicrojoules BIGINT,
                  branchLatencyNanos ARRAY<BIGINT NOT NULL> NOT NULL, branchPlanned BYTES NOT NULL, branchActual BYTES NOT NULL,
                  branchArenaPeakBytes ARRAY<BIGINT NOT NULL> NOT NULL, branchEnergyMicrojoules ARRAY<BIGINT NOT NULL>,
                  explored BOOLEAN NOT NULL, warmup BOOLEAN NOT NULL, validity STRING NOT NULL,
                  WATERMARK FOR `timestamp` AS `timestamp` - INTERVAL '3' SECOND
                ) WITH (
                  'connector' = 'kafka', 'topic' = '%s', 'properties.bootstrap.servers' = '%s',
                  'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset',
                  'value.format' = 'avro-confluent', 'value.avro-confluent.url' = '%s',
                  'value.avro-confluent.schema' = '%s'
                )
                """.formatted(task.topic(), task.bootstrap(), task.registry(), readColumns());
    }

    /** The contract with the columns that the query reads: the format skips the others. */
    private static String readColumns() {
        List<String> wanted = List.of("deviceClass", "timestamp", "model", "planId", "policyEpoch", "latencyNanos", "arenaPeakBytes",
                "energyMicrojoules", "branchLatencyNanos", "branchPlanned", "branchActual", "branchArenaPeakBytes",
                "branchEnergyMicrojoules", "explored", "warmup", "validity");
        var contract = InferenceTelemetry.getClassSchema();
        var fields = contract.getFields().stream().filter(field -> wanted.contains(field.name()))
                .map(field -> new org.apache.avro.Schema.Field(field.name(), field.schema()))
                .toList();
        return org.apache.avro.Schema.createRecord(contract.getName(), null, contract.getNamespace(), false, fields).toString();
    }

    private static Row row(org.apache.flink.types.Row r) {
        long start = ((LocalDateTime) r.getField(0)).toInstant(ZoneOffset.UTC).toEpochMilli();
        org.apache.flink.types.Row quantiles = (org.apache.flink.types.Row) r.getField(11);
        long count = (long) r.getField(7);
        return new Row(Row.key(start, (String) r.getField(1), (String) r.getField(2), (String) r.getField(3),
                (int) r.getField(4) - 1, (long) r.getField(5), (boolean) r.getField(6)),
                count, (long) r.getField(8), (long) r.getField(9), (long) r.getField(10),
                (double) quantiles.getField(0), (double) quantiles.getField(1), (double) quantiles.getField(2),
                count == 0 ? 0 : (double) r.getField(12) / count, count == 0 ? 0 : (long) r.getField(13),
                count == 0 ? 0 : (double) r.getField(14) / count);
    }
}
