package io.parallaxfleet.operators.study;

import io.parallaxfleet.operators.decode.Telemetry;
import io.parallaxfleet.operators.fit.ClassObservations;
import io.parallaxfleet.operators.fit.CostModel;
import io.parallaxfleet.operators.fit.DelegationContrast;
import io.parallaxfleet.operators.fit.RegionShape;
import io.parallaxfleet.operators.fit.SampleSelection;
import io.parallaxfleet.operators.search.DelegationRule;
import io.parallaxfleet.schemas.avro.BranchProfile;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.PlanProfile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A class of simulated devices whose costs are known. Devices differ by 10 %, branch runs scatter by 15 %, and 8 % of them take two to
 * four times as long. Devices run bursts of their
 * models by the incumbent rule; a share of bursts explores as agents do: nothing on the accelerator, or exactly one piece
 * of a candidate region. What comes out goes through the job's own selection and contrast.
 */
final class SyntheticFleet {
    private static final double DEVICE_EFFECT = 0.1;
    private static final double NOISE = 0.15;
    private static final double SLOWED = 0.08;
    private static final int BURST = 4;
    /** As the agent's: of explorations of models that delegate, those that delegate nothing. */
    private static final double NEVER_SHARE = 0.25;

    private final CostModel truth;
    private final DelegationRule incumbent;
    private final double exploration;
    private final List<SyntheticModel> models;
    private final SplittableRandom random;
    private final ClassObservations observations;
    private final SampleSelection selection = SampleSelection.defaults();
    private final Map<String, PlanProfile> plans = new HashMap<>();
    private final List<Device> devices = new ArrayList<>();

    private record Device(String id, double speed, DelegationContrast contrast) {}

    SyntheticFleet(CostModel truth, List<SyntheticModel> models, DelegationRule incumbent, double exploration, int devices,
            long seed) {
        this.truth = truth;
        this.models = models;
        this.incumbent = incumbent;
        this.exploration = exploration;
        this.random = new SplittableRandom(seed);
        this.observations = new ClassObservations(seed);
        for (int i = 0; i < devices; i++) {
            this.devices.add(new Device("device-" + i, Math.exp(DEVICE_EFFECT * random.nextGaussian()), new DelegationContrast()));
        }
    }

    /** Twelve models of one to four regions, from 1e5 to 1e12 MACs, with B/F spread over a decade and a third. */
    static SyntheticFleet of(CostModel truth, DelegationRule incumbent, double exploration, int devices, SplittableRandom random) {
        List<SyntheticModel> models = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            double macsOfModel = 1e5 * Math.pow(1e7, (i + random.nextDouble()) / 12);
            List<RegionShape> regions = new ArrayList<>();
            for (int left = 1 + random.nextInt(4); left > 0; left--) {
                long macs = Math.round(macsOfModel * Math.pow(10, random.nextDouble() - 0.5));
                long bytes = Math.max(1, Math.round(macs * 0.002 * Math.pow(20, random.nextDouble())));
                regions.add(new RegionShape(3 + random.nextInt(15), macs, bytes));
            }
            models.add(SyntheticModel.asItsClass("model-" + i, regions));
        }
        return new SyntheticFleet(truth, models, incumbent, exploration, devices, random.nextLong());
    }

    List<SyntheticModel> models() {
        return models;
    }

    ClassObservations observations() {
        return observations;
    }

    /** What one inference of each model takes if regions go where the rule says. */
    double seconds(DelegationRule rule) {
        return models.stream().mapToDouble(model -> model.seconds(rule, truth)).sum();
    }

    /** The same with the best place for every single region, which no rule need be able to say. */
    double leastSeconds() {
        return models.stream().mapToDouble(model -> model.leastSeconds(truth)).sum();
    }

    /** Lets random devices run random models. */
    void run(int bursts) {
        for (int burst = 0; burst < bursts; burst++) {
            Device device = devices.get(random.nextInt(devices.size()));
            SyntheticModel model = models.get(random.nextInt(models.size()));
            PlanProfile plan = plan(model);
            for (int i = 0; i < BURST; i++) {
                observations.add(selection.observe(inference(device, model, plan), plan, device.contrast()));
            }
        }
    }

    private PlanProfile plan(SyntheticModel model) {
        if (random.nextDouble() >= exploration) {
            return known(model.plan(incumbent));
        }
        boolean delegates = model.regions().stream().anyMatch(incumbent::delegates);
        if (delegates && random.nextDouble() < NEVER_SHARE) {
            return known(model.exploredPlan(List.of()));
        }
        RegionShape region = model.regions().get(random.nextInt(model.regions().size()));
        return known(model.exploredPlan(List.of(pieceOf(region))));
    }

    private PlanProfile known(PlanProfile plan) {
        return plans.computeIfAbsent(plan.getPlanId(), id -> {
            observations.workload().addPlan(plan);
            return plan;
        });
    }

    // Eight sizes of a region and two cuts, so that pieces come again as they do on devices.
    private RegionShape pieceOf(RegionShape region) {
        double share = Math.pow(2, -random.nextInt(8));
        double cut = random.nextBoolean() ? 1 : 2;
        return new RegionShape(Math.max(1, (int) (region.operators() * share)), Math.max(1, (long) (region.macs() * share)),
                Math.max(1, (long) (region.boundaryBytes() * (share < 1 ? cut * Math.sqrt(share) : 1))));
    }

    private InferenceTelemetry inference(Device device, SyntheticModel model, PlanProfile plan) {
        List<Long> latencies = new ArrayList<>(plan.getBranches().size());
        long total = 0;
        for (BranchProfile branch : plan.getBranches()) {
            double seconds = model.seconds(branch, truth) * device.speed() * Math.max(0.5, 1 + NOISE * random.nextGaussian())
                    * (random.nextDouble() < SLOWED ? 2 + 2 * random.nextDouble() : 1);
            long nanos = Math.max(1, Math.round(seconds * 1e9));
            latencies.add(nanos);
            total += nanos;
        }
        InferenceTelemetry t = Telemetry.good();
        t.setDeviceId(device.id());
        t.setPlanId(plan.getPlanId());
        t.setModel(plan.getModel());
        t.setLatencyNanos(total);
        t.setBranchLatencyNanos(latencies);
        t.setBranchEnergyMicrojoules(null);
        byte[] placements = SyntheticModel.placements(plan);
        t.setBranchPlanned(ByteBuffer.wrap(placements));
        t.setBranchActual(ByteBuffer.wrap(placements));
        t.setBranchCoRunning(ByteBuffer.allocate(placements.length));
        return t;
    }
}
