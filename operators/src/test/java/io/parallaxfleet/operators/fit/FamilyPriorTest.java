package io.parallaxfleet.operators.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.Interval;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FamilyPriorTest {
    private static final CostModel PHONE = new CostModel(5e-11, 5e-4, 5e-12, 2.5e-10);
    private static final ClassFamily FAMILY = new ClassFamily("linux-aarch64-gpu", false);

    private final CostModelFit fit = new CostModelFit(FitOptions.defaults());

    @Test
    void aClassOfFewRegionsGetsThresholdsCloseToItsTruth() {
        double[] errors = new double[20];
        for (int seed = 0; seed < errors.length; seed++) {
            CostModel truth = like(PHONE, 500 + seed);
            SparseFit sparse = sparse(new TrueDevice(truth, seed).runs(4, 16));
            CostModel found = CostModel.of(family(seed).complete(FAMILY, "new", sparse).orElseThrow());
            errors[seed] = Math.abs(Math.log(found.breakEvenMacs(0.01) / truth.breakEvenMacs(0.01)));
        }
        Arrays.sort(errors);
        assertTrue(Math.exp(errors[errors.length / 2]) < 1.2, "median factor " + Math.exp(errors[errors.length / 2]));
        assertTrue(Math.exp(errors[errors.length - 2]) < 1.6, "worst but one " + Math.exp(errors[errors.length - 2]));
    }

    @Test
    void whatAClassKnowsBetterMovesTheFamilysWordTheMore() {
        SparseFit measured = sparse(new TrueDevice(PHONE, 3).runs(4, 16));
        // Twice as fast on the CPU as the family.
        double own = PHONE.cpuSecondsPerMac() / 2;
        double vague = cpu(new SparseFit(own, own * own, 60, measured.regions()));
        double sure = cpu(new SparseFit(own, 1e-4 * own * own, 6000, measured.regions()));

        assertEquals(1, sure / own, 0.02);
        assertTrue(vague > 1.5 * own, "vague " + vague);
    }

    @Test
    void aClassWithAModelOfItsOwnNeedsNoFamily() {
        FitResult rich = fit.fit(new TrueDevice(PHONE, 1).runs(24, 32));

        assertEquals(null, assertInstanceOf(FitResult.Fitted.class, rich).estimate().getPriorFamily());
    }

    @Test
    void theFamilyIsNamedInWhatItCompletes() {
        CostModelEstimate completed = family(1).complete(FAMILY, "new", sparse(new TrueDevice(PHONE, 1).runs(4, 16))).orElseThrow();

        assertEquals("linux-aarch64-gpu", completed.getPriorFamily());
        assertEquals(4, completed.getDistinctRegions());
        for (Interval interval : List.of(completed.getCpuSecondsPerMac(), completed.getDispatchSeconds(),
                completed.getAcceleratorSecondsPerMac(), completed.getSecondsPerByte())) {
            assertTrue(interval.getLow() >= 0 && interval.getLow() <= interval.getValue() && interval.getValue() <= interval.getHigh());
        }
    }

    @Test
    void oneClassIsNoFamilyAndNoClassIsItsOwn() {
        FamilyModels models = new FamilyModels();
        SparseFit sparse = sparse(new TrueDevice(PHONE, 1).runs(4, 16));
        models.note("new", rich(PHONE, 1));
        models.note("other", rich(PHONE, 2));

        assertTrue(models.complete(FAMILY, "new", sparse).isEmpty());
        assertTrue(models.complete(FAMILY, "third", sparse).isPresent());
    }

    @Test
    void aSideThatWasHardlyMeasuredIsNotBorrowed() {
        FitResult.NotYet notYet = assertInstanceOf(FitResult.NotYet.class, fit.fit(new TrueDevice(PHONE, 1).runs(2, 5)));

        assertEquals(null, notYet.sparse());
    }

    @Test
    void aFamilyIsKeptAsItIs() throws IOException {
        FamilyModels original = family(3);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new FamilyModelsCodec().write(original, new DataOutputStream(bytes));
        FamilyModels restored = new FamilyModelsCodec().read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

        assertEquals(original.byClass, restored.byClass);
    }

    private double cpu(SparseFit sparse) {
        return family(1).complete(FAMILY, "new", sparse).orElseThrow().getCpuSecondsPerMac().getValue();
    }

    private FamilyModels family(long seed) {
        FamilyModels models = new FamilyModels();
        for (int i = 0; i < 5; i++) {
            models.note("class-" + i, rich(like(PHONE, 100 * seed + i), i));
        }
        return models;
    }

    private CostModelEstimate rich(CostModel truth, long seed) {
        return assertInstanceOf(FitResult.Fitted.class, fit.fit(new TrueDevice(truth, seed).runs(20, 32))).estimate();
    }

    private SparseFit sparse(List<RegionRuns> runs) {
        return assertInstanceOf(FitResult.NotYet.class, fit.fit(new ArrayList<>(runs))).sparse();
    }

    // Classes of a family differ by 15 % in everything.
    private static CostModel like(CostModel model, long seed) {
        Random random = new Random(seed);
        return new CostModel(model.cpuSecondsPerMac() * Math.exp(0.15 * random.nextGaussian()),
                model.dispatchSeconds() * Math.exp(0.15 * random.nextGaussian()),
                model.acceleratorSecondsPerMac() * Math.exp(0.15 * random.nextGaussian()),
                model.secondsPerByte() * Math.exp(0.15 * random.nextGaussian()));
    }
}
