package io.parallaxfleet.uplink;

import io.parallaxfleet.schemas.topics.Topic;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.specific.SpecificRecord;

/** An outbox that writes to the spool. A disk that refuses costs the record, is counted and said once; the device works on. */
public final class SpoolOutbox implements Outbox {
    private final Spool spool;
    private final AgentEvents events;
    private final OutgoingCodec codec = new OutgoingCodec();
    private final AtomicLong refusedByDisk = new AtomicLong();

    public SpoolOutbox(Spool spool, AgentEvents events) {
        this.spool = spool;
        this.events = events;
    }

    @Override
    public void send(Topic topic, String key, SpecificRecord value) {
        try {
            spool.append(codec.encode(new Outgoing(topic, key, value)));
        } catch (UncheckedIOException e) {
            if (refusedByDisk.getAndIncrement() == 0) {
                events.warn(e.getMessage() + " (" + e.getCause().getMessage() + "); records are lost until then");
            }
        }
    }

    /** Records lost to the size limit, to damage and to a disk that refused. */
    public long lost() {
        return spool.lost() + refusedByDisk.get();
    }
}
