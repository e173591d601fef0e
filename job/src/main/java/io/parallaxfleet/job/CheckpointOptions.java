package io.parallaxfleet.job;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * When state is made durable and results become visible.
 *
 * @param interval between two checkpoints; with exactly-once delivery a result waits for the next one
 * @param directory URI of the checkpoints; empty keeps what the cluster is configured with
 * @param delivery of the results
 * @param transactionTimeout after which the brokers abort a transaction that nobody ended, and with it results of a job that was
 *     down for longer; at most their {@code transaction.max.timeout.ms}, which is 15 min unless changed
 */
public record CheckpointOptions(Duration interval, Optional<String> directory, Delivery delivery, Duration transactionTimeout) {
    /** What brokers allow unless told otherwise. */
    static final Duration DEFAULT_TRANSACTION_TIMEOUT = Duration.ofMinutes(15);

    public CheckpointOptions {
        JobOptions.requireBetween("checkpoint interval", interval, Duration.ofMillis(100), Duration.ofHours(24));
        Objects.requireNonNull(directory, "directory");
        Objects.requireNonNull(delivery, "delivery");
        JobOptions.requireBetween("transaction timeout", transactionTimeout, Duration.ofSeconds(1), Duration.ofHours(24));
        if (delivery == Delivery.EXACTLY_ONCE && transactionTimeout.compareTo(interval.multipliedBy(2)) < 0) {
            // A transaction lives from one checkpoint to the end of the next, and through a restart between them.
            throw new IllegalArgumentException("transaction timeout is " + transactionTimeout
                    + "; it must be at least twice the checkpoint interval, which is " + interval);
        }
    }

    /** A checkpoint a second: results are visible about that long after they were computed. */
    public static CheckpointOptions defaults() {
        return new CheckpointOptions(Duration.ofSeconds(1), Optional.empty(), Delivery.EXACTLY_ONCE, DEFAULT_TRANSACTION_TIMEOUT);
    }

    /** The same at another interval and in another place. */
    public CheckpointOptions at(Duration newInterval, Optional<String> newDirectory) {
        return new CheckpointOptions(newInterval, newDirectory, delivery, transactionTimeout);
    }
}
