package io.parallaxfleet.schedule;

/** How much memory the OS would still give this process. Read again for every decision; implementations are thread-safe. */
@FunctionalInterface
public interface AvailableMemory extends AutoCloseable {
    /** Bytes; {@link Long#MAX_VALUE} where the OS does not say. */
    long bytes();

    /** Gives back what it holds of the OS, if anything. */
    @Override
    default void close() {}
}
