package io.parallaxfleet.operators.ingest;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.schemas.avro.PlanProfile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Says which plans to forget when more are known than are kept: those of exploration before those of a policy, which every device
 * of a class runs, and those of an old epoch before those of a new one. The order follows from the plans alone, so that every
 * instance of the job forgets the same ones, after a restart too. A few hundred bytes a plan; not thread-safe.
 */
public final class PlanShelf {
    /** More than a class runs: its models, times the epochs whose telemetry may still come, times what exploration tries. */
    static final int MAX_OF_A_CLASS = 4_096;
    /** Bounds state to some hundred megabytes whatever classes are made up. */
    static final int MAX = 32_768;

    private static final Comparator<Known> LEAST_WANTED_FIRST =
            Comparator.comparing((Known plan) -> !plan.explored()).thenComparingLong(Known::policyEpoch).thenComparing(Known::planId);

    private record Known(boolean explored, long policyEpoch, String planId, ClassKey classKey) {
        static Known of(PlanProfile plan) {
            return new Known(plan.getExplored(), plan.getPolicyEpoch(), plan.getPlanId(),
                    new ClassKey(plan.getDeviceClass(), plan.getSimulated()));
        }
    }

    private final int maxOfAClass;
    private final int max;
    private final Map<String, Known> byId = new HashMap<>();
    private final Map<ClassKey, TreeSet<Known>> byClass = new HashMap<>();
    private final TreeSet<Known> all = new TreeSet<>(LEAST_WANTED_FIRST);

    public PlanShelf() {
        this(MAX_OF_A_CLASS, MAX);
    }

    PlanShelf(int maxOfAClass, int max) {
        this.maxOfAClass = maxOfAClass;
        this.max = max;
    }

    /**
     * Puts a plan on the shelf, in the place of one of the same id.
     *
     * @return ids of the plans that have to make room, which may be its own
     */
    public List<String> put(PlanProfile plan) {
        Optional.ofNullable(byId.get(plan.getPlanId())).ifPresent(this::remove);
        Known known = Known.of(plan);
        byId.put(known.planId(), known);
        TreeSet<Known> ofClass = byClass.computeIfAbsent(known.classKey(), key -> new TreeSet<>(LEAST_WANTED_FIRST));
        ofClass.add(known);
        all.add(known);
        List<String> forgotten = new ArrayList<>();
        if (ofClass.size() > maxOfAClass) {
            forgotten.add(remove(ofClass.first()));
        }
        if (all.size() > max) {
            forgotten.add(remove(all.first()));
        }
        return forgotten;
    }

    public int size() {
        return byId.size();
    }

    private String remove(Known known) {
        byId.remove(known.planId());
        all.remove(known);
        byClass.computeIfPresent(known.classKey(), (key, plans) -> {
            plans.remove(known);
            return plans.isEmpty() ? null : plans;
        });
        return known.planId();
    }
}
