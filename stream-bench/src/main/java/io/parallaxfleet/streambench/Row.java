package io.parallaxfleet.streambench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * One aggregate as every contender has it.
 *
 * @param key window start, class, model, plan and position of the branch in it (both empty for whole inferences), epoch, explored
 */
record Row(String key, long count, long cold, long invalid, long fallback, double p50, double p90, double p99, double mean,
        long peakMax, double energyMean) {
    /** @param branch 0 for the first of the plan, -1 for the whole inference */
    static String key(long windowStartMillis, String deviceClass, String model, String planId, int branch, long epoch,
            boolean explored) {
        return windowStartMillis + "|" + deviceClass + "|" + model + "|" + (branch < 0 ? "|" : planId + "|" + branch) + "|" + epoch
                + "|" + explored;
    }

    static void write(Iterable<Row> rows, Path file) throws IOException {
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
            for (Row row : rows) {
                out.println(row.key + "\t" + row.count + "\t" + row.cold + "\t" + row.invalid + "\t" + row.fallback + "\t" + row.p50
                        + "\t" + row.p90 + "\t" + row.p99 + "\t" + row.mean + "\t" + row.peakMax + "\t" + row.energyMean);
            }
        }
    }

    static Map<String, Row> read(Path file) throws IOException {
        Map<String, Row> rows = new HashMap<>();
        try (BufferedReader in = Files.newBufferedReader(file)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] f = line.split("\t");
                rows.put(f[0], new Row(f[0], Long.parseLong(f[1]), Long.parseLong(f[2]), Long.parseLong(f[3]), Long.parseLong(f[4]),
                        Double.parseDouble(f[5]), Double.parseDouble(f[6]), Double.parseDouble(f[7]), Double.parseDouble(f[8]),
                        Long.parseLong(f[9]), Double.parseDouble(f[10])));
            }
        }
        return rows;
    }
}
