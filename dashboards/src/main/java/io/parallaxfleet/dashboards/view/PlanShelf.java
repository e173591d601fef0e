package io.parallaxfleet.dashboards.view;

import io.parallaxfleet.dashboards.view.FleetSnapshot.PlanState;
import io.parallaxfleet.schemas.avro.BranchProfile;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RegionProfile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The plans of the fleet with the newest window of each branch; at the limit the least recently used plan goes. A branch
 * window may come before its plan's profile. Not thread-safe.
 */
final class PlanShelf {
    private static final int PLANS_PER_CLASS_SENT = 40;

    private record PlanKey(ClassKey owner, String planId) {}

    private record BranchWindow(
            double p50Nanos, double p90Nanos, long samples, long fallbacks, Double energyMicrojoules, long endMillis) {}

    private static final class Entry {
        private PlanState state;
        private List<PlanDetail.Region> regions = List.of();
        private List<PlanDetail.Branch> branches = List.of();
        private int branchesLeftOut;
        private long lastSeenMillis;
        private final Map<String, BranchWindow> windows = new HashMap<>();
    }

    private final ViewLimits limits;
    private final LinkedHashMap<PlanKey, Entry> plans = new LinkedHashMap<>(64, 0.75f, true);

    PlanShelf(ViewLimits limits) {
        this.limits = limits;
    }

    void profile(ClassKey owner, PlanProfile plan, long writtenMillis) {
        Entry entry = entry(new PlanKey(owner, RecordCheck.bounded(plan.getPlanId())));
        entry.lastSeenMillis = Math.max(entry.lastSeenMillis, writtenMillis);
        entry.regions = plan.getRegions().stream()
                .limit(limits.branchesPerPlan())
                .map(PlanShelf::region)
                .toList();
        entry.branches = plan.getBranches().stream()
                .limit(limits.branchesPerPlan())
                .map(PlanShelf::branch)
                .toList();
        entry.branchesLeftOut = plan.getBranches().size() - entry.branches.size();
        entry.state = new PlanState(
                RecordCheck.bounded(plan.getPlanId()),
                RecordCheck.bounded(plan.getModel()),
                RecordCheck.bounded(plan.getShapeKey()),
                plan.getPolicyEpoch(),
                plan.getExplored(),
                plan.getExecution().name(),
                plan.getOperators(),
                plan.getMacs(),
                plan.getLayers(),
                plan.getParallelLayers(),
                plan.getMaxBranchesInLayer(),
                plan.getBranches().size(),
                plan.getRegions().size(),
                (int) plan.getRegions().stream().filter(RegionProfile::getDelegated).count(),
                plan.getArenaBytes(),
                plan.getOneSessionArenaBytes(),
                entry.lastSeenMillis);
    }

    void branchWindow(ClassKey owner, ClassAggregate window) {
        Entry entry = entry(new PlanKey(owner, RecordCheck.bounded(window.getPlanId())));
        long end = window.getWindowEnd().toEpochMilli();
        entry.lastSeenMillis = Math.max(entry.lastSeenMillis, end);
        String branch = RecordCheck.bounded(window.getBranch());
        BranchWindow last = entry.windows.get(branch);
        boolean room = last != null || entry.windows.size() < limits.branchesPerPlan();
        if (window.getCount() > 0 && room && (last == null || end >= last.endMillis())) {
            entry.windows.put(branch, new BranchWindow(
                    window.getLatencyP50Nanos(),
                    window.getLatencyP90Nanos(),
                    window.getCount(),
                    window.getFallbackCount(),
                    energy(window),
                    end));
        }
    }

    /** Plans of a class whose profile is known, the newest seen first, as many as a snapshot carries. */
    List<PlanState> of(ClassKey owner) {
        List<PlanState> states = new ArrayList<>();
        // Iterating does not count as use, so the order of eviction stays.
        for (Map.Entry<PlanKey, Entry> plan : plans.entrySet()) {
            if (plan.getKey().owner().equals(owner) && plan.getValue().state != null) {
                states.add(current(plan.getValue()));
            }
        }
        states.sort(Comparator.comparingLong(PlanState::lastSeenMillis).reversed());
        return states.size() > PLANS_PER_CLASS_SENT ? List.copyOf(states.subList(0, PLANS_PER_CLASS_SENT)) : states;
    }

    Optional<PlanDetail> detail(ClassKey owner, String planId) {
        Entry entry = plans.get(new PlanKey(owner, planId));
        if (entry == null || entry.state == null) {
            return Optional.empty();
        }
        double total = entry.branches.stream()
                .map(branch -> entry.windows.get(branch.name()))
                .filter(window -> window != null)
                .mapToDouble(BranchWindow::p50Nanos)
                .sum();
        List<PlanDetail.Branch> branches = new ArrayList<>(entry.branches.size());
        for (PlanDetail.Branch branch : entry.branches) {
            branches.add(withMeasured(branch, entry.windows.get(branch.name()), total));
        }
        return Optional.of(new PlanDetail(current(entry), entry.regions, List.copyOf(branches), entry.branchesLeftOut));
    }

    /** Energy of a window, null where unavailable; a figure without a source is not believed. */
    static Double energy(ClassAggregate window) {
        String source = window.getEnergySource();
        return source.isBlank() || source.equals("none") ? null : window.getEnergyMicrojoulesMean();
    }

    private Entry entry(PlanKey key) {
        Entry entry = plans.computeIfAbsent(key, absent -> new Entry());
        if (plans.size() > limits.plans()) {
            Iterator<PlanKey> eldest = plans.keySet().iterator();
            eldest.next();
            eldest.remove();
        }
        return entry;
    }

    private static PlanState current(Entry entry) {
        PlanState plan = entry.state;
        return new PlanState(plan.planId(), plan.model(), plan.shapeKey(), plan.policyEpoch(), plan.explored(),
                plan.execution(), plan.operators(), plan.macs(), plan.layers(), plan.parallelLayers(),
                plan.maxBranchesInLayer(), plan.branches(), plan.regions(), plan.delegatedRegions(), plan.arenaBytes(),
                plan.oneSessionArenaBytes(), entry.lastSeenMillis);
    }

    private static PlanDetail.Region region(RegionProfile region) {
        return new PlanDetail.Region(region.getOperators(), region.getMacs(), region.getBoundaryBytes(),
                region.getDelegated(), RecordCheck.bounded(region.getReason()));
    }

    private static PlanDetail.Branch branch(BranchProfile branch) {
        return new PlanDetail.Branch(RecordCheck.bounded(branch.getName()), branch.getLayer(), branch.getPlacement().name(),
                branch.getOperators(), branch.getMacs(), branch.getBoundaryBytes(), branch.getArenaBytes(),
                RecordCheck.bounded(branch.getReason()), null);
    }

    private static PlanDetail.Branch withMeasured(PlanDetail.Branch branch, BranchWindow window, double totalP50Nanos) {
        if (window == null) {
            return branch;
        }
        PlanDetail.Measured measured = new PlanDetail.Measured(window.p50Nanos(), window.p90Nanos(),
                totalP50Nanos > 0 ? window.p50Nanos() / totalP50Nanos : 0, window.samples(), window.fallbacks(),
                window.energyMicrojoules(), window.endMillis());
        return new PlanDetail.Branch(branch.name(), branch.layer(), branch.placement(), branch.operators(), branch.macs(),
                branch.boundaryBytes(), branch.arenaBytes(), branch.reason(), measured);
    }
}
