package io.parallaxfleet.job;

import io.parallaxfleet.operators.decode.RawRecord;
import io.parallaxfleet.operators.decode.TelemetryDecoder;
import io.parallaxfleet.schemas.avro.DeadLetter;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordDeserializer;
import io.parallaxfleet.schemas.serde.UndecodableRecordException;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.apache.flink.util.function.SerializableFunction;

/** Decodes the records of a control topic; what cannot be decoded or used goes to a side output. Tombstones pass unseen. */
final class DecodeFunction<T extends SpecificRecordBase> extends ProcessFunction<RawRecord, T> {
    private static final long serialVersionUID = 1L;

    static final OutputTag<DeadLetter> DEAD_LETTERS =
            new OutputTag<>("dead-letters", new AvroTypeInfo<>(DeadLetter.class));

    private final URI registry;
    private final Class<T> type;
    private final SerializableFunction<T, Optional<String>> firstFault;
    private transient AvroRecordDeserializer<T> deserializer;

    /** @param firstFault why a decoded record cannot be used; empty where it can */
    DecodeFunction(URI registry, Class<T> type, SerializableFunction<T, Optional<String>> firstFault) {
        this.registry = registry;
        this.type = type;
        this.firstFault = firstFault;
    }

    @Override
    public void open(OpenContext context) {
        deserializer = new AvroRecordDeserializer<>(new HttpSchemaRegistry(registry), type);
    }

    @Override
    public void processElement(RawRecord raw, Context context, Collector<T> out) {
        if (raw.value() == null) {
            return;
        }
        T value;
        try {
            value = deserializer.deserialize(raw.topic(), raw.value());
        } catch (UndecodableRecordException e) {
            bury(raw, e.getMessage(), context);
            return;
        }
        Optional<String> fault = firstFault.apply(value);
        if (fault.isPresent()) {
            bury(raw, fault.get(), context);
        } else {
            out.collect(value);
        }
    }

    private void bury(RawRecord raw, String reason, Context context) {
        Instant now = Instant.ofEpochMilli(context.timerService().currentProcessingTime());
        context.output(DEAD_LETTERS, TelemetryDecoder.deadLetter(raw, now, reason));
    }
}
