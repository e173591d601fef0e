package io.parallaxfleet.streambench.process;

import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * Keeps the metrics of the jobs in this process, so that it can say what they stand at. Static, because Flink makes its reporters
 * itself.
 */
public final class MetricBoard implements MetricReporterFactory {
    /** Under which Flink is told of it. */
    static final String NAME = "board";

    private static final Map<Metric, String> METRICS = new ConcurrentHashMap<>();

    /** Sum over all tasks of a counter or a gauge of numbers. */
    static double sum(String metric) {
        return METRICS.entrySet().stream().filter(entry -> entry.getValue().equals(metric)).mapToDouble(entry -> value(entry.getKey())).sum();
    }

    /** Highest of all tasks. */
    static double max(String metric) {
        return METRICS.entrySet().stream().filter(entry -> entry.getValue().equals(metric)).mapToDouble(entry -> value(entry.getKey()))
                .max().orElse(0);
    }

    private static double value(Metric metric) {
        if (metric instanceof Counter counter) {
            return counter.getCount();
        }
        return metric instanceof Gauge<?> gauge && gauge.getValue() instanceof Number number ? number.doubleValue() : 0;
    }

    @Override
    public MetricReporter createMetricReporter(Properties properties) {
        return new MetricReporter() {
            @Override
            public void open(MetricConfig config) {}

            @Override
            public void close() {}

            @Override
            public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
                METRICS.put(metric, name);
            }

            @Override
            public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {
                METRICS.remove(metric);
            }
        };
    }
}
