package io.parallaxfleet.streambench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/** Keeps what a job on the local cluster emits. Flink copies the sink to its tasks, so its copies meet in a static map. */
final class CollectingSink<T> implements Sink<T> {
    private static final long serialVersionUID = 1L;
    private static final Map<String, List<Object>> COLLECTED = new ConcurrentHashMap<>();

    private final String id = UUID.randomUUID().toString();

    /** What came since the last time. */
    @SuppressWarnings("unchecked")
    List<T> take() {
        List<Object> all = COLLECTED.remove(id);
        return all == null ? List.of() : (List<T>) all;
    }

    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) {
        List<Object> collected = COLLECTED.computeIfAbsent(id, key -> Collections.synchronizedList(new ArrayList<>()));
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
