package io.parallaxfleet.dashboards.view;

/**
 * A device class as the dashboard tells them apart. Simulated is part of the identity, so that the figures of a modelled
 * device can never join those of a measured one even if both claim the same class name.
 */
public record ClassKey(String name, boolean simulated) {
    /** Unique over all classes; {@code m:} for measured, {@code s:} for simulated, then the name. */
    public String id() {
        return (simulated ? "s:" : "m:") + name;
    }
}
