package io.parallaxfleet.operators.rollout.flink;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.aggregate.DeviceInference;
import io.parallaxfleet.operators.codec.flink.CodecTypeInformation;
import io.parallaxfleet.operators.rollout.staged.ClassEpochs;
import io.parallaxfleet.operators.rollout.staged.ClassEpochsCodec;
import io.parallaxfleet.operators.rollout.staged.Criterion;
import io.parallaxfleet.operators.rollout.staged.DeviceLedger;
import io.parallaxfleet.operators.rollout.staged.DeviceLedgerCodec;
import io.parallaxfleet.operators.rollout.staged.EpochsToCome;
import io.parallaxfleet.operators.rollout.staged.LookInSteps;
import io.parallaxfleet.operators.rollout.staged.LookPart;
import io.parallaxfleet.operators.rollout.staged.Trial;
import io.parallaxfleet.operators.state.flink.WriteBehindState;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.clock.SystemClock;

/**
 * Keeps the {@link DeviceLedger} of every device, and at each look adds up what the devices of this task have to say, class by class.
 * A look goes through all devices of the task, also those that fell silent, which no timer of theirs would tell of; what goes on is one
 * record a class and task, whatever the number of devices. Devices that were silent for long are forgotten there too.
 *
 * <p>A look is made in steps of {@value #STEP_MILLIS} ms with as long a rest between them, in which records go on: an operator rather
 * than a function, because a function can only go through all keys at once. No input makes it do the rest at once: a look that is due
 * before the one before has ended waits, the newest only, with short rests; new thresholds of a class end the look of that class, which
 * is looked at again next time. A restart in the middle of a look loses what was added up so far: for the interval before it the devices looked at then count as
 * neither running nor failing. What they measured is in their ledgers.
 */
