package io.parallaxfleet.operators.ingest.flink;

import io.parallaxfleet.operators.decode.RawInference;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts records whose window was closed before they came, in the metric {@code lateRecords}, in all and of each class. */
public final class CountLateFunction extends ProcessFunction<RawInference, Void> {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(CountLateFunction.class);

    /** Classes with a metric of their own; a device can make up any number of names. */
    private static final int MAX_CLASSES = 256;
    private static final String OTHERS = "others";

    private transient Counter late;
    private transient Map<String, Counter> byClass;

    @Override
    public void open(OpenContext context) {
        late = getRuntimeContext().getMetricGroup().counter("lateRecords");
        byClass = new HashMap<>();
    }

    @Override
    public void processElement(RawInference record, Context context, Collector<Void> out) {
        late.inc();
        String deviceClass = record.toTelemetry().getDeviceClass();
        byClass.computeIfAbsent(byClass.containsKey(deviceClass) || byClass.size() < MAX_CLASSES ? deviceClass : OTHERS,
                name -> getRuntimeContext().getMetricGroup().addGroup("deviceClass", name).counter("lateRecords")).inc();
        // Powers of two: the first shows at once, and a flood does not fill the log.
        if (Long.bitCount(late.getCount()) == 1) {
            LOG.warn("{} records so far came after their window was closed, the last one of class {}, session {}", late.getCount(),
                    deviceClass, record.session());
        }
    }
}
