package io.parallaxfleet.operators.rollout.flink;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.aggregate.DeviceInference;
import io.parallaxfleet.operators.codec.flink.CodecTypeInformation;
import io.parallaxfleet.operators.rollout.staged.ClassEpochs;
import io.parallaxfleet.operators.rollout.staged.ClassEpochsCodec;
import io.parallaxfleet.operators.rollout.staged.DeviceLedger;
import io.parallaxfleet.operators.rollout.staged.DeviceLedgerCodec;
import io.parallaxfleet.operators.rollout.staged.LookPart;
import io.parallaxfleet.operators.rollout.staged.LookTally;
import io.parallaxfleet.operators.rollout.staged.Trial;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.state.KeyedStateFunction;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps the {@link DeviceLedger} of every device, and at each look adds up what the devices of this task have to say, class by class.
 * A look goes through all devices of the task, also those that fell silent, which no timer of theirs would tell of; what goes on is one
 * record a class and task, whatever the number of devices. Devices that were silent for long are forgotten there too.
 */
public final class DeviceLedgerFunction extends KeyedBroadcastProcessFunction<String, DeviceInference, LookCue, LookPart> {
    private static final long serialVersionUID = 1L;

    public static final MapStateDescriptor<ClassKey, ClassEpochs> EPOCHS = new MapStateDescriptor<>("epochs",
            TypeInformation.of(ClassKey.class), new CodecTypeInformation<>(ClassEpochs.class, new ClassEpochsCodec()));

    private static final ValueStateDescriptor<DeviceLedger> LEDGER = new ValueStateDescriptor<>("ledger",
            new CodecTypeInformation<>(DeviceLedger.class, new DeviceLedgerCodec()));

    /** Between class and device in a key; in no name that people give. */
    private static final char SEPARATOR = '\n';

    private final long memoryMillis;
    private transient ValueState<DeviceLedger> ledgers;

    /** @param memory event time after which a silent device is forgotten */
    public DeviceLedgerFunction(Duration memory) {
        this.memoryMillis = memory.toMillis();
    }

    /** The key: a device within its class, since devices of two classes may share a name. */
    public static String keyOf(DeviceInference inference) {
        return (inference.classKey().simulated() ? "s" : "m") + inference.classKey().deviceClass() + SEPARATOR
                + inference.deviceId();
    }

    private static ClassKey classOf(String key) {
        return new ClassKey(key.substring(1, key.indexOf(SEPARATOR)), key.charAt(0) == 's');
    }

    private static String deviceOf(String key) {
        return key.substring(key.indexOf(SEPARATOR) + 1);
    }

    @Override
    public void open(OpenContext context) {
        ledgers = getRuntimeContext().getState(LEDGER);
    }

    @Override
    public void processElement(DeviceInference inference, ReadOnlyContext context, Collector<LookPart> out) throws Exception {
        if (inference.explored()) {
            return;
        }
        ClassEpochs epochs = context.getBroadcastState(EPOCHS).get(inference.classKey());
        DeviceLedger ledger = ledgers.value() == null ? new DeviceLedger() : ledgers.value();
        if (epochs == null || epochs.trial().isEmpty()) {
            ledger.addPast(inference, context.timestamp());
        } else {
            Trial trial = epochs.trial().get();
            ledger.addDuring(trial, trial.includes(inference.deviceId()), inference, context.timestamp());
        }
        ledgers.update(ledger);
    }

    @Override
    public void processBroadcastElement(LookCue cue, Context context, Collector<LookPart> out) throws Exception {
        if (cue.update() != null) {
            ClassKey key = new ClassKey(cue.update().getDeviceClass(), cue.update().getSimulated());
            ClassEpochs known = context.getBroadcastState(EPOCHS).get(key);
            context.getBroadcastState(EPOCHS).put(key, (known == null ? ClassEpochs.NONE : known).after(cue.update()));
            return;
        }
        Map<ClassKey, ClassEpochs> epochs = new HashMap<>();
        Map<ClassKey, LookTally> tallies = new HashMap<>();
        for (Map.Entry<ClassKey, ClassEpochs> known : context.getBroadcastState(EPOCHS).immutableEntries()) {
            epochs.put(known.getKey(), known.getValue());
            // A task without devices of a class says so, or the class would wait for it.
            tallies.put(known.getKey(), new LookTally());
        }
        context.applyToKeyedState(LEDGER, look(cue.lookMillis(), epochs, tallies));
        int subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
        int subtasks = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
        tallies.forEach((key, tally) -> out.collect(new LookPart(key, subtask, subtasks, cue.lookMillis(),
                epochs.getOrDefault(key, ClassEpochs.NONE).newest(), tally.devices(), tally.members(), tally.control())));
    }

    private KeyedStateFunction<String, ValueState<DeviceLedger>> look(long lookMillis, Map<ClassKey, ClassEpochs> epochs,
            Map<ClassKey, LookTally> tallies) {
        return (key, state) -> {
            DeviceLedger ledger = state.value();
            if (ledger.lastRunMillis() < lookMillis - memoryMillis) {
                state.clear();
                return;
            }
            ClassKey classKey = classOf(key);
            boolean changed = ledger.look(epochs.getOrDefault(classKey, ClassEpochs.NONE), deviceOf(key),
                    tallies.computeIfAbsent(classKey, k -> new LookTally()));
            if (changed) {
                state.update(ledger);
            }
        };
    }
}
