package io.parallaxfleet.job;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Keeps what a job on the local cluster emits, exactly once, as the job's own sinks do: what was written since the last checkpoint counts
 * only when the next one completes, so that a job that falls back to a checkpoint (Flink restarts it when a savepoint fails) repeats
 * nothing. Flink copies the sink to its tasks, so its copies meet in static maps.
 */
final class CommittingSink<T> implements Sink<T>, SupportsCommitter<String> {
    private static final long serialVersionUID = 1L;
    private static final Map<String, Ledger> LEDGERS = new ConcurrentHashMap<>();

    private final String id = UUID.randomUUID().toString();

    /** What was written, its transactions, and which of them were committed. */
    private record Ledger(AtomicLong written, Map<String, List<Object>> transactions, List<String> committed) implements Serializable {}

    private Ledger ledger() {
        return LEDGERS.computeIfAbsent(id, key -> new Ledger(new AtomicLong(), new ConcurrentHashMap<>(), new CopyOnWriteArrayList<>()));
    }

    /** How many elements were written in all lives of the job, committed or not. */
    long written() {
        return ledger().written().get();
    }

    @SuppressWarnings("unchecked")
    List<T> committed() {
        return ledger().committed().stream()
                .flatMap(transaction -> ledger().transactions().get(transaction).stream())
                .map(element -> (T) element)
                .collect(Collectors.toList());
    }

    @Override
    public CommittingSinkWriter<T, String> createWriter(WriterInitContext context) {
        Ledger ledger = ledger();
        return new CommittingSinkWriter<>() {
            private List<Object> open = new ArrayList<>();

            @Override
            public void write(T element, Context writeContext) {
                open.add(element);
                ledger.written().incrementAndGet();
            }

            @Override
            public void flush(boolean endOfInput) {}

            @Override
            public Collection<String> prepareCommit() {
                if (open.isEmpty()) {
                    return List.of();
                }
                String transaction = UUID.randomUUID().toString();
                ledger.transactions().put(transaction, open);
                open = new ArrayList<>();
                return List.of(transaction);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public Committer<String> createCommitter(CommitterInitContext context) {
        Ledger ledger = ledger();
        return new Committer<>() {
            @Override
            public void commit(Collection<CommitRequest<String>> requests) {
                for (CommitRequest<String> request : requests) {
                    // A job that goes on from a savepoint commits again what the savepoint holds.
                    if (!ledger.committed().contains(request.getCommittable())) {
                        ledger.committed().add(request.getCommittable());
                    }
                }
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public SimpleVersionedSerializer<String> getCommittableSerializer() {
        return new SimpleVersionedSerializer<>() {
            @Override
            public int getVersion() {
                return 1;
            }

            @Override
            public byte[] serialize(String transaction) {
                return transaction.getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public String deserialize(int version, byte[] serialized) {
                return new String(serialized, StandardCharsets.UTF_8);
            }
        };
    }
}
