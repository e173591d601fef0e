package io.parallaxfleet.operators.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.fit.CostModel;
import io.parallaxfleet.operators.fit.CostModelFit;
import io.parallaxfleet.operators.fit.FitOptions;
import io.parallaxfleet.operators.fit.FitResult;
import io.parallaxfleet.operators.search.DelegationRule;
import io.parallaxfleet.operators.search.InForce;
import io.parallaxfleet.operators.search.SearchResult;
import io.parallaxfleet.operators.search.ThresholdSearch;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Synthetic truth: classes of 40 simulated devices with 12 models each, which run 80 000 inferences under the paper's constants with 1 %
 * exploration. {@code -Dparallax.study.truths=400} runs as many classes as it says.
 */
class RecalibrationStudyTest {
    private static final int TRUTHS = Integer.getInteger("parallax.study.truths", 20);
    private static final int BURSTS = 20_000;
    private static final int DEVICES = 40;
    private static final double EXPLORATION = 0.01;
    private static final double BYTES_PER_MAC = 0.01;
    /** The intervals are not what is judged here. */
    private static final FitOptions OPTIONS = new FitOptions(10, 30, 1000, 1_000_000, 20, 1);

    /** @param regret latency over that of the best placement of every single region, less 1 */
    private record Recalibration(double breakEvenError, double regret) {}

    @Test
    void theBreakEvenIsFoundWithinFivePercentAndTheRuleCostsAtMostOnePercentOverTheOracles() {
        Recalibration[] results = IntStream.range(0, TRUTHS).mapToObj(RecalibrationStudyTest::recalibrate)
                .toArray(Recalibration[]::new);
        double[] errors = Arrays.stream(results).mapToDouble(Recalibration::breakEvenError).sorted().toArray();
        double[] regrets = Arrays.stream(results).mapToDouble(Recalibration::regret).sorted().toArray();
        double meanRegret = Arrays.stream(regrets).average().orElseThrow();
        String figures = String.format(Locale.ROOT, "%d truths: error of F* median %.2f %%, 90th percentile %.2f %%; regret median "
                + "%.3f %%, mean %.3f %%, 95th percentile %.3f %%", TRUTHS, 100 * errors[TRUTHS / 2], 100 * errors[TRUTHS * 9 / 10],
                100 * regrets[TRUTHS / 2], 100 * meanRegret, 100 * regrets[TRUTHS * 95 / 100]);
        System.out.println(figures);

        assertTrue(errors[TRUTHS / 2] <= 0.05, figures);
        assertTrue(meanRegret <= 0.01, figures);
    }

    @Test
    void anAcceleratorThatIsNotWorthUsingIsNeverUsed() {
        for (int seed = 0; seed < 4; seed++) {
            SplittableRandom random = new SplittableRandom(77 + seed);
            // Per MAC from a little slower than the CPU to four times as slow.
            double cpu = 1e-10;
            CostModel truth = new CostModel(cpu, 3e-4, cpu * (1.2 + seed), 1e-10);
            SyntheticFleet fleet = SyntheticFleet.of(truth, DelegationRule.paper(), EXPLORATION, DEVICES, random);
            fleet.run(BURSTS);

            SearchResult.Propose proposal = assertInstanceOf(SearchResult.Propose.class, search(fleet, fit(fleet)), "seed " + seed);
            assertEquals(new DelegationRule.Never(), proposal.rule(), "seed " + seed);
        }
    }

    private static Recalibration recalibrate(int seed) {
        SplittableRandom random = new SplittableRandom(1000 + seed);
        CostModel truth = truth(random);
        SyntheticFleet fleet = SyntheticFleet.of(truth, DelegationRule.paper(), EXPLORATION, DEVICES, random);
        fleet.run(BURSTS);
        CostModel found = fit(fleet);
        DelegationRule rule = search(fleet, found) instanceof SearchResult.Propose proposal ? proposal.rule() : DelegationRule.paper();
        return new Recalibration(Math.abs(found.breakEvenMacs(BYTES_PER_MAC) / truth.breakEvenMacs(BYTES_PER_MAC) - 1),
                fleet.seconds(rule) / fleet.leastSeconds() - 1);
    }

    // F* log-uniform in 1e5..1e11, accelerators 2 to 30 times as fast per MAC, transfers that eat up to half of that.
    private static CostModel truth(SplittableRandom random) {
        double cpu = 1 / (5e9 * Math.pow(10, random.nextDouble()));
        double accelerator = cpu / (2 * Math.pow(15, random.nextDouble()));
        double perByte = 0.5 * random.nextDouble() * (cpu - accelerator) / BYTES_PER_MAC;
        double breakEven = 1e5 * Math.pow(1e6, random.nextDouble());
        return new CostModel(cpu, breakEven * (cpu - accelerator - BYTES_PER_MAC * perByte), accelerator, perByte);
    }

    private static CostModel fit(SyntheticFleet fleet) {
        FitResult result = new CostModelFit(OPTIONS).fit(fleet.observations().reservoir().regions());
        return CostModel.of(assertInstanceOf(FitResult.Fitted.class, result).estimate());
    }

    private static SearchResult search(SyntheticFleet fleet, CostModel costs) {
        return new ThresholdSearch(0).search(fleet.observations().regions(costs), costs, InForce.published(DelegationRule.paper()),
                List.of());
    }
}
