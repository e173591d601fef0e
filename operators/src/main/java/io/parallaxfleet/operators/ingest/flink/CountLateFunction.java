package io.parallaxfleet.operators.ingest.flink;

import io.parallaxfleet.operators.decode.RawInference;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts records whose window was closed before they came, in the metric {@code lateRecords}. */
public final class CountLateFunction extends ProcessFunction<RawInference, Void> {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(CountLateFunction.class);

    private transient Counter late;

    @Override
    public void open(OpenContext context) {
        late = getRuntimeContext().getMetricGroup().counter("lateRecords");
    }

    @Override
    public void processElement(RawInference record, Context context, Collector<Void> out) {
        late.inc();
        // Powers of two: the first shows at once, and a flood does not fill the log.
        if (Long.bitCount(late.getCount()) == 1) {
            LOG.warn("{} records so far came after their window was closed, the last one of session {}", late.getCount(),
                    record.session());
        }
    }
}
