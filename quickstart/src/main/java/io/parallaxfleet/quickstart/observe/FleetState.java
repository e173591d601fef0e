package io.parallaxfleet.quickstart.observe;

import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.schemas.avro.Replan;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToIntFunction;

/**
 * Folds the records of the fleet's topics into one story per class. Records may come in any order and more than once: a
 * window, an epoch or an acknowledgement replaces the earlier one of its key. Not thread-safe.
 */
final class FleetState {
    private record SeriesKey(String model, long epoch) {}

    private record AckKey(String deviceId, long epoch) {}

    /** The first and the last acknowledgement of one device. */
    private record Move(ThresholdAck first, ThresholdAck last) {
        Move and(Move other) {
            return new Move(first.getEpoch() <= other.first.getEpoch() ? first : other.first,
                    last.getEpoch() >= other.last.getEpoch() ? last : other.last);
        }
    }

    private record Published(long epoch, DelegationPolicy policy, String reason) {}

    private static final class ClassState {
        private final boolean simulated;
        private final Set<String> devices = new HashSet<>();
        private final SortedMap<Long, Published> updates = new TreeMap<>();
        private final Map<AckKey, ThresholdAck> acks = new HashMap<>();
        /** Whole-inference windows of the policy's own plans, by window start. */
        private final Map<SeriesKey, SortedMap<Long, ClassAggregate>> windows = new HashMap<>();
        private final Map<SeriesKey, SortedMap<Long, Long>> exploredCounts = new HashMap<>();
        private final Map<SeriesKey, SortedMap<Long, Long>> invalidCounts = new HashMap<>();
        private Optional<RolloutEvent> newestDecision = Optional.empty();

        ClassState(boolean simulated) {
            this.simulated = simulated;
        }
    }

    private final StartPolicy startPolicy;
    private final Map<String, ClassState> classes = new TreeMap<>();
    private long deadLetters;

    FleetState(StartPolicy startPolicy) {
        this.startPolicy = startPolicy;
    }

    void device(DeviceProfile profile) {
        of(profile.getDeviceClass(), profile.getSimulated()).devices.add(profile.getDeviceId());
    }

    void aggregate(ClassAggregate window) {
        if (window.getBranch() != null || window.getRollup()) {
            return;
        }
        ClassState state = of(window.getDeviceClass(), window.getSimulated());
        SeriesKey key = new SeriesKey(window.getModel(), window.getPolicyEpoch());
        long start = window.getWindowStart().toEpochMilli();
        if (!window.getExplored()) {
            state.invalidCounts.computeIfAbsent(key, ignored -> new TreeMap<>()).put(start, window.getInvalidCount());
        }
        if (window.getExplored()) {
            state.exploredCounts.computeIfAbsent(key, ignored -> new TreeMap<>()).put(start, window.getCount());
        } else if (window.getCount() > 0) {
            state.windows.computeIfAbsent(key, ignored -> new TreeMap<>()).put(start, window);
        }
    }

    /** An update that no device can apply (an unknown mode, bounds out of range) changes no story. */
    void thresholds(ThresholdUpdate update) {
        usable(update).ifPresent(policy -> of(update.getDeviceClass(), update.getSimulated())
                .updates
                .put(update.getEpoch(), new Published(update.getEpoch(), policy, update.getReason())));
    }

    void ack(ThresholdAck ack) {
        of(ack.getDeviceClass(), ack.getSimulated()).acks.put(new AckKey(ack.getDeviceId(), ack.getEpoch()), ack);
    }

    void decision(RolloutEvent event) {
        ClassState state = of(event.getDeviceClass(), event.getSimulated());
        if (state.newestDecision.map(known -> !known.getTimestamp().isAfter(event.getTimestamp())).orElse(true)) {
            state.newestDecision = Optional.of(event);
        }
    }

    void deadLetter() {
        deadLetters++;
    }

    long deadLetters() {
        return deadLetters;
    }

    /** The stories so far, by class name. */
    List<ClassStory> stories() {
        List<ClassStory> stories = new ArrayList<>();
        classes.forEach((name, state) -> stories.add(story(name, state)));
        return stories;
    }

    /** The newest window of every model of a class, by model name. */
    SortedMap<String, ClassAggregate> latestWindows(String deviceClass) {
        SortedMap<String, ClassAggregate> latest = new TreeMap<>();
        ClassState state = classes.get(deviceClass);
        if (state != null) {
            state.windows.forEach((key, windows) -> latest.merge(key.model(), windows.get(windows.lastKey()),
                    (a, b) -> a.getWindowStart().isAfter(b.getWindowStart()) ? a : b));
        }
        return latest;
    }

    private ClassState of(String deviceClass, boolean simulated) {
        return classes.computeIfAbsent(deviceClass, ignored -> new ClassState(simulated));
    }

