package io.parallaxfleet.operators.rollout.whole;

import io.parallaxfleet.operators.rollout.staged.ConfidenceSequence;
import io.parallaxfleet.operators.rollout.whole.EpochWindows.Cell;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Difference in differences between the models whose plan changed and those that kept theirs, in the logarithm of latency. In each
 * window both groups are set against their own levels before, and one is taken from the other: what the machine does to all of them
 * cancels within the window. The mean of these differences after, less that before, is the change.
 *
 * <p>The unit is the window, because a class this small has not enough devices to be the unit. Its variance is the scatter of the
 * windows' differences, raised for what neighbouring windows share, plus how differently the control's models themselves moved:
 * models answer to a busy machine in their own ways, and no number of windows averages that out. A control of one model cannot tell;
 * half of what it moved is taken then. Immutable and thread-safe.
 *
 * @param minSamples inferences that a model needs under either epoch
 * @param minCoverage share of its group's time before that the compared models of each group must have had
 * @param interval of the change
 */
public record ControlledComparison(int minSamples, double minCoverage, ConfidenceSequence interval) {
    /** On either side; fewer do not tell their scatter. */
    static final int MIN_WINDOWS = 5;
    /** What neighbours share is not estimated well by few windows, and above this they tell next to nothing. */
    private static final double MAX_AUTOCORRELATION = 0.8;
    private static final double SPREAD_OF_ONE = 0.5;

    /** Whether models that kept their plan can be the control of those that did not. */
    public sealed interface Result {}

    public record Compared(ControlledChange change) implements Result {}

    /** More windows under the new epoch will tell. */
    public record NotYet(String why) implements Result {}

    /** There is no control, and waiting gives none. */
    public record NoControl(String why) implements Result {}

    public ControlledComparison {
        Objects.requireNonNull(interval, "interval");
        if (minSamples < 1 || !(minCoverage > 0 && minCoverage <= 1)) {
            throw new IllegalArgumentException(
                    "minSamples " + minSamples + " must be positive and minCoverage " + minCoverage + " in (0,1]");
        }
    }

    /** What the windows of both epochs say; plans as the devices acknowledged them. */
    public Result compare(EpochWindows before, EpochWindows after, PlanChanges plans) {
        Group changed = group(before, after, plans.changed());
        Group control = group(before, after, plans.keptEverywhere());
        if (changed.names().isEmpty()) {
            return new NoControl("no device says that a model runs another plan");
        }
        if (control.names().isEmpty()) {
            return new NoControl("no model keeps its plan on every device");
        }
        if (!changed.known() || !control.known() || before.windows().size() < MIN_WINDOWS) {
            return new NoControl("too little was measured before of models that "
                    + (changed.known() ? "keep" : "change") + " their plan");
        }
        if (!changed.ready() || !control.ready()) {
            return new NotYet(minSamples + " samples of most models that " + (changed.ready() ? "keep" : "change")
                    + " their plan are needed under the new epoch");
        }
        List<Point> pointsBefore = points(before, changed, control);
        List<Point> pointsAfter = points(after, changed, control);
        if (pointsBefore.size() < MIN_WINDOWS) {
            return new NoControl("models that change and that keep their plan ran together in " + pointsBefore.size()
                    + " windows before, " + MIN_WINDOWS + " are needed");
        }
        if (pointsAfter.size() < MIN_WINDOWS) {
            return new NotYet("models that change and that keep their plan ran together in " + pointsAfter.size()
                    + " windows, " + MIN_WINDOWS + " are needed");
        }
        Series old = new Series(pointsBefore);
        Series now = new Series(pointsAfter);
        double controlChange = now.control() - old.control();
        double inflation = inflation(old, now);
        double variance = inflation * (old.variance() + now.variance())
                + modelVariance(before, after, control, controlChange, inflation) * (changed.squaredShares() + control.squaredShares());
        double change = now.difference() - old.difference();
        return new Compared(new ControlledChange(changed.names(), control.names(), now.changed() - old.changed(),
                controlChange, change, variance > 0 ? interval.halfWidth(variance) : Double.POSITIVE_INFINITY, pointsBefore.size(),
                pointsAfter.size()));
    }

    /**
     * The models of one group that can be compared.
     *
     * @param level mean logarithm of the latency before
     * @param weight samples before
     * @param known whether enough of the group's time was measured before
     * @param ready whether it was so after
     */
    private record Group(Map<String, Double> level, Map<String, Double> weight, boolean known, boolean ready) {
        List<String> names() {
            return level.keySet().stream().sorted().toList();
        }

        /** One over the number of equally heavy models that would scatter as much. */
        double squaredShares() {
            double all = weight.values().stream().mapToDouble(Double::doubleValue).sum();
            return weight.values().stream().mapToDouble(one -> one * one / (all * all)).sum();
        }
    }

