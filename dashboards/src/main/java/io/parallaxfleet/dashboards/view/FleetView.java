package io.parallaxfleet.dashboards.view;

import io.parallaxfleet.dashboards.view.FleetSnapshot.ClassState;
import io.parallaxfleet.dashboards.view.FleetSnapshot.SeriesState;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.DeadLetter;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The fleet as the topics tell it, in bounded memory. Every change raises the revision; readers take snapshots of what
 * changed since theirs. A record that decodes but makes no sense is counted as unreadable and named. Thread-safe; each call
 * holds one lock for a short time.
 */
public final class FleetView {
    private record Device(ClassKey owner, ClassView.Labels labels) {}

    private final Clock clock;
    private final ViewLimits limits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All below is guarded by lock.
    private final Map<ClassKey, ClassView> classes = new LinkedHashMap<>();
    private final Map<String, Device> devices = new HashMap<>();
    private PlanShelf plans;
    private SourceStatus source;
    private ProblemLog problems;
    private long revision = 1;
    private long resetRevision = 1;

    public FleetView(Clock clock, ViewLimits limits) {
        this.clock = clock;
        this.limits = limits;
        this.plans = new PlanShelf(limits);
        this.problems = new ProblemLog(limits.recentProblems());
        this.source = new SourceStatus(SourceStatus.State.CONNECTING, "connecting", clock.instant(), List.of());
    }

    public void device(DeviceProfile device, RecordPosition at) {
        locked(() -> {
            forget(device.getDeviceId());
            if (devices.size() >= limits.devices()) {
                problems.untracked();
                return;
            }
            owner(device.getDeviceClass(), device.getSimulated(), at).ifPresent(owner -> {
                devices.put(device.getDeviceId(), new Device(owner.key(), owner.add(device)));
                owner.seen(device.getStartedAt().toEpochMilli());
                owner.changed(revision);
            });
        });
    }

    /** A device was taken off the topic of devices. */
    public void deviceRemoved(String deviceId) {
        locked(() -> forget(deviceId));
    }

    public void plan(PlanProfile plan, RecordPosition at) {
        locked(() -> usable(RecordCheck.problem(plan), at)
                .flatMap(usable -> owner(plan.getDeviceClass(), plan.getSimulated(), at))
                .ifPresent(owner -> {
                    plans.profile(owner.key(), plan, at.writtenAt().toEpochMilli());
                    owner.changed(revision);
                }));
    }

    public void aggregate(ClassAggregate window, RecordPosition at) {
        if (window.getRollup()) {
            // The same samples came in short windows.
            return;
        }
        locked(() -> usable(RecordCheck.problem(window), at)
                .flatMap(usable -> owner(window.getDeviceClass(), window.getSimulated(), at))
                .ifPresent(owner -> {
                    long end = window.getWindowEnd().toEpochMilli();
                    if (window.getBranch() == null) {
                        if (!owner.window(window, revision)) {
                            problems.untracked();
                        }
                    } else if (window.getPlanId() != null) {
                        plans.branchWindow(owner.key(), window);
                        owner.branchWindow(end);
                    } else {
                        problems.unreadable(at, "a branch aggregate without a planId");
                    }
                    owner.seen(end);
                    owner.changed(revision);
                }));
    }

    public void thresholds(ThresholdUpdate update, RecordPosition at) {
        locked(() -> usable(RecordCheck.problem(update), at)
                .flatMap(usable -> owner(update.getDeviceClass(), update.getSimulated(), at))
                .ifPresent(owner -> {
                    owner.policies().publish(update);
                    owner.changed(revision);
                }));
    }

    public void acknowledgement(ThresholdAck ack, RecordPosition at) {
        locked(() -> owner(ack.getDeviceClass(), ack.getSimulated(), at).ifPresent(owner -> {
            if (!owner.policies().acknowledge(ack)) {
                problems.untracked();
            }
            owner.seen(ack.getTimestamp().toEpochMilli());
            owner.changed(revision);
        }));
    }

