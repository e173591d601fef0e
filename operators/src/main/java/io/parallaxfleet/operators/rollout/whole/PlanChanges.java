package io.parallaxfleet.operators.rollout.whole;

import io.parallaxfleet.schemas.avro.Replan;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which models run another plan since an update, as the devices that applied it say. A plan's id is a hash of what is placed where, so
 * that equal ids before and after are the same plan. Not thread-safe.
 */
public final class PlanChanges {
    private static final int MAX_MODELS = 64;

    /** Of one model, the devices that said it. */
    public record Count(int changed, int kept) {
        Count and(boolean isChanged) {
            return new Count(changed + (isChanged ? 1 : 0), kept + (isChanged ? 0 : 1));
        }
    }

    private final Map<String, Count> byModel = new TreeMap<>();
    private int devices;

    /** A device applied the update; the caller sees to it that each device is heard once. */
    public void add(ThresholdAck ack) {
        devices++;
        for (Replan plan : ack.getPlans()) {
            if (byModel.size() < MAX_MODELS || byModel.containsKey(plan.getModel())) {
                boolean changed = !plan.getPlanIdBefore().equals(plan.getPlanIdAfter());
                byModel.put(plan.getModel(), byModel.getOrDefault(plan.getModel(), new Count(0, 0)).and(changed));
            }
        }
    }

    /** Puts down what was saved. */
    public void restore(int savedDevices, Map<String, Count> saved) {
        devices = savedDevices;
        byModel.putAll(saved);
    }

    public void clear() {
        devices = 0;
        byModel.clear();
    }

    public int devices() {
        return devices;
    }

    public Map<String, Count> byModel() {
        return Map.copyOf(byModel);
    }

    /** Models with another plan on most of the devices that run them. */
    Set<String> changed() {
        return byModel.entrySet().stream()
                .filter(model -> 2 * model.getValue().changed() > model.getValue().changed() + model.getValue().kept())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** Models that every device runs, by the plan it had: what moves these is not the update, and it moves every device's others too. */
    Set<String> keptEverywhere() {
        return byModel.entrySet().stream()
                .filter(model -> model.getValue().kept() == devices)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }
}
