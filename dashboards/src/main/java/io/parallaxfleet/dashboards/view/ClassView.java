package io.parallaxfleet.dashboards.view;

import io.parallaxfleet.dashboards.view.FleetSnapshot.ClassState;
import io.parallaxfleet.dashboards.view.FleetSnapshot.ModelState;
import io.parallaxfleet.dashboards.view.FleetSnapshot.Point;
import io.parallaxfleet.dashboards.view.FleetSnapshot.SeriesState;
import io.parallaxfleet.dashboards.view.FleetSnapshot.Tally;
import io.parallaxfleet.schemas.avro.Accelerator;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The mutable state of one device class. Not thread-safe. */
final class ClassView {
    private static final int LABELS = 16;
    private static final String OTHER = "other";

    /** What a device adds to the tallies of its class; kept so that it can be taken off again. */
    record Labels(String processor, String accelerator, String engine) {}

    private static final class ModelView {
        private final LatencySeries policy;
        private final LatencySeries exploration;
        private final EpochTotals totals = new EpochTotals();
        private final SampleTally samples;

        private ModelView(ViewLimits limits) {
            policy = new LatencySeries(limits);
            exploration = new LatencySeries(limits);
            samples = new SampleTally(limits);
        }
    }

    private final ClassKey key;
    private final ViewLimits limits;
    private final PolicyHistory policies;
    private final RolloutLog rollouts = new RolloutLog();
    private final Map<String, Integer> processors = new TreeMap<>();
    private final Map<String, Integer> accelerators = new TreeMap<>();
    private final Map<String, Integer> engines = new TreeMap<>();
    private final TreeMap<String, ModelView> models = new TreeMap<>();
    private String family = "";
    private int devices;
    private Long lastSeenMillis;
    private Long branchesMillis;
    private long revision;

    ClassView(ClassKey key, ViewLimits limits) {
        this.key = key;
        this.limits = limits;
        this.policies = new PolicyHistory(limits);
    }

    ClassKey key() {
        return key;
    }

    PolicyHistory policies() {
        return policies;
    }

    RolloutLog rollouts() {
        return rollouts;
    }

    /** Revision of the newest change. */
    long revision() {
        return revision;
    }

    void changed(long newRevision) {
        revision = newRevision;
    }

    void seen(long atMillis) {
        lastSeenMillis = lastSeenMillis == null ? atMillis : Math.max(lastSeenMillis, atMillis);
    }

    /** Counts a device in; the labels it was counted under are returned, to be handed back to {@link #remove}. */
    Labels add(DeviceProfile device) {
        family = RecordCheck.bounded(device.getParentFamily());
        devices++;
        return new Labels(
                count(processors, device.getSoc() + " · " + device.getLogicalCores() + " cores · " + device.getArchitecture()),
                count(accelerators, describe(device.getAccelerator())),
                count(engines, device.getEngineVersion() + " · " + device.getRuntimeVersion()));
    }

    void remove(Labels labels) {
        devices--;
        uncount(processors, labels.processor());
        uncount(accelerators, labels.accelerator());
        uncount(engines, labels.engine());
    }

    /** @return false when the model is one too many for the class */
    boolean window(ClassAggregate window, long newRevision) {
        String name = RecordCheck.bounded(window.getModel());
        ModelView model = models.get(name);
        if (model == null) {
            if (models.size() >= limits.modelsPerClass()) {
                return false;
            }
            model = new ModelView(limits);
            models.put(name, model);
        }
        model.samples.put(window);
        if (window.getCount() == 0) {
            return true;
        }
        Point point = new Point(
                window.getPolicyEpoch(),
                window.getWindowEnd().toEpochMilli(),
                window.getCount(),
                window.getDevices(),
                window.getLatencyP50Nanos(),
                window.getLatencyP90Nanos(),
                window.getLatencyP99Nanos(),
                window.getMemoryOverhead(),
                PlanShelf.energy(window),
                RecordCheck.bounded(window.getEnergySource()));
        if (window.getExplored()) {
            model.exploration.put(point, newRevision);
        } else {
            model.policy.put(point, newRevision);
            model.totals.put(point);
        }
        return true;
    }

    void branchWindow(long endMillis) {
        branchesMillis = branchesMillis == null ? endMillis : Math.max(branchesMillis, endMillis);
    }

    ClassState state(List<FleetSnapshot.PlanState> plans) {
        List<ModelState> modelStates = new ArrayList<>(models.size());
        models.forEach((name, model) -> modelStates.add(new ModelState(name, model.totals.summaries(), model.samples.totals())));
        return new ClassState(key.id(), key.name(), key.simulated(), family, devices, reporting(), tallies(processors),
                tallies(accelerators), tallies(engines), lastSeenMillis, policies.states(), rollouts.state(), modelStates, plans, branchesMillis);
    }

    /** The series that have points after a revision. */
    List<SeriesState> seriesSince(long since) {
        List<SeriesState> changed = new ArrayList<>();
        models.forEach((name, model) -> {
            addIfGrown(changed, name, false, model.policy.since(since));
            addIfGrown(changed, name, true, model.exploration.since(since));
        });
        return changed;
    }

    /** The newest window of the policy's own runs, per model. */
    Map<String, Point> newestWindows() {
        Map<String, Point> newest = new TreeMap<>();
        models.forEach((name, model) -> model.policy.newest().ifPresent(point -> newest.put(name, point)));
        return newest;
    }

    private void addIfGrown(List<SeriesState> into, String model, boolean explored, List<Point> points) {
        if (!points.isEmpty()) {
            into.add(new SeriesState(key.id(), model, explored, points));
        }
    }

    private int reporting() {
        return newestWindows().values().stream().mapToInt(Point::devices).max().orElse(0);
    }

    private static String describe(Accelerator accelerator) {
        return accelerator == null ? "no accelerator" : accelerator.getName() + " · " + accelerator.getApi();
    }

    private static String count(Map<String, Integer> tally, String text) {
        String bounded = RecordCheck.bounded(text);
        String label = tally.containsKey(bounded) || tally.size() < LABELS ? bounded : OTHER;
        tally.merge(label, 1, Integer::sum);
        return label;
    }

    private static void uncount(Map<String, Integer> tally, String label) {
        tally.computeIfPresent(label, (text, count) -> count > 1 ? count - 1 : null);
    }

    private static List<Tally> tallies(Map<String, Integer> tally) {
        return tally.entrySet().stream()
                .map(entry -> new Tally(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingInt(Tally::devices).reversed())
                .toList();
    }
}
