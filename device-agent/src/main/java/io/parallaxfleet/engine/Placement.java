package io.parallaxfleet.engine;

/** Where a step runs; the codes are those of the telemetry schema. */
public enum Placement {
    CPU(1),
    ACCELERATOR(2);

    private final int code;

    Placement(int code) {
        this.code = code;
    }

    /** The byte that telemetry carries. */
    public int code() {
        return code;
    }
}
