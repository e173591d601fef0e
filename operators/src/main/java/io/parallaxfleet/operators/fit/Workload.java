package io.parallaxfleet.operators.fit;

import io.parallaxfleet.schemas.avro.PlanProfile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which candidate regions a class really runs, and how often: how many inferences each plan served, and the candidates of the
 * model and input shapes it is a plan of. At most {@value #MAX_PLANS} plans are remembered, the one idle longest makes
 * room. Not thread-safe.
 */
public final class Workload {
    static final int MAX_PLANS = 512;

    /** @param group model file and bound shapes: plans of one group choose among the same candidates */
    record Candidates(String group, long policyEpoch, boolean explored, List<RegionShape> regions) {
        Candidates {
            regions = List.copyOf(regions);
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

    public void addPlan(PlanProfile plan) {
        List<RegionShape> regions = plan.getRegions().stream()
                .map(r -> new RegionShape(r.getOperators(), r.getMacs(), r.getBoundaryBytes()))
                .toList();
        candidatesByPlan.put(plan.getPlanId(), new Candidates(plan.getModelHash() + " " + plan.getShapeKey(),
                plan.getPolicyEpoch(), plan.getExplored(), regions));
        bound(candidatesByPlan);
    }

    public void addInference(String planId) {
        inferencesByPlan.merge(planId, 1L, Long::sum);
        bound(inferencesByPlan);
    }

    /** Each distinct candidate with how often an average inference of the class meets it. */
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
        Map<RegionShape, Double> shares = new LinkedHashMap<>();
        for (Map.Entry<String, Candidates> group : new TreeMap<>(candidates).entrySet()) {
            double share = (double) inferences.get(group.getKey()) / total;
            group.getValue().regions().forEach(region -> shares.merge(region, share, Double::sum));
        }
        List<WorkloadRegion> regions = new ArrayList<>(shares.size());
        shares.forEach((shape, share) -> regions.add(WorkloadRegion.unmeasured(shape, share)));
        return regions;
    }

    private static void bound(Map<String, ?> plans) {
        if (plans.size() > MAX_PLANS) {
            Iterator<String> oldest = plans.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }
}