    public void rollout(RolloutEvent event, RecordPosition at) {
        locked(() -> usable(RecordCheck.problem(event), at)
                .flatMap(usable -> owner(event.getDeviceClass(), event.getSimulated(), at))
                .ifPresent(owner -> {
                    owner.rollouts().add(event);
                    owner.policies().rollout(event);
                    owner.changed(revision);
                }));
    }

    public void deadLetter(DeadLetter letter) {
        locked(() -> problems.deadLetter(letter));
    }

    /** A record could not be read. */
    public void unreadable(RecordPosition at, String reason) {
        locked(() -> problems.unreadable(at, reason));
    }

    public void sourceStatus(SourceStatus status) {
        locked(() -> source = status);
    }

    /** Forgets everything, for a source that starts over with other records. */
    public void reset() {
        locked(() -> {
            classes.clear();
            devices.clear();
            plans = new PlanShelf(limits);
            problems = new ProblemLog(limits.recentProblems());
            resetRevision = revision;
        });
    }

    /** What changed after a revision; everything for revision 0 or one from before a {@link #reset}. */
    public FleetSnapshot snapshot(long sinceRevision) {
        lock.lock();
        try {
            boolean full = sinceRevision < resetRevision || sinceRevision > revision;
            long since = full ? 0 : sinceRevision;
            List<ClassState> classStates = new ArrayList<>();
            List<SeriesState> series = new ArrayList<>();
            for (ClassView owner : classes.values()) {
                if (owner.revision() > since) {
                    classStates.add(owner.state(plans.of(owner.key())));
                    series.addAll(owner.seriesSince(since));
                }
            }
            return new FleetSnapshot(revision, full, clock.millis(),
                    new FleetSnapshot.Source(source.state().name(), source.detail(), source.since().toEpochMilli(),
                            source.missingTopics()),
                    List.copyOf(classStates), List.copyOf(series), problems.state());
        } finally {
            lock.unlock();
        }
    }

    /** A plan with its branches, or empty when it is not known. */
    public Optional<PlanDetail> plan(ClassKey owner, String planId) {
        lock.lock();
        try {
            return plans.detail(owner, planId);
        } finally {
            lock.unlock();
        }
    }

    /** The newest window of the policy's own runs, per class and model. */
    public Map<ClassKey, Map<String, FleetSnapshot.Point>> newestWindows() {
        lock.lock();
        try {
            Map<ClassKey, Map<String, FleetSnapshot.Point>> newest = new LinkedHashMap<>();
            classes.forEach((key, owner) -> newest.put(key, owner.newestWindows()));
            return newest;
        } finally {
            lock.unlock();
        }
    }

    public SourceStatus sourceStatus() {
        lock.lock();
        try {
            return source;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the revision is above the given one or the time is over.
     *
     * @return true when there is something new
     */
    public boolean awaitChange(long sinceRevision, Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lockInterruptibly();
        try {
            while (revision == sinceRevision) {
                if (left <= 0) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            revision++;
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private Optional<Boolean> usable(Optional<String> problem, RecordPosition at) {
        if (problem.isPresent()) {
            problems.unreadable(at, problem.get());
            return Optional.empty();
        }
        return Optional.of(true);
    }

    private Optional<ClassView> owner(String name, boolean simulated, RecordPosition at) {
        if (name.isBlank()) {
            problems.unreadable(at, "deviceClass is empty");
            return Optional.empty();
        }
        ClassKey key = new ClassKey(RecordCheck.bounded(name), simulated);
        ClassView owner = classes.get(key);
        if (owner == null) {
            if (classes.size() >= limits.classes()) {
                problems.untracked();
                return Optional.empty();
            }
            owner = new ClassView(key, limits);
            classes.put(key, owner);
        }
        return Optional.of(owner);
    }

    private void forget(String deviceId) {
        Device device = devices.remove(deviceId);
        if (device != null) {
            ClassView owner = classes.get(device.owner());
            owner.remove(device.labels());
            owner.changed(revision);
        }
    }
}
