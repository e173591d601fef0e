package io.parallaxfleet.workload;

import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.schemas.avro.Replan;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.telemetry.PlanProfiles;
import io.parallaxfleet.thresholds.DeviceIdentity;
import io.parallaxfleet.thresholds.PolicyInForce;
import io.parallaxfleet.thresholds.ThresholdDecision;
import io.parallaxfleet.thresholds.ThresholdStore;
import io.parallaxfleet.uplink.AgentEvents;
import io.parallaxfleet.uplink.Outbox;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Puts accepted updates in force: every model re-planned, its new plan published, then the policy kept, then acknowledged. All models
 * or none: where one cannot be re-planned the others return to the old policy and the update is refused. One thread at a time.
 */
public final class Replanner {
    private final DeviceIdentity device;
    private final ThresholdStore store;
    private final List<WorkModel> models;
    private final PlanBook book;
    private final Outbox outbox;
    private final AgentEvents events;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private volatile boolean busy;

    public Replanner(DeviceIdentity device, ThresholdStore store, List<WorkModel> models, PlanBook book, Outbox outbox,
            AgentEvents events, Clock clock, LongSupplier nanoTime) {
        this.device = device;
        this.store = store;
        this.models = List.copyOf(models);
        this.book = book;
        this.outbox = outbox;
        this.events = events;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** Whether plans are being built now: inferences beside that are disturbed. */
    public boolean busy() {
        return busy;
    }

    /** Judges and applies updates as they came. */
    public void process(List<ThresholdUpdate> updates) {
        UpdateBacklog.Result result = UpdateBacklog.judge(store, device.deviceClass(), updates);
        for (UpdateBacklog.Decided settled : result.settled()) {
            ThresholdUpdate update = settled.update();
            if (settled.decision() instanceof ThresholdDecision.Refuse) {
                events.warn("epoch " + update.getEpoch() + " refused: " + settled.decision().reason());
            }
            outbox.send(Topic.THRESHOLD_ACKS, device.deviceId(),
                    ThresholdAcks.of(device, update, settled.decision(), clock.instant()));
        }
        result.toApply().ifPresent(decided -> {
            busy = true;
            try {
                apply(decided.update(), (ThresholdDecision.Apply) decided.decision());
            } finally {
                busy = false;
            }
        });
    }

    private void apply(ThresholdUpdate update, ThresholdDecision.Apply decision) {
        List<Replan> plans = new ArrayList<>();
        WorkModel current = null;
        try {
            for (WorkModel model : models) {
                current = model;
                plans.add(replan(model, decision.next()));
            }
            store.commit(decision);
        } catch (RuntimeException e) {
            // Whatever an engine or the disk throws here must leave the device with one policy, the old one.
            PolicyInForce old = store.inForce();
            models.subList(0, plans.size()).forEach(model -> model.adopt(old.policy(), old.epoch()));
            String what = e instanceof UncheckedIOException ? "" : current == null ? "" : current.name() + ": ";
            events.warn("epoch " + update.getEpoch() + " could not be applied: " + what + e.getMessage());
            outbox.send(Topic.THRESHOLD_ACKS, device.deviceId(),
                    ThresholdAcks.refused(device, update, what + e.getMessage(), clock.instant()));
            return;
        }
        events.event("policy-applied", "epoch " + decision.next().epoch() + " in force: " + decision.next().policy().describe(),
                events.fields()
                        .put("epoch", decision.next().epoch())
                        .put("policy", decision.next().policy().describe())
                        .put("rolloutId", decision.next().rolloutId()));
        outbox.send(Topic.THRESHOLD_ACKS, device.deviceId(),
                ThresholdAcks.applied(device, update, decision.reason(), plans, clock.instant()));
    }

    private Replan replan(WorkModel model, PolicyInForce next) {
        EnginePlan before = model.plan();
        long start = nanoTime.getAsLong();
        EnginePlan after = model.adopt(next.policy(), next.epoch());
        long nanos = nanoTime.getAsLong() - start;
        book.publish(after, false);
        int regionsBefore = PlanProfiles.delegatedRegions(before);
        int regionsAfter = PlanProfiles.delegatedRegions(after);
        events.event("replanned", model.name() + ": " + regionsBefore + " -> " + regionsAfter + " delegated regions, epoch "
                        + next.epoch(),
                events.fields()
                        .put("model", model.name())
                        .put("epoch", next.epoch())
                        .put("delegatedRegionsBefore", regionsBefore)
                        .put("delegatedRegionsAfter", regionsAfter)
                        .put("replanNanos", nanos));
        return Replan.newBuilder()
                .setModel(model.name())
                .setPlanIdBefore(PlanProfiles.planId(device, before))
                .setPlanIdAfter(PlanProfiles.planId(device, after))
                .setDelegatedRegionsBefore(regionsBefore)
                .setDelegatedRegionsAfter(regionsAfter)
                .setReplanNanos(nanos)
                .build();
    }
}
