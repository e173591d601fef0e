package io.parallaxfleet.job;

import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/** What counters stood at when their tasks ended, added up over tasks. Static, because Flink makes its reporters itself. */
public final class KeptCounters implements MetricReporterFactory {
    private static final Map<String, Long> ENDED = new ConcurrentHashMap<>();

    /** A configuration under which counters are kept, from none on. */
    static Configuration begin() {
        ENDED.clear();
        Configuration configuration = new Configuration();
        configuration.setString("metrics.reporter.kept.factory.class", KeptCounters.class.getName());
        return configuration;
    }

    /** @param name of a counter; of one of a class {@code name of CLASS} */
    static long of(String name) {
        return ENDED.getOrDefault(name, 0L);
    }

    @Override
    public MetricReporter createMetricReporter(Properties properties) {
        return new MetricReporter() {
            @Override
            public void open(MetricConfig config) {}

            @Override
            public void close() {}

            @Override
            public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {}

            @Override
            public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {
                if (metric instanceof Counter counter) {
                    String deviceClass = group.getAllVariables().get("<deviceClass>");
                    ENDED.merge(deviceClass == null ? name : name + " of " + deviceClass, counter.getCount(), Long::sum);
                }
            }
        };
    }
}