    private Group group(EpochWindows before, EpochWindows after, Set<String> models) {
        Map<String, Double> level = new HashMap<>();
        Map<String, Double> weight = new HashMap<>();
        double all = 0;
        double known = 0;
        double ready = 0;
        for (String model : models) {
            long samples = before.samples(model);
            double logMean = before.logMean(model);
            double timeNanos = samples == 0 ? 0 : samples * Math.exp(logMean);
            all += timeNanos;
            if (samples >= minSamples) {
                known += timeNanos;
                if (after.samples(model) >= minSamples) {
                    ready += timeNanos;
                }
                level.put(model, logMean);
                weight.put(model, (double) samples);
            }
        }
        boolean isReady = ready >= minCoverage * all;
        if (isReady) {
            level.keySet().removeIf(model -> after.samples(model) < minSamples);
            weight.keySet().retainAll(level.keySet());
        }
        return new Group(level, weight, known >= minCoverage * all, isReady);
    }

    /** Both groups in one window, over their levels before. @param weight by the samples of the smaller group above all */
    private record Point(double changed, double control, double weight) {
        double difference() {
            return changed - control;
        }
    }

    private static List<Point> points(EpochWindows epoch, Group changed, Group control) {
        List<Point> points = new ArrayList<>();
        for (Map<String, Cell> window : epoch.windows().values()) {
            double changedSamples = samples(window, changed);
            double controlSamples = samples(window, control);
            if (changedSamples > 0 && controlSamples > 0) {
                points.add(new Point(mean(window, changed), mean(window, control), 1 / (1 / changedSamples + 1 / controlSamples)));
            }
        }
        return points;
    }

    private static double samples(Map<String, Cell> window, Group group) {
        return group.level().keySet().stream().filter(window::containsKey).mapToLong(model -> window.get(model).samples()).sum();
    }

    private static double mean(Map<String, Cell> window, Group group) {
        double sum = 0;
        double weights = 0;
        for (Map.Entry<String, Double> model : group.level().entrySet()) {
            Cell cell = window.get(model.getKey());
            if (cell != null) {
                double weight = group.weight().get(model.getKey());
                sum += weight * (cell.logMedianNanos() - model.getValue());
                weights += weight;
            }
        }
        return sum / weights;
    }

    /** The windows of one epoch in their order. */
    private record Series(List<Point> points) {
        double changed() {
            return points.stream().mapToDouble(point -> point.weight() * point.changed()).sum() / weights();
        }

        double control() {
            return points.stream().mapToDouble(point -> point.weight() * point.control()).sum() / weights();
        }

        double difference() {
            return changed() - control();
        }

        // Of the weighted mean, whatever the windows' own variances are.
        double variance() {
            double mean = difference();
            double squares = points.stream().mapToDouble(point -> Math.pow(point.weight() * (point.difference() - mean), 2)).sum();
            return squares / (weights() * weights()) * points.size() / (points.size() - 1);
        }

        private double weights() {
            return points.stream().mapToDouble(Point::weight).sum();
        }
    }

    // For windows that resemble their neighbours, as those of an AR(1) process, and for a scatter known from few windows.
    private static double inflation(Series old, Series now) {
        double products = 0;
        double squares = 0;
        for (Series series : List.of(old, now)) {
            double mean = series.difference();
            for (int i = 0; i < series.points().size(); i++) {
                double own = series.points().get(i).difference() - mean;
                squares += own * own;
                products += i == 0 ? 0 : own * (series.points().get(i - 1).difference() - mean);
            }
        }
        double shared = squares == 0 ? 0 : Math.max(0, Math.min(MAX_AUTOCORRELATION, products / squares));
        double freedom = old.points().size() + now.points().size() - 2;
        return (1 + shared) / (1 - shared) * freedom / (freedom - 2);
    }

    // Variance over models of what an unchanged plan's latency does beside the others of the control, as far as it is more than
    // the windows' scatter.
    private double modelVariance(EpochWindows before, EpochWindows after, Group control, double controlChange, double inflation) {
        List<String> models = control.names();
        // One model cannot tell, two may agree by chance.
        double least = models.size() > 2 ? 0 : Math.pow(SPREAD_OF_ONE * controlChange / (models.size() * models.size()), 2);
        if (models.size() == 1) {
            return least;
        }
        double[] own = new double[models.size()];
        double scatter = 0;
        double mean = 0;
        for (int i = 0; i < own.length; i++) {
            Group one = new Group(Map.of(models.get(i), control.level().get(models.get(i))), Map.of(models.get(i), 1.0), true, true);
            List<Point> pointsBefore = points(before, one, control);
            List<Point> pointsAfter = points(after, one, control);
            if (pointsBefore.size() < 2 || pointsAfter.size() < 2) {
                continue;
            }
            Series old = new Series(pointsBefore);
            Series now = new Series(pointsAfter);
            own[i] = now.difference() - old.difference();
            scatter += inflation * (old.variance() + now.variance()) / own.length;
            mean += own[i] / own.length;
        }
        double squares = 0;
        for (double change : own) {
            squares += (change - mean) * (change - mean);
        }
        // About the 35 % quantile of chi-squared: of a few models the spread is rather taken too wide.
        double divisor = Math.max(0.45, own.length - 1 - 1.2);
        return Math.max(least, squares / divisor - scatter);
    }
}
