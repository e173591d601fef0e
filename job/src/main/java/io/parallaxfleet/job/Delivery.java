package io.parallaxfleet.job;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.flink.connector.base.DeliveryGuarantee;

/** How results reach their topics when the job is restarted from a checkpoint. */
public enum Delivery {
    /** In transactions that end with a checkpoint: readers of committed records see every result once, when it completes. */
    EXACTLY_ONCE(DeliveryGuarantee.EXACTLY_ONCE),
    /** At once; a restart repeats what was written since the last checkpoint, epochs included. */
    AT_LEAST_ONCE(DeliveryGuarantee.AT_LEAST_ONCE);

    private final DeliveryGuarantee guarantee;

    Delivery(DeliveryGuarantee guarantee) {
        this.guarantee = guarantee;
    }

    DeliveryGuarantee guarantee() {
        return guarantee;
    }

    /**
     * Reads {@code exactly-once} or {@code at-least-once}.
     *
     * @throws IllegalArgumentException when it is neither
     */
    public static Delivery named(String text) {
        return Arrays.stream(values())
                .filter(delivery -> delivery.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("delivery '" + text + "' is not one of "
                        + Arrays.stream(values()).map(Delivery::toString).collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
