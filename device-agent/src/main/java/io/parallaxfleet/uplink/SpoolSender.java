package io.parallaxfleet.uplink;

import io.parallaxfleet.uplink.Spool.Entry;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Empties the spool into a sink on a thread of its own, in order, at least once. While the other side is away it says so once and
 * tries again after 0.5 s, 1 s, ... up to 10 s.
 */
public final class SpoolSender implements AutoCloseable {
    private static final int BATCH_RECORDS = 500;
    private static final long IDLE_MILLIS = 200;
    /** A burst's records are written right after each other, and compress to half their size in company. */
    private static final long GATHER_MILLIS = 100;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final Spool spool;
    private final RecordSink sink;
    private final AgentEvents events;
    private final OutgoingCodec codec = new OutgoingCodec();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "parallax-spool-sender");
    private Duration pause = Duration.ZERO;
    private volatile boolean away;
    private volatile long undeliverable;

    public SpoolSender(Spool spool, RecordSink sink, AgentEvents events) {
        this.spool = spool;
        this.sink = sink;
        this.events = events;
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    /** Records that no broker will take: refused for good, or of an unknown schema. */
    public long undeliverable() {
        return undeliverable;
    }

    /** Waits until the spool is empty, the other side is away, or the time is over. */
    public void drain(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (spool.pending() > 0 && !away && thread.isAlive() && System.nanoTime() < deadline) {
            thread.join(20);
        }
    }

    private void run() {
        try {
            while (stop.getCount() > 0) {
                if (!step()) {
                    stop.await(pause.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean step() throws InterruptedException {
        try {
            List<Entry> entries = spool.peek(BATCH_RECORDS);
            if (entries.isEmpty()) {
                spool.await(IDLE_MILLIS);
                if (spool.pending() > 0) {
                    stop.await(GATHER_MILLIS, TimeUnit.MILLISECONDS);
                }
                return true;
            }
            return deliver(entries);
        } catch (UncheckedIOException e) {
            lengthenPause(e.getMessage() + " (" + e.getCause().getMessage() + "); it is tried again");
            return false;
        }
    }

    /** One attempt; whether the batch is done with. */
    boolean deliver(List<Entry> entries) {
        List<Outgoing> records = new ArrayList<>();
        List<Long> sequences = new ArrayList<>();
        for (Entry entry : entries) {
            Optional<Outgoing> record = codec.decode(entry.payload());
            record.ifPresent(known -> {
                records.add(known);
                sequences.add(entry.sequence());
            });
        }
        RecordSink.Delivery delivery = sink.deliver(records);
        boolean complete = delivery.settled() == records.size();
        if (complete) {
            spool.commit(entries.get(entries.size() - 1).sequence() + 1);
            undeliverable += entries.size() - records.size();
        } else {
            spool.commit(sequences.get(delivery.settled()));
        }
        undeliverable += delivery.refused();
        if (complete) {
            delivery.problem().ifPresent(events::warn);
            if (away) {
                events.info("the broker is back; " + spool.pending() + " records still wait");
            }
            away = false;
            pause = Duration.ZERO;
        } else {
            lengthenPause(delivery.problem().orElse("the broker took no records")
                    + "; telemetry waits on disk and delivery is tried again");
        }
        return complete;
    }

    private void lengthenPause(String problem) {
        if (!away) {
            events.warn(problem);
        }
        away = true;
        pause = pause.isZero() ? FIRST_PAUSE : shorter(pause.multipliedBy(2), LONGEST_PAUSE);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /**
     * Stops after the attempt in progress; what is left stays on disk. The thread is never interrupted: an interrupt would close the
     * spool's files under it. Closing the sink ends an attempt that hangs.
     */
    @Override
    public void close() {
        stop.countDown();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(1));
            sink.close();
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            sink.close();
        }
    }
}
