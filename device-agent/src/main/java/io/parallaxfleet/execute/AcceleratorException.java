package io.parallaxfleet.execute;

/** The accelerator failed or refused; the engine falls back to the CPU and reports why. */
public final class AcceleratorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What went wrong, as telemetry names it. */
    public enum Cause {
        OUT_OF_DEVICE_MEMORY,
        KERNEL_FAILURE,
        DEVICE_LOST
    }

    private final Cause failure;

    public AcceleratorException(Cause failure, String message, Throwable cause) {
        super(message, cause);
        this.failure = failure;
    }

    public Cause failure() {
        return failure;
    }
}
