package io.parallaxfleet.operators.aggregate;

import io.parallaxfleet.schemas.avro.InferenceTelemetry;

/** What a telemetry record is aggregated under. */
public final class Measurements {
    private Measurements() {}

    public static ClassKey classOf(InferenceTelemetry t) {
        return new ClassKey(t.getDeviceClass(), t.getSimulated());
    }
}
