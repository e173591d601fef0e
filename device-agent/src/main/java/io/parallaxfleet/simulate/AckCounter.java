package io.parallaxfleet.simulate;

import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.Replan;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.uplink.AgentEvents;
import io.parallaxfleet.uplink.Outbox;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;

/**
 * Passes records on and counts the acknowledgements among them: one line for each class and epoch says what a thousand devices did.
 * Thread-safe.
 */
final class AckCounter implements Outbox {
    private record Update(String deviceClass, long epoch) {}

    private static final class Tally {
        private final Map<AckOutcome, Integer> outcomes = new EnumMap<>(AckOutcome.class);
        private Map<String, String> models = new LinkedHashMap<>();
    }

    private final Outbox target;
    private final AgentEvents events;
    private final Map<Update, Tally> open = new LinkedHashMap<>();

    AckCounter(Outbox target, AgentEvents events) {
        this.target = target;
        this.events = events;
    }

    @Override
    public void send(Topic topic, String key, SpecificRecord value) {
        target.send(topic, key, value);
        if (value instanceof ThresholdAck ack) {
            count(ack);
        }
    }

    private synchronized void count(ThresholdAck ack) {
        Tally tally = open.computeIfAbsent(new Update(ack.getDeviceClass(), ack.getEpoch()), key -> new Tally());
        tally.outcomes.merge(ack.getOutcome(), 1, Integer::sum);
        if (tally.models.isEmpty()) {
            tally.models = ack.getPlans().stream().collect(Collectors.toMap(Replan::getModel,
                    plan -> plan.getDelegatedRegionsBefore() + " -> " + plan.getDelegatedRegionsAfter(), (one, other) -> one,
                    LinkedHashMap::new));
        }
    }

    /** Says what was counted since the last call. */
    synchronized void report() {
        open.forEach((update, tally) -> {
            String outcomes = tally.outcomes.entrySet().stream()
                    .map(entry -> entry.getValue() + " " + entry.getKey().name().toLowerCase(Locale.ROOT).replace('_', ' '))
                    .collect(Collectors.joining(", "));
            String models = tally.models.entrySet().stream()
                    .map(entry -> entry.getKey() + ": " + entry.getValue())
                    .collect(Collectors.joining(", "));
            events.event("epoch-acknowledged", update.deviceClass() + " (simulated), epoch " + update.epoch() + ": " + outcomes
                            + (models.isEmpty() ? "" : "; delegated regions " + models),
                    events.fields()
                            .put("deviceClass", update.deviceClass())
                            .put("simulated", true)
                            .put("epoch", update.epoch())
                            .put("applied", tally.outcomes.getOrDefault(AckOutcome.APPLIED, 0))
                            .put("refused", tally.outcomes.getOrDefault(AckOutcome.REFUSED, 0))
                            .put("notMember", tally.outcomes.getOrDefault(AckOutcome.NOT_MEMBER, 0))
                            .put("stale", tally.outcomes.getOrDefault(AckOutcome.STALE, 0)));
        });
        open.clear();
    }
}
