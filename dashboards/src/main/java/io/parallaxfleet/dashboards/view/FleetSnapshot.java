package io.parallaxfleet.dashboards.view;

import java.util.List;

/**
 * What a reader of the view is sent: everything, or what changed since a revision. Instants are epoch milliseconds,
 * absent values null. Immutable.
 *
 * @param revision pass it back to be sent only what comes after
 * @param full true: replaces all that was sent before; false: classes replace those of the same id, points those of the
 *     same series and window
 * @param classes classes that changed, each complete
 * @param series the latency series that grew, only their new points
 */
public record FleetSnapshot(
        long revision,
        boolean full,
        long nowMillis,
        Source source,
        List<ClassState> classes,
        List<SeriesState> series,
        Problems problems) {

    /** State of the record source; see {@link SourceStatus}. */
    public record Source(String state, String detail, long sinceMillis, List<String> missingTopics) {}

    /**
     * One device class.
     *
     * @param reporting devices in the newest window
     * @param policies newest epoch first
     * @param rollout null before its first event
     * @param branchesMillis end of the newest window of any branch, null before the first
     */
    public record ClassState(
            String id,
            String name,
            boolean simulated,
            String family,
            int devices,
            int reporting,
            List<Tally> processors,
            List<Tally> accelerators,
            List<Tally> engines,
            Long lastSeenMillis,
            List<PolicyState> policies,
            RolloutState rollout,
            List<ModelState> models,
            List<PlanState> plans,
            Long branchesMillis) {}

    /** How many devices share a label. */
    public record Tally(String label, int devices) {}

    /**
     * One model on one class.
     *
     * @param epochs the policy's own runs summed up per epoch, oldest first
     * @param samples what became of the samples of the history
     */
    public record ModelState(String model, List<EpochLatency> epochs, Samples samples) {}

    /**
     * Samples over the windows of the history.
     *
     * @param policy warm, valid runs of the policy in force
     * @param explored warm, valid runs of exploration plans
     * @param cold set aside as warm-up
     * @param invalid set aside as disturbed, throttled, short of memory, fallen back or failed
     */
    public record Samples(long policy, long explored, long cold, long invalid) {}

    /**
     * Latency and energy of one model under one epoch.
     *
     * @param p50Nanos median, over the windows, of the window medians, each weighted by its samples
     * @param energyMicrojoules mean per inference over the windows that had energy, null where none had
     */
    public record EpochLatency(long epoch, long samples, int windows, double p50Nanos, Double energyMicrojoules) {}

    /**
     * One epoch of a class: what was published, what devices made of it, what the rollout found. A part is null while its
     * topic has not told.
     */
    public record PolicyState(long epoch, Published published, Acks acks, Rollout rollout) {}

    /** The thresholds of an epoch as they were published. */
    public record Published(
            long previousEpoch,
            String mode,
            int minOperators,
            long minMacs,
            double maxBytesPerMac,
            String objective,
            String stage,
            int membershipPerMille,
            boolean killSwitch,
            long issuedMillis,
            String issuedBy,
            String reason,
            Double predictedBeforeNanos,
            Double predictedAfterNanos,
            Fit fit) {}

    /** The cost model behind published thresholds; rates in MAC/s, null where the fitted cost per MAC is zero. */
    public record Fit(
            double dispatchSeconds,
            double dispatchLowSeconds,
            double dispatchHighSeconds,
            Double cpuMacsPerSecond,
            Double acceleratorMacsPerSecond,
            long cpuSamples,
            long acceleratorSamples,
            int distinctRegions,
            double medianRelativeError) {}

    /** Devices by what they last said of an epoch. */
    public record Acks(
            int applied, int refused, int notMember, int stale, Long firstAppliedMillis, Double medianReplanNanos,
            String lastRefusal) {}

    /** The newest state change of an epoch's rollout; latency before and after is the newest that was given. */
    public record Rollout(
            String rolloutId,
            String stage,
            String decision,
            String reason,
            Double beforeP50Nanos,
            long beforeSamples,
            Double afterP50Nanos,
            long afterSamples,
            int devicesAcknowledged,
            String actor,
            long atMillis) {}

    /**
     * How the rollouts of a class stand.
     *
     * @param underWay false: {@code last} is how the last one ended, or the class never had one
     * @param stage where it is, or where it ended
     * @param membershipPerMille share of the class that runs the new thresholds, null where the job did not tell
     * @param sinceMillis when it came to that stage
     * @param devices devices that the stages were planned with, null without stages
     * @param measured newest measurement of this rollout
     * @param last newest decision, refused commands left out
     * @param decisions the job's own, newest first
     * @param actions answers to what people asked for, newest first; the actor is the person
     */
    public record RolloutState(
            String rolloutId,
            boolean underWay,
            String stage,
            Integer membershipPerMille,
            long epoch,
            long sinceMillis,
            Integer devices,
            boolean paused,
            boolean pinned,
            boolean frozen,
            Measurement measured,
            Decision last,
            List<Decision> decisions,
            List<Decision> actions) {}

    /** One event of a rollout; what it does not tell is null. */
    public record Decision(
            long atMillis,
            String rolloutId,
            long epoch,
            String stage,
            Integer membershipPerMille,
            String decision,
            String reason,
            String actor,
            Double beforeP50Nanos,
            long beforeSamples,
            Double afterP50Nanos,
            long afterSamples,
            Measurement measurement,
            Control control,
            String objective,
            Control energy,
            String energySource,
            Thresholds before,
            Thresholds after) {}

    /**
     * Models whose plan changed against those that kept theirs, in a class that changed as a whole; changes as ratios less 1.
     *
     * @param machine what the control changed by
     * @param low null, as {@code high}, where no interval is known
     */
    public record Control(List<String> changedModels, List<String> controlModels, double change, Double low, Double high, double machine) {}

    /** A rule by which devices delegate. */
    public record Thresholds(String mode, int minOperators, long minMacs, double maxBytesPerMac) {}

    /**
     * What a stage measured: members' own changes less the control's, as ratios less 1, with intervals that hold at all looks. Null
     * where the groups could not be compared.
     *
     * @param objective what was judged
     * @param mean of what was judged
     * @param tail the 95th percentile's
     * @param guard of the mean of what the objective leaves out: energy under LATENCY, latency otherwise; null where unavailable
     * @param failureEvidence how many times likelier the members' failures are if they fail more often
     */
    public record Measurement(
            int members,
            int control,
            int neededMembers,
            String objective,
            Double mean,
            Double meanLow,
            Double meanHigh,
            Double tail,
            Double tailLow,
            Double tailHigh,
            Double guard,
            Double guardLow,
            Double guardHigh,
            Double failureEvidence) {}

    /** A plan without its branches. */
    public record PlanState(
            String planId,
            String model,
            String shapeKey,
            long policyEpoch,
            boolean explored,
            String execution,
            int operators,
            long macs,
            int layers,
            int parallelLayers,
            int maxBranchesInLayer,
            int branches,
            int regions,
            int delegatedRegions,
            long arenaBytes,
            Long oneSessionArenaBytes,
            long lastSeenMillis) {}

    /** New points of one series. */
    public record SeriesState(String classId, String model, boolean explored, List<Point> points) {}

    /**
     * One window under one epoch; (epoch, endMillis) is unique in its series.
     *
     * @param memoryOverhead ratio less 1, null where no baseline is known
     * @param energyMicrojoules mean per inference, null: unavailable
     */
    public record Point(
            long epoch,
            long endMillis,
            long samples,
            int devices,
            double p50Nanos,
            double p90Nanos,
            double p99Nanos,
            Double memoryOverhead,
            Double energyMicrojoules,
            String energySource) {}

    /**
     * What could not be used, counted since this dashboard began to read.
     *
     * @param deadLetters records the job refused
     * @param unreadable records this dashboard could not read
     * @param untracked facts that were dropped at a limit of the view
     */
    public record Problems(
            long deadLetters, List<Problem> recentDeadLetters, long unreadable, List<Problem> recentUnreadable, long untracked) {}

    /** One unusable record. */
    public record Problem(String topic, int partition, long offset, long atMillis, String reason) {}
}
