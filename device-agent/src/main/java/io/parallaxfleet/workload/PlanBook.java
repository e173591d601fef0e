package io.parallaxfleet.workload;

import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.telemetry.PlanProfiles;
import io.parallaxfleet.thresholds.DeviceIdentity;
import io.parallaxfleet.uplink.Outbox;
import java.util.LinkedHashMap;
import java.util.Map;

/** Publishes the profile of every plan of a class before telemetry names it, once for each epoch. Thread-safe. */
public final class PlanBook {
    private final DeviceIdentity device;
    private final String engineVersion;
    private final Outbox outbox;
    private final Map<String, PlanProfile> published = new LinkedHashMap<>();

    public PlanBook(DeviceIdentity device, String engineVersion, Outbox outbox) {
        this.device = device;
        this.engineVersion = engineVersion;
        this.outbox = outbox;
    }

    /** Publishes the plan unless it was; a plan that the policy chose stays so when exploration comes to it as well. */
    public synchronized void publish(EnginePlan plan, boolean explored) {
        PlanProfile known = published.get(PlanProfiles.planId(device, plan));
        if (known != null && known.getPolicyEpoch() >= plan.policyEpoch() && (explored || !known.getExplored())) {
            return;
        }
        PlanProfile profile = PlanProfiles.of(device, plan, explored, engineVersion);
        published.put(profile.getPlanId(), profile);
        outbox.send(Topic.PLANS, profile.getPlanId(), profile);
    }

    /** Publishes everything again: after records were lost nobody knows which. */
    public synchronized void republish() {
        published.forEach((id, profile) -> outbox.send(Topic.PLANS, id, profile));
    }
}
