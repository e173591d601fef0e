package io.parallaxfleet.operators.rollout.flink;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.aggregate.DeviceInference;
import io.parallaxfleet.operators.codec.flink.CodecTypeInformation;
import io.parallaxfleet.operators.rollout.staged.ClassEpochs;
import io.parallaxfleet.operators.rollout.staged.ClassEpochsCodec;
import io.parallaxfleet.operators.rollout.staged.Criterion;
import io.parallaxfleet.operators.rollout.staged.DeviceLedger;
import io.parallaxfleet.operators.rollout.staged.DeviceLedgerCodec;
import io.parallaxfleet.operators.rollout.staged.LookInSteps;
import io.parallaxfleet.operators.rollout.staged.LookPart;
import io.parallaxfleet.operators.rollout.staged.Trial;
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
import org.apache.flink.api.common.state.ValueState;
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
 * than a function, because a function can only go through all keys at once. It is ended at once when the next look or new thresholds come.
 * A restart in the middle of a look loses what was added up so far: for the interval before it the devices looked at then count as
 * neither running nor failing. What they measured is in their ledgers.
 */
public final class DeviceLedgerOperator extends AbstractStreamOperator<LookPart>
        implements TwoInputStreamOperator<DeviceInference, LookCue, LookPart> {
    private static final long serialVersionUID = 1L;

    static final long STEP_MILLIS = 10;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private static final MapStateDescriptor<ClassKey, ClassEpochs> EPOCHS = new MapStateDescriptor<>("epochs",
            TypeInformation.of(ClassKey.class), new CodecTypeInformation<>(ClassEpochs.class, new ClassEpochsCodec()));

    /** Between class and device in a key; in no name that people give. */
    private static final char SEPARATOR = '\n';

    private final long memoryMillis;
    private final Criterion criterion;
    private transient ValueState<DeviceLedger> ledgers;
    private transient BroadcastState<ClassKey, ClassEpochs> epochs;
    // Null between two looks.
    private transient LookInSteps look;
    // What must be closed after the look under way; null where nothing must.
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
        ledgers = context.getKeyedStateStore().getState(ledgers());
        epochs = context.getOperatorStateStore().getBroadcastState(EPOCHS);
    }

    @Override
    public void open() throws Exception {
        super.open();
        getRuntimeContext().getMetricGroup().gauge("lookMillis", () -> lastLookNanos / NANOS_PER_MILLI);
        getRuntimeContext().getMetricGroup().gauge("lookStepMillis", () -> lastLongestStepNanos / NANOS_PER_MILLI);
    }

    @Override
    public void processElement1(StreamRecord<DeviceInference> element) throws Exception {
        DeviceInference inference = element.getValue();
        if (inference.explored()) {
            return;
        }
        ClassEpochs known = epochs.get(inference.classKey());
        DeviceLedger kept = ledgers.value();
        DeviceLedger ledger = kept == null ? new DeviceLedger() : kept;
        ledger.judgeBy(criterion);
        if (known == null || known.trial().isEmpty()) {
            ledger.addPast(inference, element.getTimestamp());
        } else {
            Trial trial = known.trial().get();
            ledger.addDuring(trial, trial.includes(inference.deviceId()), inference, element.getTimestamp());
        }
        ledgers.update(ledger);
    }

    @Override
    public void processElement2(StreamRecord<LookCue> element) throws Exception {
        LookCue cue = element.getValue();
        // A device must not be looked at by epochs that it has left behind.
        endLook();
        if (cue.update() != null) {
            ClassKey key = new ClassKey(cue.update().getDeviceClass(), cue.update().getSimulated());
            ClassEpochs known = epochs.get(key);
            epochs.put(key, (known == null ? ClassEpochs.NONE : known).after(cue.update()));
            return;
        }
        Map<ClassKey, ClassEpochs> all = new HashMap<>();
        for (Map.Entry<ClassKey, ClassEpochs> known : epochs.immutableEntries()) {
            all.put(known.getKey(), known.getValue());
        }
        look = new LookInSteps(cue.lookMillis(), all, this::keys, this::visit, SystemClock.getInstance()::relativeTimeNanos);
        goOn();
    }

    // What lies on the heap changes under whoever goes through it, so its keys are noted first; RocksDB goes through a snapshot.
    private Iterator<String> keys() {
        KeyedStateBackend<String> backend = getKeyedStateBackend();
        Stream<String> all = backend.getKeys(ledgers().getName(), VoidNamespace.INSTANCE);
        if (backend.getBackendTypeIdentifier().equals("rocksdb")) {
            keys = all;
            return all.iterator();
        }
        try (all) {
            return all.toList().iterator();
        }
    }

    private void goOn() {
        if (look.step(STEP_MILLIS * NANOS_PER_MILLI)) {
            finishLook();
        } else {
            LookInSteps underWay = look;
            getProcessingTimeService().registerTimer(getProcessingTimeService().getCurrentProcessingTime() + STEP_MILLIS, time -> {
                // One that was ended early left its timer behind.
                if (look == underWay) {
                    goOn();
                }
            });
        }
    }

    private void visit(String key, LookInSteps under) {
        try {
            setCurrentKey(key);
            DeviceLedger ledger = ledgers.value();
            if (ledger == null) {
                return;
            }
            if (ledger.lastRunMillis() < under.lookMillis() - memoryMillis) {
                ledgers.clear();
                return;
            }
            ledger.judgeBy(criterion);
            ClassKey classKey = classOf(key);
            if (ledger.look(under.epochs(classKey), deviceOf(key), under.tally(classKey))) {
                ledgers.update(ledger);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the ledger of " + deviceOf(key), e);
        }
    }

    private void endLook() {
        if (look != null) {
            look.step(Long.MAX_VALUE);
            finishLook();
        }
    }

    private void finishLook() {
        int subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
        int subtasks = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
        LookInSteps done = look;
        done.forEachTally((key, tally) -> output.collect(new StreamRecord<>(new LookPart(key, subtask, subtasks, done.lookMillis(),
                done.epochs(key).newest(), tally.devices(), tally.members(), tally.control()))));
        lastLookNanos = done.elapsedNanos();
        lastLongestStepNanos = done.longestStepNanos();
        closeKeys();
    }

    private void closeKeys() {
        if (keys != null) {
            keys.close();
        }
        keys = null;
        look = null;
    }

    @Override
    public void finish() throws Exception {
        endLook();
        super.finish();
    }

    @Override
    public void close() throws Exception {
        closeKeys();
        super.close();
    }
}
