package io.parallaxfleet.operators.study;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.fit.CostModel;
import io.parallaxfleet.operators.fit.CostModelFit;
import io.parallaxfleet.operators.fit.FitOptions;
import io.parallaxfleet.operators.fit.FitResult;
import io.parallaxfleet.operators.fit.RegionShape;
import io.parallaxfleet.operators.search.DelegationRule;
import io.parallaxfleet.operators.search.InForce;
import io.parallaxfleet.operators.search.SearchResult;
import io.parallaxfleet.operators.search.ThresholdSearch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Synthetic truth: a class as a desktop demo has it, two devices and five models, of which one is better off on the accelerator by a
 * seventh while the others are not. Thresholds are searched after a minute, when little of it was measured by itself.
 */
class MinorityModelStudyTest {
    private static final CostModel TRUTH = new CostModel(1e-10, 3e-4, 1.25e-10, 5e-11);
    private static final int CLASSES = 100;

    @Test
    void aModelOfWhichLittleWasMeasuredIsNotSentAwayByTheLineOfTheOthers() {
        assertTrue(lost(60) <= 25, lost(60) + " of " + CLASSES + " classes lost it after a quarter of a minute");
        assertTrue(lost(250) <= 25, lost(250) + " of " + CLASSES + " classes lost it after a minute");
    }

    @Test
    void aModelThatWasMeasuredWellIsKeptWhereItIsBetterOff() {
        assertTrue(lost(3000) <= 5, lost(3000) + " of " + CLASSES + " classes lost it");
    }

    // Classes whose new thresholds cost the model more than the bound of 5 %.
    private static int lost(int bursts) {
        int lost = 0;
        for (int seed = 0; seed < CLASSES; seed++) {
            SyntheticFleet fleet = fleet(seed);
            fleet.run(bursts);
            if (new CostModelFit(FitOptions.defaults()).fit(fleet.observations().reservoir().regions()) instanceof FitResult.Fitted fit) {
                CostModel costs = CostModel.of(fit.estimate());
                SearchResult result = new ThresholdSearch(0.03).search(fleet.observations().regions(costs), costs,
                        InForce.published(DelegationRule.paper()), List.of());
                SyntheticModel minority = fleet.models().get(0);
                lost += result instanceof SearchResult.Propose proposal
                        && minority.seconds(proposal.rule(), TRUTH) > 1.05 * minority.seconds(DelegationRule.paper(), TRUTH) ? 1 : 0;
            }
        }
        return lost;
    }

    private static SyntheticFleet fleet(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<SyntheticModel> models = new ArrayList<>();
        models.add(SyntheticModel.differing("detector", List.of(new RegionShape(90, 2_400_000_000L, 2_000_000L)), 1.15, 0.8));
        models.add(SyntheticModel.asItsClass("classifier", List.of(new RegionShape(120, 1_500_000_000L, 700_000L))));
        models.add(SyntheticModel.asItsClass("embedder", List.of(new RegionShape(100, 1_400_000_000L, 400_000L),
                new RegionShape(80, 1_200_000_000L, 500_000L))));
        models.add(SyntheticModel.asItsClass("small-1", List.of(new RegionShape(60, 300_000_000L, 900_000L))));
        models.add(SyntheticModel.asItsClass("small-2", List.of(new RegionShape(40, 350_000_000L, 800_000L))));
        return new SyntheticFleet(TRUTH, models, DelegationRule.paper(), 0.3, 2, random.nextLong());
    }
}
