package io.parallaxfleet.operators.ingest;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.aggregate.DeviceInference;
import io.parallaxfleet.operators.aggregate.KeyedAccumulator;
import io.parallaxfleet.operators.decode.InferenceReader;
import io.parallaxfleet.operators.decode.RawInference;
import io.parallaxfleet.operators.decode.SequenceWindow;
import io.parallaxfleet.operators.fit.CostBatch;
import io.parallaxfleet.operators.fit.DelegationContrast;
import io.parallaxfleet.operators.fit.SampleSelection;
import io.parallaxfleet.schemas.avro.PlanProfile;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Drops duplicates, reads each record with the plan it names, and adds up its branches and the inference as a whole. What came after
 * its window was closed is in no window, which was published once and stays so, but the fit and the device's ledger learn from it: a
 * device that sends its spool after an outage tells what its runs really took. Branches of a record whose plan has not come yet wait with the session, and are counted with the session's next record
 * after it came, in that record's window: their own may be closed by then. Not thread-safe.
 */
public final class Ingest {
    /** Sums held before all are handed on, which bounds memory to some 30 MiB whatever classes, models and plans the records name. */
    static final int MAX_SUMS = 50_000;

    // The fit is told this often in event time at most: each time costs it a read and a write of all it knows of the class.
    private static final long COSTS_MILLIS = 5000;

    /** Why a record, or its branches, did not count. */
    public enum LeftOut {
        /** The session had this sequence number before. */
        DUPLICATE,
        /** Its window was closed before it came; only the window is without it. */
        LATE,
        /** Its plan had not come when {@value Session#MAX_WAITING} later records waited too; only its branches are lost. */
        PLAN_MISSING,
        /** It has other branches than its plan, or its plan is another class's; only its branches are lost. */
        PLAN_MISMATCH
    }

    /** Where results go. */
    public interface Output {
        /** @param eventTimeMillis the last instant of the window that the sum is of */
        void aggregate(KeyedAccumulator sum, long eventTimeMillis);

        void costs(CostBatch batch, long eventTimeMillis);

        void inference(DeviceInference inference, long eventTimeMillis);

        void leftOut(LeftOut why, RawInference record, int branches);

        /** @param more by how many records more its session is incomplete than before this one; less than 0 where it filled a gap */
        void gap(RawInference record, long more);
    }

    private final SampleSelection selection;
    private final Function<String, PlanProfile> plans;
    private final Output out;
    private final PreAggregates sums;
    // What late records tell of each class, up to the limit of a window in each window's time.
    private final Map<ClassKey, ClassCosts> late = new LinkedHashMap<>();
    private long lateSince = Long.MIN_VALUE;
    private final InferenceReader reader = new InferenceReader();
    // A waiting record is read while the one that releases it is still in the other.
    private final InferenceReader waitingReader = new InferenceReader();
    private long watermark = Long.MIN_VALUE;
    private long costsToldAt = Long.MIN_VALUE;

    /** @param plans the plan of an id, or null while it has not come */
    public Ingest(long windowMillis, SampleSelection selection, Function<String, PlanProfile> plans, Output out) {
        this.selection = selection;
        this.plans = plans;
        this.out = out;
        this.sums = new PreAggregates(windowMillis);
    }

    public void add(RawInference record, long eventTimeMillis, Session session) {
        reader.read(record);
        long missing = session.seen.missing();
        if (session.seen.admit(reader.sequence()) != SequenceWindow.Admission.NEW) {
            out.leftOut(LeftOut.DUPLICATE, record, reader.branches());
            return;
        }
        if (session.seen.missing() != missing) {
            out.gap(record, session.seen.missing() - missing);
        }
        long start = sums.windowStart(eventTimeMillis);
        if (sums.windowLast(start) <= watermark) {
            out.leftOut(LeftOut.LATE, record, reader.branches());
            learnFromLate(record, session, eventTimeMillis);
            return;
        }
        PreAggregates.Group group = sums.group(reader, start);
        group.whole.addDevice(reader.deviceHash());
        WholeInferences.add(reader, group.whole);
        out.inference(WholeInferences.ofDevice(reader, group.wholeKey.classKey()), eventTimeMillis);
        if (!session.waiting.isEmpty()) {
            releaseWaiting(session, start, eventTimeMillis);
        }
        // An inference that failed says nothing of its branches.
        if (reader.branches() > 0 && !addBranches(record, reader, group, session, eventTimeMillis) && session.await(record)) {
            out.leftOut(LeftOut.PLAN_MISSING, record, reader.branches());
        }
        if (sums.size() > MAX_SUMS) {
            sums.drainAll(out);
        }
    }

