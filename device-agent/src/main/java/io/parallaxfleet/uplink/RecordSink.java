package io.parallaxfleet.uplink;

import java.util.List;
import java.util.Optional;

/** Where the spool is emptied to. */
public interface RecordSink extends AutoCloseable {
    /** Delivers records in order and waits until they are settled or the other side turns out to be away. */
    Delivery deliver(List<Outgoing> records);

    @Override
    void close();

    /**
     * @param settled leading records that are done with: delivered, or refused for good
     * @param refused those among them that were refused for good
     * @param problem one line on what went wrong; empty: nothing
     */
    record Delivery(int settled, int refused, Optional<String> problem) {}
}
