package io.parallaxfleet.workload;

import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.uplink.AgentEvents;
import io.parallaxfleet.uplink.Outbox;
import io.parallaxfleet.uplink.Outgoing;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.avro.specific.SpecificRecord;

/** Keeps what is sent. */
public final class RecordedOutbox implements Outbox {
    public final List<Outgoing> sent = new CopyOnWriteArrayList<>();

    @Override
    public void send(Topic topic, String key, SpecificRecord value) {
        sent.add(new Outgoing(topic, key, value));
    }

    /** Values of one topic, in order. */
    public <T extends SpecificRecord> List<T> values(Topic topic, Class<T> type) {
        return sent.stream().filter(record -> record.topic() == topic).map(record -> type.cast(record.value())).toList();
    }

    /** Events that nobody reads. */
    public static AgentEvents silence() {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        return new AgentEvents(nowhere, nowhere, false, Clock.systemUTC());
    }
}