    /** Event time has come this far: no window that ends before will be added to, so what is held of it is handed on. */
    public void advance(long newWatermark) {
        watermark = newWatermark;
        if (costsToldAt == Long.MIN_VALUE || newWatermark - costsToldAt >= COSTS_MILLIS) {
            costsToldAt = newWatermark;
            sums.drainCosts(out);
            drainLate();
        }
        if (sums.windowStart(newWatermark) != lateSince) {
            lateSince = sums.windowStart(newWatermark);
            drainLate();
            late.clear();
        }
        sums.drainUntil(newWatermark, out);
    }

    /** Hands on everything that is held. */
    public void drain() {
        sums.drainAll(out);
        drainLate();
    }

    private void drainLate() {
        late.values().forEach(costs -> costs.drain().ifPresent(batch -> out.costs(batch, costs.latestMillis())));
    }

    private void learnFromLate(RawInference record, Session session, long eventTimeMillis) {
        ClassKey classKey = new ClassKey(reader.deviceClass(), reader.simulated());
        out.inference(WholeInferences.ofDevice(reader, classKey), eventTimeMillis);
        PlanProfile plan = reader.branches() == 0 ? null : plans.apply(reader.planId());
        if (plan == null || !matches(plan, reader)) {
            return;
        }
        ClassCosts costs = late.computeIfAbsent(classKey, ClassCosts::new);
        if (costs.wants(reader.explored())) {
            costs.observe(selection.observe(record.toTelemetry(), plan, session.contrast()), reader.explored(), eventTimeMillis);
        } else {
            costs.count(eventTimeMillis);
        }
    }

    private static boolean matches(PlanProfile plan, InferenceReader inference) {
        return plan.getBranches().size() == inference.branches() && plan.getSimulated() == inference.simulated()
                && plan.getDeviceClass().equals(inference.deviceClass());
    }

    private void releaseWaiting(Session session, long start, long eventTimeMillis) {
        for (Iterator<RawInference> all = session.waiting.iterator(); all.hasNext(); ) {
            RawInference record = all.next();
            waitingReader.read(record);
            if (addBranches(record, waitingReader, sums.group(waitingReader, start), session, eventTimeMillis)) {
                all.remove();
            }
        }
    }

    /** @return false while the plan has not come */
    private boolean addBranches(RawInference record, InferenceReader inference, PreAggregates.Group group, Session session,
            long eventTimeMillis) {
        PlanProfile plan = plans.apply(inference.planId());
        if (plan == null) {
            return false;
        }
        if (!matches(plan, inference)) {
            out.leftOut(LeftOut.PLAN_MISMATCH, record, inference.branches());
            return true;
        }
        (group.branches == null ? sums.open(group, plan) : group.branches).add(inference);
        if (group.costs.wants(inference.explored())) {
            group.costs.observe(selection.observe(record.toTelemetry(), plan, session.contrast()), inference.explored(),
                    eventTimeMillis);
        } else {
            countOnly(inference, group, session, eventTimeMillis);
        }
        return true;
    }

    // What a device's runs without delegation take is remembered of every one: contrasts are made within a device.
    private void countOnly(InferenceReader inference, PreAggregates.Group group, Session session, long eventTimeMillis) {
        group.costs.count(eventTimeMillis);
        if (!group.branches.delegates() && selection.undisturbed(inference.warmup(), inference.validity(),
                inference.thermalState(), inference.foreignCpuShare())) {
            session.contrast().addBaseline(group.branches.modelKey(), inference.latencyNanos());
        }
    }
}