    private ClassStory story(String name, ClassState state) {
        Optional<Published> newest =
                state.updates.isEmpty() ? Optional.empty() : Optional.of(state.updates.get(state.updates.lastKey()));
        long epochBefore = state.windows.keySet().stream().mapToLong(SeriesKey::epoch).min().orElse(0);
        long epochAfter = Math.max(epochBefore, newest.map(Published::epoch).orElse(epochBefore));
        DelegationPolicy before = Optional.ofNullable(state.updates.get(epochBefore)).map(Published::policy).orElseGet(() -> startPolicy.of(state.simulated));
        Optional<DelegationPolicy> after =
                newest.filter(update -> update.epoch() > epochBefore).map(Published::policy);
        List<ThresholdAck> newestAcks = state.acks.values().stream()
                .filter(ack -> newest.isPresent() && ack.getEpoch() == newest.get().epoch())
                .toList();
        return new ClassStory(name, state.simulated, state.devices.size(),
                state.windows.values().stream().flatMap(w -> w.values().stream()).mapToLong(ClassAggregate::getCount).sum(),
                total(state.exploredCounts), total(state.invalidCounts),
                epochBefore, epochAfter, before, after, direction(state, before, after),
                (int) newestAcks.stream().filter(ack -> ack.getOutcome() == AckOutcome.APPLIED).count(),
                (int) newestAcks.stream().filter(ack -> ack.getOutcome() == AckOutcome.REFUSED).count(),
                newest.map(Published::reason),
                state.newestDecision.map(event -> event.getDecision() + ": " + event.getReason()), models(state, epochBefore));
    }

    private static long total(Map<SeriesKey, SortedMap<Long, Long>> counts) {
        return counts.values().stream().flatMap(windows -> windows.values().stream()).mapToLong(Long::longValue).sum();
    }

    private static List<ModelStory> models(ClassState state, long epochBefore) {
        Set<String> names = new TreeSet<>();
        state.windows.keySet().forEach(key -> names.add(key.model()));
        List<ModelStory> models = new ArrayList<>();
        for (String model : names) {
            Optional<LatencyFigure> before = Optional.ofNullable(state.windows.get(new SeriesKey(model, epochBefore)))
                    .map(windows -> LatencyFigure.of(windows.values()));
            Optional<LatencyFigure> after = state.windows.entrySet().stream()
                    .filter(entry -> entry.getKey().model().equals(model) && entry.getKey().epoch() > epochBefore)
                    .max(Comparator.comparingLong(entry -> entry.getKey().epoch()))
                    .map(entry -> LatencyFigure.of(entry.getValue().values()));
            models.add(new ModelStory(model, before, after, samePlan(state, model, epochBefore)));
        }
        return models;
    }

    private static Direction direction(ClassState state, DelegationPolicy before, Optional<DelegationPolicy> after) {
        if (after.isEmpty()) {
            return Direction.UNDECIDED;
        }
        List<Move> moves = moves(state, 0);
        if (moves.isEmpty()) {
            return Direction.ofPolicies(before, after.get());
        }
        return Direction.ofRegions(regions(moves.stream().map(Move::first).toList(), Replan::getDelegatedRegionsBefore),
                regions(moves.stream().map(Move::last).toList(), Replan::getDelegatedRegionsAfter));
    }

    private static boolean samePlan(ClassState state, String model, long epochBefore) {
        List<Move> told = moves(state, epochBefore).stream().filter(move -> replan(move.first(), model).isPresent()).toList();
        return !told.isEmpty() && told.stream().allMatch(move -> replan(move.first(), model).map(Replan::getPlanIdBefore)
                .equals(replan(move.last(), model).map(Replan::getPlanIdAfter)));
    }

    private static Optional<Replan> replan(ThresholdAck ack, String model) {
        return ack.getPlans().stream().filter(replan -> replan.getModel().equals(model)).findFirst();
    }

    // What each device applied above the epoch.
    private static List<Move> moves(ClassState state, long above) {
        Map<String, Move> moves = new HashMap<>();
        for (ThresholdAck ack : state.acks.values()) {
            if (ack.getOutcome() == AckOutcome.APPLIED && ack.getEpoch() > above) {
                moves.merge(ack.getDeviceId(), new Move(ack, ack), Move::and);
            }
        }
        return List.copyOf(moves.values());
    }

    private static long regions(Collection<ThresholdAck> acks, ToIntFunction<Replan> side) {
        return acks.stream().flatMap(ack -> ack.getPlans().stream()).mapToInt(side).asLongStream().sum();
    }

    private static Optional<DelegationPolicy> usable(ThresholdUpdate update) {
        if (update.getKillSwitch()) {
            return Optional.of(DelegationPolicy.paper());
        }
        return switch (update.getMode()) {
            case UNKNOWN -> Optional.empty();
            case NEVER -> Optional.of(new DelegationPolicy.Never());
            case THRESHOLDS -> {
                try {
                    yield Optional.of(new DelegationPolicy.Thresholds(
                            update.getMinOperators(), update.getMinMacs(), update.getMaxBytesPerMac()));
                } catch (IllegalArgumentException outOfRange) {
                    yield Optional.empty();
                }
            }
        };
    }
}
