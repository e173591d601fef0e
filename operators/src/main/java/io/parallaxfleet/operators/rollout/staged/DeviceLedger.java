package io.parallaxfleet.operators.rollout.staged;

import io.parallaxfleet.operators.aggregate.DeviceInference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What one device did before and since a stage of a rollout reached its class. The past is of one epoch and of the time before a
 * trial; the members' since is what they ran under the trial's epoch, the control's what it ran under the past's. Holds
 * {@link #MAX_MODELS} models, at most 290 bytes. The cost that is judged and the one that guards are those of its {@link Criterion};
 * energy is that of one meter or model, and what another one says is left out. Not thread-safe.
 */
public final class DeviceLedger {
    /** Of a device; those that it ran first. */
    static final int MAX_MODELS = 5;
    /** ln 4: one device that lies, or changes place with a tablet, moves its group's mean by a bounded step. */
    static final double MAX_CHANGE = Math.log(4);
    /** What failed this long before says nothing of a failure now. */
    static final Duration FAILURE_MEMORY = Duration.ofHours(24);
    static final long NEVER = 0;

    /** Of every logarithm in it. */
    Criterion criterion = Criterion.LATENCY;
    /** Hash of the name of the meter or model behind its energies; 0 before the first. */
    int energySource;
    final List<ModelLedger> models = new ArrayList<>(1);
    long pastEpoch;
    /** Of the trial that the since is of; 0 where there is none. */
    long trialEpoch;
    /** Of the last failure under an epoch before the past's. */
    long failedEarlierMillis = NEVER;
    /** Of the last failure under the past's epoch, outside of a trial. */
    long failedInPastMillis = NEVER;
    long lastRunMillis = NEVER;
    boolean ranSince;
    boolean ranSinceLook;
    boolean failedSinceLook;

    /** Another that goes its own way from here on. */
    public DeviceLedger copy() {
        DeviceLedger copy = new DeviceLedger();
        copy.criterion = criterion;
        copy.energySource = energySource;
        models.forEach(model -> copy.models.add(model.copy()));
        copy.pastEpoch = pastEpoch;
        copy.trialEpoch = trialEpoch;
        copy.failedEarlierMillis = failedEarlierMillis;
        copy.failedInPastMillis = failedInPastMillis;
        copy.lastRunMillis = lastRunMillis;
        copy.ranSince = ranSince;
        copy.ranSinceLook = ranSinceLook;
        copy.failedSinceLook = failedSinceLook;
        return copy;
    }

    /** Goes on by this criterion. What was measured by another one is no past. */
    public void judgeBy(Criterion wanted) {
        if (criterion != wanted) {
            criterion = wanted;
            forgetModels();
        }
    }

    /**
     * An unexplored inference while no trial is under way in the class.
     *
     * @param atMillis when it ended, by the device's clock
     */
    public void addPast(DeviceInference run, long atMillis) {
        endTrial();
        lastRunMillis = Math.max(lastRunMillis, atMillis);
        if (run.policyEpoch() < pastEpoch) {
            return;
        }
        follow(run.policyEpoch());
        note(run);
        addToPast(run, atMillis);
    }

    private void addToPast(DeviceInference run, long atMillis) {
        if (failed(run)) {
            failedInPastMillis = Math.max(failedInPastMillis, atMillis);
        }
        if (measured(run)) {
            followMeter(run);
            model(run.model(), true).ifPresent(model -> {
                criterion.judged(run).ifPresent(model::addBefore);
                criterion.guarding(run).ifPresent(model::addGuardBefore);
            });
        }
    }

    /** An unexplored inference while a trial is under way. */
    public void addDuring(Trial trial, boolean member, DeviceInference run, long atMillis) {
        begin(trial);
        lastRunMillis = Math.max(lastRunMillis, atMillis);
        if (run.policyEpoch() <= trial.baselineEpoch()) {
            // A device that was away comes back under what its class runs by now.
            follow(run.policyEpoch());
        }
        if (atMillis < trial.sinceMillis() && run.policyEpoch() == pastEpoch) {
            // The trial was heard of before all that was measured before it: a task that is behind would leave its devices without a past.
            addToPast(run, atMillis);
            return;
        }
        if (atMillis < trial.sinceMillis() || run.policyEpoch() != (member ? trial.epoch() : pastEpoch)) {
            return;
        }
        note(run);
        ranSince = true;
        if (measured(run)) {
            DeviceInference known = ofAnotherMeter(run) ? run.withoutEnergy() : run;
            model(run.model(), false).ifPresent(model -> {
                criterion.judged(known).ifPresent(model::addSince);
                criterion.guarding(known).ifPresent(model::addGuardSince);
            });
        }
    }

    /**
     * Adds what the device has to say at a look to what its class said so far, and begins the next interval.
     *
     * @return whether the ledger changed
     */
    public boolean look(ClassEpochs epochs, String deviceId, LookTally tally) {
        Optional<Trial> trial = epochs.trial();
        boolean changed = trial.isPresent() ? begin(trial.get()) : endTrial();
        boolean member = trial.isPresent() && trial.get().includes(deviceId);
        boolean counts = trial.isPresent() || pastEpoch == epochs.baselineEpoch();
        long failed = trial.isPresent() ? Math.max(failedEarlierMillis, failedInPastMillis) : failedEarlierMillis;
        boolean clean = failed == NEVER || lastRunMillis - failed > FAILURE_MEMORY.toMillis();
        tally.add(member, models.stream().anyMatch(ModelLedger::knownBefore), ranSince, counts && ranSinceLook && clean,
                failedSinceLook, own());
        changed |= ranSinceLook;
        ranSinceLook = false;
        failedSinceLook = false;
        return changed;
    }

    /** When it ran last, by its own clock; 0 never. */
    public long lastRunMillis() {
        return lastRunMillis;
    }

    LookTally.Own own() {
        return new LookTally.Own(change(), guardChange(), unmetered());
    }

    /**
     * The device's own change: models weighed by their runs before, so that what it runs now does not matter. Empty until a model
     * is known on both sides.
     */
    Optional<DeviceChange> change() {
        double weights = 0;
        double mean = 0;
        double tail = 0;
        for (ModelLedger model : models) {
            if (model.knownOnBothSides()) {
                weights += model.runsBefore;
                mean += model.runsBefore * model.meanChange();
                tail += model.runsBefore * model.tailChange();
            }
        }
        return weights == 0 ? Optional.empty() : Optional.of(new DeviceChange(bounded(mean / weights), bounded(tail / weights)));
    }

    /** The same of what guards; its models are weighed alike. */
    OptionalDouble guardChange() {
        double weights = 0;
        double sum = 0;
        for (ModelLedger model : models) {
            if (model.guardKnownOnBothSides()) {
                double weight = Math.max(model.runsBefore, model.guardRunsBefore);
                weights += weight;
                sum += weight * model.guardChange();
            }
        }
        return weights == 0 ? OptionalDouble.empty() : OptionalDouble.of(bounded(sum / weights));
    }

    // Whether it measured since, and of what is judged nothing.
    private boolean unmetered() {
        return criterion.needsEnergy() && models.stream().anyMatch(model -> model.guardRunsSince > 0)
                && models.stream().noneMatch(model -> model.runsSince > 0);
    }

    // What a device with another meter or model took before is not to be compared with what it says now.
    private void followMeter(DeviceInference run) {
        if (!ofAnotherMeter(run)) {
            return;
        }
        if (criterion.needsEnergy()) {
            models.clear();
        } else {
            models.forEach(ModelLedger::forgetGuard);
        }
        energySource = run.energy().source().hashCode();
    }

    private boolean ofAnotherMeter(DeviceInference run) {
        return run.energy() != null && run.energy().source().hashCode() != energySource;
    }

    private void forgetModels() {
        models.clear();
        energySource = 0;
    }

    private static double bounded(double change) {
        return Math.max(-MAX_CHANGE, Math.min(MAX_CHANGE, change));
    }

    private void note(DeviceInference run) {
        ranSinceLook = true;
        failedSinceLook |= failed(run);
    }

    private static boolean measured(DeviceInference run) {
        return run.outcome() == DeviceInference.Outcome.MEASURED && run.latencyNanos() > 0;
    }

    private static boolean failed(DeviceInference run) {
        return switch (run.outcome()) {
            case FAILED, OUT_OF_MEMORY -> true;
            case MEASURED, COLD, FALLBACK, INVALID -> false;
        };
    }

    // What a device did under one epoch is no past of another.
    private void follow(long epoch) {
        if (epoch > pastEpoch) {
            pastEpoch = epoch;
            forgetModels();
            failedEarlierMillis = Math.max(failedEarlierMillis, failedInPastMillis);
            failedInPastMillis = NEVER;
        }
    }

    private boolean begin(Trial trial) {
        if (trialEpoch == trial.epoch()) {
            return false;
        }
        endTrial();
        // What the device did since the last look was no part of this stage.
        ranSinceLook = false;
        failedSinceLook = false;
        trialEpoch = trial.epoch();
        return true;
    }

    private boolean endTrial() {
        if (trialEpoch == 0) {
            return false;
        }
        trialEpoch = 0;
        ranSince = false;
        ranSinceLook = false;
        failedSinceLook = false;
        models.forEach(ModelLedger::forgetSince);
        return true;
    }

    private Optional<ModelLedger> model(String name, boolean create) {
        // The hash of a string is specified; five models of one device do not collide in practice.
        int hash = name.hashCode();
        for (ModelLedger model : models) {
            if (model.modelHash == hash) {
                return Optional.of(model);
            }
        }
        if (!create || models.size() == MAX_MODELS) {
            return Optional.empty();
        }
        ModelLedger model = new ModelLedger(hash);
        models.add(model);
        return Optional.of(model);
    }
}
