package io.parallaxfleet.streambench;

import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.Validity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The aggregates computed the plain way: every latency is kept and sorted. It takes records as the fleet makes them and shares no
 * code with any contender, so that it can say who is right.
 */
final class Reference {
    private static final class Cell {
        private long[] latencies = new long[64];
        private int count;
        private long cold;
        private long invalid;
        private long fallback;
        private long peakMax;
        private double energySum;

        void add(boolean warmup, boolean elsewhere, boolean valid, long latency, long peak, long energy) {
            if (warmup) {
                cold++;
            } else if (elsewhere) {
                fallback++;
            } else if (!valid) {
                invalid++;
            } else {
                if (count == latencies.length) {
                    latencies = Arrays.copyOf(latencies, 2 * count);
                }
                latencies[count++] = latency;
                peakMax = Math.max(peakMax, peak);
                energySum += energy;
            }
        }

        Row row(String key) {
            long[] sorted = Arrays.copyOf(latencies, count);
            Arrays.sort(sorted);
            double mean = count == 0 ? 0 : Arrays.stream(sorted).asDoubleStream().sum() / count;
            return new Row(key, count, cold, invalid, fallback, quantile(sorted, 0.5), quantile(sorted, 0.9), quantile(sorted, 0.99),
                    mean, peakMax, count == 0 ? 0 : energySum / count);
        }

        private static double quantile(long[] sorted, double share) {
            return sorted.length == 0 ? 0 : sorted[(int) (share * (sorted.length - 1))];
        }
    }

    private final long windowMillis;
    private final Map<String, Cell> cells = new HashMap<>();

    Reference(long windowMillis) {
        this.windowMillis = windowMillis;
    }

    void add(InferenceTelemetry t) {
        long time = t.getTimestamp().toEpochMilli();
        long start = time - time % windowMillis;
        boolean valid = t.getValidity() == Validity.VALID;
        cell(t, start, -1).add(t.getWarmup(), t.getValidity() == Validity.FALLBACK || !t.getBranchPlanned().equals(t.getBranchActual()),
                valid, t.getLatencyNanos(), t.getArenaPeakBytes(), t.getEnergyMicrojoules());
        for (int i = 0; i < t.getBranchLatencyNanos().size(); i++) {
            cell(t, start, i).add(t.getWarmup(), t.getBranchPlanned().get(i) != t.getBranchActual().get(i),
                    valid || t.getValidity() == Validity.FALLBACK, t.getBranchLatencyNanos().get(i),
                    t.getBranchArenaPeakBytes().get(i), t.getBranchEnergyMicrojoules().get(i));
        }
    }

    private Cell cell(InferenceTelemetry t, long start, int branch) {
        return cells.computeIfAbsent(Row.key(start, t.getDeviceClass(), t.getModel(), t.getPlanId(), branch, t.getPolicyEpoch(),
                t.getExplored()), key -> new Cell());
    }

    List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        cells.forEach((key, cell) -> rows.add(cell.row(key)));
        return rows;
    }
}