public final class DeviceLedgerOperator extends AbstractStreamOperator<LookPart>
        implements TwoInputStreamOperator<DeviceInference, LookCue, LookPart> {
    private static final long serialVersionUID = 1L;

    static final long STEP_MILLIS = 10;
    private static final long REST_WHEN_LATE_MILLIS = 1;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private static final MapStateDescriptor<ClassKey, ClassEpochs> EPOCHS = new MapStateDescriptor<>("epochs",
            TypeInformation.of(ClassKey.class), new CodecTypeInformation<>(ClassEpochs.class, new ClassEpochsCodec()));

    /** Between class and device in a key; in no name that people give. */
    private static final char SEPARATOR = '\n';

    private final long memoryMillis;
    private final Criterion criterion;
    private transient WriteBehindState<DeviceLedger> ledgers;
    private transient BroadcastState<ClassKey, ClassEpochs> epochs;
    private transient EpochsToCome toCome;
    // Null between two looks.
    private transient LookInSteps look;
    // When the newest look is due that waits for the one under way; null where none does.
    private transient Long nextLookMillis;
    // Of the look under way; must be closed after it.
    private transient Stream<String> keys;
    private transient long lastLookNanos;
    private transient long lastLongestStepNanos;

    /**
     * @param memory event time after which a silent device is forgotten
     * @param criterion what stages are judged by
     */
    public DeviceLedgerOperator(Duration memory, Criterion criterion) {
        this.memoryMillis = memory.toMillis();
        this.criterion = Objects.requireNonNull(criterion, "criterion");
    }

    /** The key: a device within its class, since devices of two classes may share a name. */
    public static String keyOf(DeviceInference inference) {
        return (inference.classKey().simulated() ? "s" : "m") + inference.classKey().deviceClass() + SEPARATOR
                + inference.deviceId();
    }

    /** The state of each device; also for who reads savepoints. */
    public static ValueStateDescriptor<DeviceLedger> ledgers() {
        return new ValueStateDescriptor<>("ledger", new CodecTypeInformation<>(DeviceLedger.class, new DeviceLedgerCodec()));
    }

    private static ClassKey classOf(String key) {
        return new ClassKey(key.substring(1, key.indexOf(SEPARATOR)), key.charAt(0) == 's');
    }

    private static String deviceOf(String key) {
        return key.substring(key.indexOf(SEPARATOR) + 1);
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        ledgers = new WriteBehindState<>(context.getKeyedStateStore().getState(ledgers()), this::setCurrentKey, DeviceLedger::new,
                DeviceLedger::copy);
        epochs = context.getOperatorStateStore().getBroadcastState(EPOCHS);
    }

    @Override
    public void open() throws Exception {
        super.open();
        toCome = new EpochsToCome(SystemClock.getInstance()::relativeTimeNanos);
        getRuntimeContext().getMetricGroup().gauge("lookMillis", () -> lastLookNanos / NANOS_PER_MILLI);
        getRuntimeContext().getMetricGroup().gauge("lookStepMillis", () -> lastLongestStepNanos / NANOS_PER_MILLI);
    }

    @Override
    public void processElement1(StreamRecord<DeviceInference> element) throws Exception {
        DeviceInference inference = element.getValue();
        if (inference.explored()) {
            return;
        }
        ClassEpochs heard = epochs.get(inference.classKey());
        ClassEpochs known = heard == null ? ClassEpochs.NONE : heard;
        if (known.trial().isEmpty() && toCome.awaits(inference.classKey(), inference.policyEpoch(), known.newest())) {
            return;
        }
        DeviceLedger ledger = ledgers.get((String) getCurrentKey());
        ledger.judgeBy(criterion);
        if (known.trial().isEmpty()) {
            ledger.addPast(inference, element.getTimestamp());
        } else {
            Trial trial = known.trial().get();
            ledger.addDuring(trial, trial.includes(inference.deviceId()), inference, element.getTimestamp());
        }
    }

    @Override
    public void processElement2(StreamRecord<LookCue> element) throws Exception {
        LookCue cue = element.getValue();
        if (cue.update() != null) {
            follow(cue.update());
        } else if (look == null) {
            begin(cue.lookMillis());
        } else {
            nextLookMillis = cue.lookMillis();
        }
    }

    private void follow(ThresholdUpdate update) throws Exception {
        ClassKey key = new ClassKey(update.getDeviceClass(), update.getSimulated());
        ClassEpochs known = epochs.get(key);
        ClassEpochs next = (known == null ? ClassEpochs.NONE : known).after(update);
        epochs.put(key, next);
        if (look != null && !next.equals(known)) {
            // A device must not be looked at by epochs that it has left behind.
            look.leaveOut(key);
        }
    }

    private void begin(long lookMillis) throws Exception {
        // Keys are asked of state, which must know those of the last second too.
        ledgers.writeBack();
        Map<ClassKey, ClassEpochs> all = new HashMap<>();
        for (Map.Entry<ClassKey, ClassEpochs> known : epochs.immutableEntries()) {
            all.put(known.getKey(), known.getValue());
        }
        look = new LookInSteps(lookMillis, all, this::keys, this::visit, SystemClock.getInstance()::relativeTimeNanos);
        goOn();
    }

    // Both backends' keys may be asked for while ledgers come and go: RocksDB goes through a snapshot, and the stream of the one on the
    // heap, of whose maps none may change under an iterator, is flattened over key groups and notes a group's keys when it comes to it.
    // To note all at once took half a second of a million.
    private Iterator<String> keys() {
        KeyedStateBackend<String> backend = getKeyedStateBackend();
        keys = backend.getKeys(ledgers().getName(), VoidNamespace.INSTANCE);
        return keys.iterator();
    }

    private void goOn() throws Exception {
        if (look.step(STEP_MILLIS * NANOS_PER_MILLI)) {
            finishLook();
        } else {
            LookInSteps underWay = look;
            long restMillis = nextLookMillis == null ? STEP_MILLIS : REST_WHEN_LATE_MILLIS;
            getProcessingTimeService().registerTimer(getProcessingTimeService().getCurrentProcessingTime() + restMillis, time -> {
                // The end of the input leaves a timer behind.
                if (look == underWay) {
                    goOn();
                }
            });
        }
    }

    private void visit(String key, LookInSteps under) {
        try {
            ClassKey classKey = classOf(key);
            if (under.leavesOut(classKey)) {
                return;
            }
            DeviceLedger ledger = ledgers.peek(key);
            if (ledger == null) {
                return;
            }
            if (ledger.lastRunMillis() < under.lookMillis() - memoryMillis) {
                ledgers.remove(key);
                return;
            }
            ledger.judgeBy(criterion);
            if (ledger.look(under.epochs(classKey), deviceOf(key), under.tally(classKey))) {
                ledgers.put(key, ledger);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the ledger of " + deviceOf(key), e);
        }
    }

    private void finishLook() throws Exception {
        int subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
        int subtasks = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
        LookInSteps done = look;
        done.forEachTally((key, tally) -> output.collect(new StreamRecord<>(new LookPart(key, subtask, subtasks, done.lookMillis(),
                done.epochs(key).newest(), tally.devices(), tally.members(), tally.control()))));
        lastLookNanos = done.elapsedNanos();
        lastLongestStepNanos = done.longestStepNanos();
        closeKeys();
        if (nextLookMillis != null) {
            long due = nextLookMillis;
            nextLookMillis = null;
            begin(due);
        }
    }

    private void closeKeys() {
        if (keys != null) {
            keys.close();
        }
        keys = null;
        look = null;
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        ledgers.writeBack();
        super.prepareSnapshotPreBarrier(checkpointId);
    }

    @Override
    public void finish() throws Exception {
        while (look != null) {
            look.step(Long.MAX_VALUE);
            finishLook();
        }
        super.finish();
    }

    @Override
    public void close() throws Exception {
        closeKeys();
        super.close();
    }
}
