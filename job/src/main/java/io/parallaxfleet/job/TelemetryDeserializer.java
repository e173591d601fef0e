package io.parallaxfleet.job;

import io.parallaxfleet.operators.decode.RawRecord;
import io.parallaxfleet.operators.decode.TelemetryDecoder;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import java.net.URI;
import java.time.Clock;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Decodes inside the source, so that event time advances per partition: a slow one is then late for nobody. */
public final class TelemetryDeserializer implements KafkaRecordDeserializationSchema<Intake> {
    private static final long serialVersionUID = 1L;

    private final URI registry;
    private transient TelemetryDecoder decoder;

    public TelemetryDeserializer(URI registry) {
        this.registry = registry;
    }

    @Override
    public void open(DeserializationSchema.InitializationContext context) {
        decoder = new TelemetryDecoder(new HttpSchemaRegistry(registry), Clock.systemUTC());
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Intake> out) {
        out.collect(Intake.of(decoder.decode(new RawRecord(record.topic(), record.partition(), record.offset(),
                record.timestamp(), record.value()))));
    }

    @Override
    public TypeInformation<Intake> getProducedType() {
        return TypeInformation.of(Intake.class);
    }
}
