package io.parallaxfleet.operators.search;

import io.parallaxfleet.operators.fit.CostModel;
import io.parallaxfleet.operators.fit.EnergyFit;
import io.parallaxfleet.operators.fit.WorkloadRegion;
import io.parallaxfleet.schemas.avro.Objective;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Thresholds that minimise the predicted cost of the regions a class really runs, among those that raise no measured model's cost by
 * more than a bound; f and q are put at the geometric middle of the gap to the nearest region on the other side, so that no
 * region sits on the edge. Thread-safe.
 */
public final class ThresholdSearch {
    /** Share of the regions' cost on the CPU that an accelerator must save to be worth using; less is within what a fit errs by. */
    static final double WORTH_USING = 0.01;

    private final SearchOptions options;

    /** @param minImprovement share of the time under the rule in force that a new rule must be predicted to save, in [0,1) */
    public ThresholdSearch(double minImprovement) {
        this(new SearchOptions(minImprovement, SearchOptions.DEFAULT_MAX_MODEL_REGRET, Objective.LATENCY));
    }

    public ThresholdSearch(SearchOptions options) {
        this.options = options;
    }

    /** Looks for a better rule where nothing is known of energy; see the other. */
    public SearchResult search(List<WorkloadRegion> workload, CostModel model, InForce inForce,
            Collection<DelegationRule> rejected) {
        return search(workload, model, null, inForce, rejected);
    }

    /**
     * Looks for a better rule.
     *
     * @param energy what the workload costs in energy; null where that is not known, and then only latency can be minimised
     * @param rejected rules that measurement has already refuted for this class; what decides like one of them is not proposed
     */
    public SearchResult search(List<WorkloadRegion> workload, CostModel model, EnergyFit energy, InForce inForce,
            Collection<DelegationRule> rejected) {
        List<RegionCost> latencies = costs(workload, model);
        if (latencies.isEmpty()) {
            return new SearchResult.Keep("the class runs no candidate region");
        }
        if (options.objective() != Objective.LATENCY && energy == null) {
            return new SearchResult.Keep("the objective is " + options.objective() + ", but energy is unavailable for this class, or too "
                    + "little of it is known; unavailable energy is not taken for none");
        }
        List<RegionCost> regions = objective(latencies, energy, inForce);
        double worthUsing = WORTH_USING * total(regions, InForce.published(new DelegationRule.Never()));
        DelegationRule free = new RuleSpace(regions, inForce, Map.of()).best(worthUsing).orElseThrow();
        Optional<DelegationRule> bounded = new RuleSpace(regions, inForce, leastSaved(regions, inForce)).best(worthUsing);
        if (bounded.isEmpty()) {
            return new SearchResult.Keep("every rule would cost a model that was measured too much; the best, " + free.describe()
                    + ", " + worst(effects(regions, inForce, free)));
        }
        DelegationRule best = bounded.get();
        String bound = decidesAlike(best, InForce.published(free), regions) ? ""
                : "; " + free.describe() + " would save more, but " + worst(effects(regions, inForce, free));
        if (decidesAlike(best, inForce, regions)) {
            return new SearchResult.Keep("the best rule, " + best.describe() + ", decides every region as the one in force, "
                    + inForce.rule().describe() + bound);
        }
        for (DelegationRule refuted : rejected) {
            if (decidesAlike(best, InForce.published(refuted), regions)) {
                return new SearchResult.Keep("the best rule by prediction, " + best.describe()
                        + ", decides as one that was measured slower and rolled back" + bound);
            }
        }
        return scored(best, latencies, regions, inForce, bound);
    }

    /**
     * What a rule that was found earlier is predicted to change now: a proposal of it, or why it is none any more.
     *
     * @param energy as for a search
     */
    public SearchResult score(DelegationRule rule, List<WorkloadRegion> workload, CostModel model, EnergyFit energy, InForce inForce) {
        List<RegionCost> latencies = costs(workload, model);
        if (latencies.isEmpty()) {
            return new SearchResult.Keep("the class runs no candidate region");
        }
        return options.objective() != Objective.LATENCY && energy == null
                ? new SearchResult.Keep("the objective is " + options.objective() + ", but energy is not known any more")
                : scored(rule, latencies, objective(latencies, energy, inForce), inForce, "");
    }

