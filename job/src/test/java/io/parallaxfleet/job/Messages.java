package io.parallaxfleet.job;

import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.DeadLetter;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;

/** Records for the inputs beside telemetry and plans. */
final class Messages {
    private static final Instant THEN = Instant.ofEpochMilli(1_760_000_000_000L);

    private Messages() {}

    /** A topic on which nothing is said. */
    static <T extends SpecificRecordBase> DataStream<T> none(StreamExecutionEnvironment env, Class<T> type) {
        // An empty collection is no source: one number of which nothing is made.
        return env.fromSequence(0, 0).uid("source-of-no-" + type.getSimpleName())
                .flatMap((Long nothing, Collector<T> out) -> { }, new AvroTypeInfo<>(type))
                .uid("no-" + type.getSimpleName());
    }

    static DeadLetter deadLetter(long offset) {
        return DeadLetter.newBuilder()
                .setTopic("parallax.telemetry")
                .setPartition(0)
                .setOffset(offset)
                .setRecordTimestamp(THEN)
                .setReason("garbage")
                .setValue(ByteBuffer.wrap(new byte[] {1, 2, 3}))
                .setValueBytes(3)
                .setTimestamp(THEN)
                .build();
    }

    static ThresholdAck acknowledgement(long epoch) {
        return ThresholdAck.newBuilder()
                .setDeviceId("device-0")
                .setDeviceClass(SyntheticFleet.DEVICE_CLASS)
                .setSimulated(false)
                .setEpoch(epoch)
                .setRolloutId("earlier")
                .setOutcome(AckOutcome.APPLIED)
                .setPlans(List.of())
                .setTimestamp(THEN)
                .build();
    }

    static ThresholdUpdate updateOfAnotherClass() {
        return ThresholdUpdate.newBuilder()
                .setDeviceClass("other")
                .setSimulated(false)
                .setEpoch(7)
                .setPreviousEpoch(6)
                .setMode(DelegationMode.NEVER)
                .setMinOperators(3)
                .setMinMacs(1)
                .setMaxBytesPerMac(0.1)
                .setObjective(Objective.LATENCY)
                .setRolloutId("other-epoch-7")
                .setStage(RolloutStage.FULL)
                .setMembershipPerMille(1000)
                .setKillSwitch(false)
                .setIssuedAt(THEN)
                .setIssuedBy("somebody")
                .setReason("by hand")
                .build();
    }
}
