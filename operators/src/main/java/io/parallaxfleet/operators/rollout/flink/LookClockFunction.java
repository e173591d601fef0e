package io.parallaxfleet.operators.rollout.flink;

import io.parallaxfleet.operators.rollout.LatencyWindow;
import java.time.Duration;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Says when it is time to look at the devices, by the ends of the windows that close: event time, so that a job that catches up looks
 * as often as one that keeps up. One task. After a restart the first window is a look again, which costs nothing: the tests hold
 * however often one looks.
 */
public final class LookClockFunction extends ProcessFunction<LatencyWindow, LookCue> {
    private static final long serialVersionUID = 1L;

    private final long intervalMillis;
    private transient long lastMillis;

    public LookClockFunction(Duration interval) {
        this.intervalMillis = interval.toMillis();
    }

    @Override
    public void processElement(LatencyWindow window, Context context, Collector<LookCue> out) {
        if (window.windowEndMillis() >= lastMillis + intervalMillis) {
            lastMillis = window.windowEndMillis();
            out.collect(LookCue.at(lastMillis));
        }
    }
}
