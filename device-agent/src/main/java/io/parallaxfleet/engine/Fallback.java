package io.parallaxfleet.engine;

/** Why a step ran elsewhere than planned; the codes are those of the telemetry schema. */
public enum Fallback {
    NONE(0),
    OUT_OF_DEVICE_MEMORY(1),
    KERNEL_FAILURE(2),
    DEVICE_LOST(3),
    BUILD_PENDING(4);

    private final int code;

    Fallback(int code) {
        this.code = code;
    }

    /** The byte that telemetry carries. */
    public int code() {
        return code;
    }
}