    private SearchResult scored(DelegationRule rule, List<RegionCost> latencies, List<RegionCost> regions, InForce inForce,
            String bound) {
        double before = total(regions, inForce);
        double after = total(regions, InForce.published(rule));
        double improvement = (before - after) / before;
        if (improvement < options.minImprovement()) {
            return new SearchResult.Keep(String.format(Locale.ROOT, "%s is predicted to save %.1f %%, below the %.1f %% that a "
                    + "change must save%s", rule.describe(), 100 * improvement, 100 * options.minImprovement(), bound));
        }
        return new SearchResult.Propose(rule, total(latencies, inForce) * 1e9, total(latencies, InForce.published(rule)) * 1e9,
                delegated(regions, inForce), delegated(regions, InForce.published(rule)), regions.size(),
                effects(latencies, inForce, rule));
    }

    private List<RegionCost> objective(List<RegionCost> latencies, EnergyFit energy, InForce inForce) {
        if (options.objective() == Objective.LATENCY) {
            return latencies;
        }
        List<RegionCost> energies = costs(energy.workload(), CostModel.of(energy.estimate()));
        if (energies.size() != latencies.size()) {
            throw new IllegalArgumentException("energy is known of " + energies.size() + " regions, latency of " + latencies.size());
        }
        double seconds = total(latencies, inForce);
        double joules = total(energies, inForce);
        List<RegionCost> costs = new ArrayList<>(latencies.size());
        for (int i = 0; i < latencies.size(); i++) {
            RegionCost time = latencies.get(i);
            RegionCost own = energies.get(i);
            costs.add(options.objective() == Objective.ENERGY
                    ? new RegionCost(time.model(), time.shape(), own.cpu(), own.accelerator(), own.measured(), own.bounded(),
                            own.uncertainty())
                    : new RegionCost(time.model(), time.shape(), time.cpu() / seconds + own.cpu() / joules,
                            time.accelerator() / seconds + own.accelerator() / joules, time.measured(), time.bounded(),
                            time.uncertainty() / seconds + own.uncertainty() / joules));
        }
        return costs;
    }

    /** Predicted seconds that an average inference spends in its regions, by where they really run. */
    static double predictedSeconds(List<WorkloadRegion> regions, CostModel model, InForce inForce) {
        return total(costs(regions, model), inForce);
    }

    private static List<RegionCost> costs(List<WorkloadRegion> workload, CostModel model) {
        return workload.stream().filter(region -> region.shape().macs() > 0 && region.perInference() > 0)
                .map(region -> RegionCost.of(region, model))
                .toList();
    }

    private static double total(List<RegionCost> regions, InForce inForce) {
        return regions.stream().mapToDouble(region -> region.under(inForce)).sum();
    }

    // after + risk <= (1 + bound) · before, and after is the cost on the CPU less what is saved.
    private Map<String, Double> leastSaved(List<RegionCost> regions, InForce inForce) {
        Map<String, Double> least = new HashMap<>();
        for (RegionCost region : regions) {
            if (region.bounded()) {
                least.merge(region.model().key(), region.cpu() - (1 + options.maxModelRegret()) * region.under(inForce)
                        + region.riskOnCpu(inForce), Double::sum);
            }
        }
        return least;
    }

    private static List<ModelEffect> effects(List<RegionCost> regions, InForce inForce, DelegationRule rule) {
        Map<String, List<RegionCost>> models = regions.stream()
                .collect(Collectors.groupingBy(region -> region.model().key(), LinkedHashMap::new, Collectors.toList()));
        return models.values().stream()
                .map(model -> new ModelEffect(model.get(0).model().name(),
                        total(model, InForce.published(rule)) / total(model, inForce) - 1, risk(model, inForce, rule) / total(model, inForce),
                        model.get(0).measured()))
                .sorted(Comparator.comparingDouble(effect -> -effect.change()))
                .toList();
    }

    private static String worst(List<ModelEffect> effects) {
        return effects.stream().filter(effect -> effect.measured() || effect.uncertainty() > 0)
                .max(Comparator.comparingDouble(effect -> effect.change() + effect.uncertainty())).map(ModelEffect::describe).orElse("");
    }

    private static double risk(List<RegionCost> model, InForce inForce, DelegationRule rule) {
        return model.stream().mapToDouble(region -> region.uncertainty()
                * Math.abs((rule.delegates(region.shape()) ? 1 : 0) - inForce.delegatedShare(region.shape()))).sum();
    }

    private static int delegated(List<RegionCost> regions, InForce inForce) {
        return (int) regions.stream().filter(r -> inForce.delegatedShare(r.shape()) >= 0.5).count();
    }

    // Devices that differ on a region do not all decide it as the rule does, whichever way that is.
    private static boolean decidesAlike(DelegationRule rule, InForce inForce, List<RegionCost> regions) {
        return regions.stream().allMatch(r -> inForce.delegatedShare(r.shape()) == (rule.delegates(r.shape()) ? 1 : 0));
    }
}
