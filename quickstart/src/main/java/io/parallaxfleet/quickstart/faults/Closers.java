package io.parallaxfleet.quickstart.faults;

import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.topics.Topic;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Moves event time on in every partition after the last device has ended: a window closes when something later has come. Their
 * class is nobody else's, and neither count looks at it.
 */
final class Closers {
    static final String DEVICE_CLASS = "sim-faults-end";

    private final Redelivery out;
    private final AvroRecordSerializer<InferenceTelemetry> serializer;
    private final InferenceTelemetry template;
    private final String session = UUID.randomUUID().toString();
    private long sequence;

    /** @param template any telemetry of a simulated device */
    Closers(Redelivery out, SchemaRegistry registry, InferenceTelemetry template) {
        this.out = out;
        this.serializer = new AvroRecordSerializer<>(registry);
        this.template = template;
    }

    /** One record, as of now, to every partition. */
    void send(Instant now) {
        for (int partition = 0; partition < Topic.TELEMETRY.partitions(); partition++) {
            String device = "closer-" + partition;
            InferenceTelemetry record = InferenceTelemetry.newBuilder(template)
                    .setDeviceId(device)
                    .setDeviceClass(DEVICE_CLASS)
                    .setSimulated(true)
                    .setSessionId(session)
                    .setSequence(sequence)
                    .setTimestamp(now)
                    .setBranchLatencyNanos(List.of())
                    .setBranchPlanned(ByteBuffer.allocate(0))
                    .setBranchActual(ByteBuffer.allocate(0))
                    .setBranchFallback(ByteBuffer.allocate(0))
                    .setBranchArenaPeakBytes(List.of())
                    .setBranchEnergyMicrojoules(null)
                    .setBranchCoRunning(ByteBuffer.allocate(0))
                    .build();
            String topic = Topic.TELEMETRY.topicName();
            out.send(topic, partition, device.getBytes(StandardCharsets.UTF_8), serializer.serialize(topic, record));
        }
        sequence++;
    }
}
