package io.parallaxfleet.operators.ingest;

import io.parallaxfleet.operators.aggregate.Accumulator;
import io.parallaxfleet.operators.aggregate.AggregateKey;
import io.parallaxfleet.operators.aggregate.DeviceInference;
import io.parallaxfleet.operators.aggregate.KeyedAccumulator;
import io.parallaxfleet.operators.decode.RawInference;
import io.parallaxfleet.operators.decode.Telemetry;
import io.parallaxfleet.operators.fit.CostBatch;
import io.parallaxfleet.operators.fit.Plans;
import io.parallaxfleet.operators.fit.SampleSelection;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.PlanProfile;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** One session's records, and what comes of them; sums are merged as the windows do. */
final class IngestScenario implements Ingest.Output {
    static final long WINDOW = 10_000;
    static final long START = 1_760_000_000_000L;

    final Map<String, PlanProfile> plans = new HashMap<>(Map.of("plan", Plans.ofTwoBranches("plan")));
    final Ingest ingest = new Ingest(WINDOW, SampleSelection.defaults(), plans::get, this);
    final Session session = new Session();
    final Map<AggregateKey, Accumulator> sums = new HashMap<>();
    final List<Long> eventTimes = new ArrayList<>();
    final List<CostBatch> costs = new ArrayList<>();
    final List<DeviceInference> inferences = new ArrayList<>();
    long missing;
    final Map<Ingest.LeftOut, Integer> leftOut = new EnumMap<>(Ingest.LeftOut.class);

    private long sequence;

    /** The session's next record, changed, so long after the first window's start. */
    void add(Consumer<InferenceTelemetry> change, long offsetMillis) {
        InferenceTelemetry telemetry = Telemetry.good();
        telemetry.setSequence(sequence++);
        change.accept(telemetry);
        ingest.add(RawInference.of(telemetry), START + offsetMillis, session);
    }

    /** The record before once more. */
    void again(long offsetMillis) {
        sequence--;
        add(t -> { }, offsetMillis);
    }

    /** What the fit was shown. */
    int observed() {
        return costs.stream().mapToInt(batch -> batch.observations().size()).sum();
    }

    @Override
    public void aggregate(KeyedAccumulator sum, long eventTimeMillis) {
        sums.computeIfAbsent(sum.key(), key -> new Accumulator()).merge(sum.accumulator());
        eventTimes.add(eventTimeMillis);
    }

    @Override
    public void costs(CostBatch batch, long eventTimeMillis) {
        costs.add(batch);
    }

    @Override
    public void inference(DeviceInference inference, long eventTimeMillis) {
        inferences.add(inference);
    }

    @Override
    public void leftOut(Ingest.LeftOut why, RawInference record, int branches) {
        leftOut.merge(why, 1, Integer::sum);
    }

    @Override
    public void gap(RawInference record, long more) {
        missing += more;
    }

    int leftOut(Ingest.LeftOut why) {
        return leftOut.getOrDefault(why, 0);
    }

    ClassAggregate whole() {
        return result(null);
    }

    ClassAggregate branch(String name) {
        return result(name);
    }

    private ClassAggregate result(String branch) {
        Map.Entry<AggregateKey, Accumulator> only = sums.entrySet().stream()
                .filter(sum -> Objects.equals(sum.getKey().branch(), branch)).reduce((a, b) -> {
                    throw new AssertionError("two sums for " + branch);
                }).orElseThrow();
        return only.getValue().result(only.getKey(), START, START + WINDOW, false);
    }
}
