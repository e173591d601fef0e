package io.parallaxfleet.job;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/** Keeps what a job on the local cluster emits. Flink copies the sink to its tasks, so its copies meet in a static map. */
final class CollectingSink<T> implements Sink<T> {
    private static final long serialVersionUID = 1L;
    private static final Map<String, List<Object>> COLLECTED = new ConcurrentHashMap<>();

    private final String id = UUID.randomUUID().toString();

    @SuppressWarnings("unchecked")
    List<T> collected() {
        return (List<T>) COLLECTED.computeIfAbsent(id, key -> new CopyOnWriteArrayList<>());
    }

    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) {
        List<T> collected = collected();
        return new SinkWriter<>() {
            @Override
            public void write(T element, Context writeContext) {
                collected.add(element);
            }

            @Override
            public void flush(boolean endOfInput) {}

            @Override
            public void close() {}
        };
    }
}
