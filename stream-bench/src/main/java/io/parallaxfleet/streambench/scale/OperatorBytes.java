package io.parallaxfleet.streambench.scale;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;

/**
 * What the operators of a job keep, as a savepoint's own metadata says it.
 *
 * @param keyed bytes of keyed state by the operator's uid
 * @param other bytes of all other state by uid, read positions and broadcast state among it
 */
record OperatorBytes(Map<String, Long> keyed, Map<String, Long> other) {
    OperatorBytes {
        keyed = Map.copyOf(keyed);
        other = Map.copyOf(other);
    }

    static OperatorBytes of(Path savepoint) throws IOException {
        Map<String, Long> keyed = new TreeMap<>();
        Map<String, Long> other = new TreeMap<>();
        try (DataInputStream in = new DataInputStream(Files.newInputStream(savepoint.resolve("_metadata")))) {
            for (OperatorState operator : Checkpoints.loadCheckpointMetadata(in, OperatorBytes.class.getClassLoader(), savepoint.toString())
                    .getOperatorStates()) {
                String uid = operator.getOperatorUid().orElseGet(() -> operator.getOperatorID().toString());
                long bytes = operator.getStates().stream().mapToLong(OperatorBytes::keyedBytes).sum();
                keyed.put(uid, bytes);
                other.put(uid, operator.getStateSize() - bytes);
            }
        }
        return new OperatorBytes(keyed, other);
    }

    private static long keyedBytes(OperatorSubtaskState subtask) {
        return subtask.getManagedKeyedState().stream().mapToLong(handle -> handle.getStateSize()).sum();
    }

    long total() {
        return keyed.values().stream().mapToLong(Long::longValue).sum() + other.values().stream().mapToLong(Long::longValue).sum();
    }
}
