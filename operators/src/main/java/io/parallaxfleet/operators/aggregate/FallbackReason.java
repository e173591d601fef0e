package io.parallaxfleet.operators.aggregate;

/** Why a branch did not run where it was planned, by the codes of {@code InferenceTelemetry.branchFallback}; 0 is no reason. */
public enum FallbackReason {
    OUT_OF_DEVICE_MEMORY(1),
    KERNEL_FAILURE(2),
    DEVICE_LOST(3),
    BUILD_PENDING(4);

    /** Codes, that of no reason among them. */
    public static final int COUNT = 5;

    private final int code;

    FallbackReason(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
