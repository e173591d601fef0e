package io.parallaxfleet.operators.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What devices that report nonsense can do to a class's cost model. */
class DishonestDevicesTest {
    private static final ClassKey CLASS = new ClassKey("board", false);
    private static final CostModel PHONE = new CostModel(5e-11, 5e-4, 5e-12, 2.5e-10);
    private static final int HONEST = 10;

    private final CostModelFit fit = new CostModelFit(FitOptions.defaults());
    private final List<RegionShape> regions = new TrueDevice(PHONE, 1).regions(16);
    private final Random random = new Random(5);

    @Test
    void oneDeviceThatLiesByAThousandInHalfOfAllRecordsMovesNothing() {
        for (double lie : new double[] {1000, 0.001}) {
            ClassObservations observations = new ClassObservations(3);
            CostModelEstimate honest = fitted(honest(observations, 4000)).estimate();
            for (int i = 0; i < 4000; i++) {
                report(observations, "device-" + i % HONEST, 1);
                report(observations, "liar", lie);
            }
            FitResult.Fitted among = fitted(observations);

            assertEquals(1, among.liars().size(), "lie " + lie);
            assertUnmoved(honest, among.estimate());
        }
    }

    @Test
    void aDeviceThatLiesFromTheStartIsFoundOutByThreeOthers() {
        ClassObservations observations = new ClassObservations(3);
        for (int i = 0; i < 3000; i++) {
            report(observations, "liar", 1000);
            report(observations, "device-" + i % 3, 1);
        }
        assertEquals(1, fitted(observations).liars().size());
    }

    @Test
    void aLiarIsCountedAndHeardNoMore() {
        ClassObservations observations = new ClassObservations(3);
        for (int i = 0; i < 2000; i++) {
            report(observations, "liar", 1000);
            report(observations, "device-" + i % HONEST, 1);
        }
        observations.settle(fitted(observations));

        assertEquals(1, observations.quarantined());
        assertEquals(DeviceRoster.Admission.QUARANTINED, report(observations, "liar", 1000));
        assertTrue(fitted(observations).liars().isEmpty());
    }

    @Test
    void aMillionMadeUpDevicesMoveNothing() {
        ClassObservations observations = honest(new ClassObservations(3), 4000);
        FitResult.Fitted before = fitted(observations);
        observations.settle(before);
        for (int i = 0; i < 1_000_000; i++) {
            report(observations, "made-up-" + i, 1000);
        }
        assertUnmoved(before.estimate(), fitted(observations).estimate());
    }

    @Test
    void madeUpDevicesThatStayThroughTheirProbationAreQuarantinedFitByFit() {
        ClassObservations observations = honest(new ClassObservations(3), 4000);
        FitResult.Fitted before = fitted(observations);
        observations.settle(before);
        for (int interval = 0; interval < 10; interval++) {
            for (int i = 0; i < 4000; i++) {
                report(observations, "made-up-" + interval + "-" + i / 20, 1000);
                report(observations, "device-" + i % HONEST, 1);
            }
            FitResult.Fitted now = fitted(observations);
            observations.settle(now);
            // Ten fits of fresh runs scatter more than one interval is wide.
            assertEquals(1, CostModel.of(now.estimate()).breakEvenMacs(0.01) / PHONE.breakEvenMacs(0.01), 0.15, "fit " + interval);
        }
        assertTrue(observations.quarantined() >= 10, observations.quarantined() + " quarantined");
    }

    @Test
    void aDeviceThatIsMerelySlowIsADeviceOfTheClass() {
        ClassObservations observations = new ClassObservations(3);
        for (int i = 0; i < 4000; i++) {
            report(observations, "device-" + i % HONEST, i % HONEST == 0 ? 2.5 : 1);
        }
        assertTrue(fitted(observations).liars().isEmpty());
    }

    @Test
    void whereHalfLieNobodyIsAccused() {
        ClassObservations observations = new ClassObservations(3);
        for (int i = 0; i < 4000; i++) {
            report(observations, "device-" + i % HONEST, i % 2 == 0 ? 1000 : 1);
        }
        assertTrue(fitted(observations).liars().isEmpty());
    }

    private ClassObservations honest(ClassObservations observations, int inferences) {
        for (int i = 0; i < inferences; i++) {
            report(observations, "device-" + i % HONEST, 1);
        }
        return observations;
    }

    private DeviceRoster.Admission report(ClassObservations observations, String device, double lie) {
        RegionShape region = regions.get(random.nextInt(regions.size()));
        List<CostSample> samples = new ArrayList<>();
        samples.add(new CostSample(region, CostSide.ACCELERATOR, nanos(lie * PHONE.acceleratorSeconds(region))));
        samples.add(new CostSample(region, CostSide.CPU, nanos(lie * PHONE.cpuSeconds(region))));
        return observations.add(new CostObservation(CLASS, "plan", "hash input:1x3", device, samples, "none", List.of()));
    }

    private long nanos(double seconds) {
        double noise = Math.max(0.5, 1 + 0.15 * random.nextGaussian()) * (random.nextDouble() < 0.08 ? 3 : 1);
        return Math.max(1, Math.round(seconds * noise * 1e9));
    }

    private FitResult.Fitted fitted(ClassObservations observations) {
        return assertInstanceOf(FitResult.Fitted.class, fit.fit(observations.reservoir().regions()));
    }

    private static void assertUnmoved(CostModelEstimate before, CostModelEstimate after) {
        assertWithin(before.getCpuSecondsPerMac(), after.getCpuSecondsPerMac());
        assertWithin(before.getDispatchSeconds(), after.getDispatchSeconds());
        assertWithin(before.getAcceleratorSecondsPerMac(), after.getAcceleratorSecondsPerMac());
        assertWithin(before.getSecondsPerByte(), after.getSecondsPerByte());
    }

    // Both intervals are of 95 %, so two honest fits may differ by more than one of them.
    private static void assertWithin(Interval before, Interval after) {
        assertTrue(after.getLow() <= before.getHigh() && before.getLow() <= after.getHigh(), before + " became " + after);
        assertEquals(1, after.getValue() / before.getValue(), 0.2, before + " became " + after);
    }
}
