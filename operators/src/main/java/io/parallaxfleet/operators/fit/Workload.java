package io.parallaxfleet.operators.fit;

import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RegionProfile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which candidate regions a class really runs, and how often: how many inferences each plan served, and the candidates of the
 * model and input shapes it is a plan of. At most {@value #MAX_PLANS} plans are remembered, the one idle longest makes
 * room; all counts are halved every {@value #MEMORY} inferences, so that what a class ran long ago fades. Not thread-safe.
 */
public final class Workload {
    static final int MAX_PLANS = 512;
    static final int MEMORY = 20_000;

    /**
     * @param group model file and bound shapes: plans of one group choose among the same candidates
     * @param model name of the model; null where that was not kept
     * @param policy what the plan was made by; null where it does not say
     * @param delegated which of the regions the plan delegates; null where that was not kept
     */
    record Candidates(String group, String model, long policyEpoch, boolean explored, PlanPolicy policy, List<RegionShape> regions,
            Set<RegionShape> delegated) {
        Candidates {
            regions = List.copyOf(regions);
            delegated = delegated == null ? null : Set.copyOf(delegated);
        }

        // The policy's own plans first: exploration may cut candidates down to what it tries.
        boolean betterThan(Candidates other) {
            if (regions.isEmpty() != other.regions.isEmpty()) {
                return other.regions.isEmpty();
            }
            return explored != other.explored ? other.explored : policyEpoch > other.policyEpoch;
        }
    }

    // Both in the order of last use, oldest first.
    final Map<String, Long> inferencesByPlan = new LinkedHashMap<>(16, 0.75f, true);
    final Map<String, Candidates> candidatesByPlan = new LinkedHashMap<>(16, 0.75f, true);
    /** Inferences since the counts were halved. */
    int fresh;

    public void addPlan(PlanProfile plan) {
        candidatesByPlan.put(plan.getPlanId(), new Candidates(modelKey(plan), plan.getModel(), plan.getPolicyEpoch(), plan.getExplored(), plan.getPolicy(), plan.getRegions().stream().map(Workload::shape).toList(),
                plan.getRegions().stream().filter(RegionProfile::getDelegated).map(Workload::shape).collect(Collectors.toSet())));
        bound(candidatesByPlan);
    }

    /** Model file and bound shapes, which name what is run more surely than the model's name does. */
    public static String modelKey(PlanProfile plan) {
        return plan.getModelHash() + " " + plan.getShapeKey();
    }

    private static RegionShape shape(RegionProfile region) {
        return new RegionShape(region.getOperators(), region.getMacs(), region.getBoundaryBytes());
    }

    public void addInference(String planId) {
        inferencesByPlan.merge(planId, 1L, Long::sum);
        bound(inferencesByPlan);
        fresh++;
        if (fresh == MEMORY) {
            fresh = 0;
            inferencesByPlan.replaceAll((plan, inferences) -> inferences / 2);
            inferencesByPlan.values().removeIf(inferences -> inferences == 0);
        }
    }

    /** What the devices run by themselves; empty until an inference of a plan of theirs is known. */
    public Optional<Incumbent> incumbent() {
        Map<Candidates, Long> own = new LinkedHashMap<>();
        Map<Long, Long> byEpoch = new TreeMap<>();
        // Iterating an access-ordered map by its entries leaves the order alone; get() would not.
        Map<String, Candidates> plans = new HashMap<>(candidatesByPlan);
        inferencesByPlan.forEach((planId, inferences) -> {
            Candidates plan = plans.get(planId);
            if (plan != null && !plan.explored()) {
                own.merge(plan, inferences, Long::sum);
                byEpoch.merge(plan.policyEpoch(), inferences, Long::sum);
            }
        });
        if (own.isEmpty()) {
            return Optional.empty();
        }
        long epoch = mostCounted(byEpoch);
        own.keySet().removeIf(plan -> plan.policyEpoch() != epoch);
        Map<PlanPolicy, Long> byPolicy = new TreeMap<>();
        Map<RegionShape, Long> met = new HashMap<>();
        Map<RegionShape, Long> delegated = new HashMap<>();
        own.forEach((plan, inferences) -> {
            if (plan.policy() != null) {
                byPolicy.merge(plan.policy(), inferences, Long::sum);
            }
            for (RegionShape region : plan.delegated() == null ? Set.<RegionShape>of() : Set.copyOf(plan.regions())) {
                met.merge(region, inferences, Long::sum);
                delegated.merge(region, plan.delegated().contains(region) ? inferences : 0, Long::sum);
            }
        });
        Map<RegionShape, Double> shares = new HashMap<>();
        met.forEach((region, inferences) -> shares.put(region, (double) delegated.get(region) / inferences));
        return Optional.of(new Incumbent(epoch, byPolicy.isEmpty() ? null : mostCounted(byPolicy), shares));
    }

    // Of equals the last by order, so that the answer does not depend on a hash.
    private static <T> T mostCounted(Map<T, Long> sorted) {
        return sorted.entrySet().stream().reduce((a, b) -> b.getValue() >= a.getValue() ? b : a).orElseThrow().getKey();
    }

    /** Each distinct candidate of each model with how often an average inference of the class meets it. */
    public List<WorkloadRegion> regions() {
        Map<String, Candidates> candidates = new HashMap<>();
        Map<String, Long> inferences = new HashMap<>();
        long total = 0;
        for (Map.Entry<String, Long> plan : inferencesByPlan.entrySet()) {
            Candidates mine = candidatesByPlan.get(plan.getKey());
            if (mine != null) {
                candidates.merge(mine.group(), mine, (a, b) -> b.betterThan(a) ? b : a);
                inferences.merge(mine.group(), plan.getValue(), Long::sum);
                total += plan.getValue();
            }
        }
        List<WorkloadRegion> regions = new ArrayList<>();
        for (Map.Entry<String, Candidates> group : new TreeMap<>(candidates).entrySet()) {
            double share = (double) inferences.get(group.getKey()) / total;
            Map<RegionShape, Double> times = new LinkedHashMap<>();
            group.getValue().regions().forEach(region -> times.merge(region, share, Double::sum));
            RunModel model = new RunModel(group.getKey(), group.getValue().model());
            times.forEach((shape, perInference) -> regions.add(WorkloadRegion.unmeasured(model, shape, perInference)));
        }
        return regions;
    }

    /** Inferences that are remembered of each model, by its key. */
    Map<String, Long> inferencesByModel() {
        Map<String, Long> inferences = new HashMap<>();
        // As above: get() would change the order of last use.
        Map<String, Candidates> plans = new HashMap<>(candidatesByPlan);
        inferencesByPlan.forEach((planId, count) -> {
            Candidates plan = plans.get(planId);
            if (plan != null) {
                inferences.merge(plan.group(), count, Long::sum);
            }
        });
        return inferences;
    }

    private static void bound(Map<String, ?> plans) {
        if (plans.size() > MAX_PLANS) {
            Iterator<String> oldest = plans.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }
}
