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

class DriftTest {
    private static final ClassKey CLASS = new ClassKey("board", false);
    private static final CostModel PHONE = new CostModel(5e-11, 5e-4, 5e-12, 2.5e-10);
    private static final int DEVICES = 12;
    /** Inferences between two fits. */
    private static final int INTERVAL = 200;

    private final CostModelFit fit = new CostModelFit(FitOptions.defaults());
    private final List<RegionShape> regions = new TrueDevice(PHONE, 1).regions(14);

    @Test
    void aDriverThatMakesTheAcceleratorAQuarterSlowerIsNoticed() {
        int noticed = 0;
        for (int seed = 0; seed < 10; seed++) {
            Random random = new Random(seed);
            ClassObservations observations = settled(random);
            Drift drift = null;
            for (int interval = 0; interval < 5 && drift == null; interval++) {
                drift = interval(observations, random, 1, 1.25);
            }
            if (drift != null && drift.side() == CostSide.ACCELERATOR && drift.ratio() > 1.1 && drift.ratio() < 1.5) {
                noticed++;
            }
        }
        assertTrue(noticed >= 9, noticed + " of 10");
    }

    @Test
    void aProcessorThatGetsFasterIsNoticedToo() {
        Random random = new Random(3);
        ClassObservations observations = settled(random);
        Drift drift = null;
        for (int interval = 0; interval < 5 && drift == null; interval++) {
            drift = interval(observations, random, 0.7, 1);
        }
        assertEquals(CostSide.CPU, drift.side());
        assertTrue(drift.ratio() < 0.9, drift::describe);
    }

    @Test
    void whatStaysAsItWasIsNotTakenForDrift() {
        int alarms = 0;
        for (int seed = 0; seed < 10; seed++) {
            Random random = new Random(50 + seed);
            ClassObservations observations = settled(random);
            for (int interval = 0; interval < 30; interval++) {
                alarms += interval(observations, random, 1, 1) == null ? 0 : 1;
            }
        }
        assertTrue(alarms <= 1, alarms + " alarms in 300 intervals of 200 inferences");
    }

    @Test
    void otherRegionsAreNoDrift() {
        Random random = new Random(4);
        ClassObservations observations = settled(random);
        RegionShape heavy = new RegionShape(9, 20_000_000_000L, 1_000_000);
        for (int i = 0; i < 1000; i++) {
            assertEquals(DeviceRoster.Admission.HEARD, observations.add(observation(i, heavy, 1, 1, random)));
            assertTrue(observations.drift().isEmpty());
        }
    }

    @Test
    void afterDriftIntervalsAreWideAndTheFitFollowsAtOnce() {
        Random random = new Random(5);
        ClassObservations observations = settled(random);
        for (int interval = 0; interval < 10; interval++) {
            interval(observations, random, 1, 2);
        }
        CostModelEstimate plain = fitted(observations);
        CostModelEstimate wide = observations.widened(plain);

        assertTrue(width(wide.getAcceleratorSecondsPerMac()) > 1.9 * width(plain.getAcceleratorSecondsPerMac()));
        // Everything on the accelerator takes twice as long now.
        assertEquals(2, plain.getDispatchSeconds().getValue() / PHONE.dispatchSeconds(), 0.35);
    }

    @Test
    void whatRunsAfterwardsBecomesNormal() {
        Random random = new Random(6);
        ClassObservations observations = settled(random);
        int alarms = 0;
        for (int interval = 0; interval < Drift.WIDE_FITS + 20; interval++) {
            alarms += interval(observations, random, 1, 1.5) == null ? 0 : 1;
        }
        CostModelEstimate estimate = fitted(observations);

        assertEquals(1, alarms);
        assertEquals(estimate, observations.widened(estimate));
    }

    @Test
    void oneDeviceThatChangesIsNotTheClass() {
        Random random = new Random(7);
        ClassObservations observations = settled(random);
        for (int i = 0; i < 2000; i++) {
            observations.add(observation(i, regions.get(i % regions.size()), 1, i % DEVICES == 0 ? 2 : 1, random));
        }
        assertTrue(observations.drift().isEmpty());
    }

    private ClassObservations settled(Random random) {
        ClassObservations observations = new ClassObservations(3);
        for (int interval = 0; interval < 8; interval++) {
            interval(observations, random, 1, 1);
        }
        return observations;
    }

    private Drift interval(ClassObservations observations, Random random, double cpu, double accelerator) {
        for (int i = 0; i < INTERVAL; i++) {
            observations.add(observation(i, regions.get(random.nextInt(regions.size())), cpu, accelerator, random));
        }
        Drift drift = observations.drift().orElse(null);
        observations.settle(fit.fit(observations.reservoir().regions()));
        return drift;
    }

    private static CostObservation observation(int i, RegionShape region, double cpu, double accelerator, Random random) {
        int device = i % DEVICES;
        double speed = Math.exp(0.1 * Math.sin(device * 2.4));
        List<CostSample> samples = new ArrayList<>();
        samples.add(new CostSample(region, CostSide.CPU, nanos(cpu * speed * PHONE.cpuSeconds(region), random)));
        samples.add(new CostSample(region, CostSide.ACCELERATOR, nanos(accelerator * speed * PHONE.acceleratorSeconds(region), random)));
        return new CostObservation(CLASS, "plan", "hash", "device-" + device, samples, "none", List.of());
    }

    private static long nanos(double seconds, Random random) {
        return Math.round(seconds * Math.max(0.5, 1 + 0.15 * random.nextGaussian()) * (random.nextDouble() < 0.08 ? 3 : 1) * 1e9);
    }

    private CostModelEstimate fitted(ClassObservations observations) {
        return assertInstanceOf(FitResult.Fitted.class, fit.fit(observations.reservoir().regions())).estimate();
    }

    private static double width(Interval interval) {
        return interval.getHigh() - interval.getLow();
    }
}
