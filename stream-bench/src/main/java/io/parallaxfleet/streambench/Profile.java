package io.parallaxfleet.streambench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/** Samples what the threads of this process run, by Java Flight Recorder, and says which part of the work each sample was in. */
final class Profile {
    /** A part is the first in this order whose text is in a frame of the sample, looked for from the top. */
    private static final Map<String, List<String>> PARTS = parts();
    private static final Duration PERIOD = Duration.ofMillis(10);

    private final Recording recording;

    private Profile(Recording recording) {
        this.recording = recording;
    }

    private static Map<String, List<String>> parts() {
        Map<String, List<String>> parts = new LinkedHashMap<>();
        parts.put("decompress", List.of("com.github.luben.zstd", "ZstdCompression"));
        parts.put("fit and rollout", List.of("operators.fit", "operators.search", "operators.rollout"));
        parts.put("publish windows", List.of("PublishWindowFunction", "Accumulator.result"));
        parts.put("sums over the network", List.of("KeyedAccumulatorCodec", "AccumulatorCodec", "AggregateKeyCodec", "Accumulator.merge"));
        parts.put("sessions and state", List.of("WriteBehindState", "SequenceWindow", "runtime.state", "rocksdb"));
        parts.put("check bytes in the source", List.of("TelemetryDecoder"));
        parts.put("read and add up", List.of("operators.ingest", "operators.decode.InferenceReader"));
        parts.put("shuffle records", List.of("flink.streaming.runtime.io", "flink.runtime.io.network", "runtime.plugable", "core.memory"));
        parts.put("Kafka client", List.of("org.apache.kafka", "connector.kafka", "connector.base"));
        parts.put("Flink's operator chain", List.of("org.apache.flink"));
        return parts;
    }

    static Profile start() {
        Recording recording = new Recording();
        recording.enable("jdk.ExecutionSample").withPeriod(PERIOD);
        recording.enable("jdk.NativeMethodSample").withPeriod(PERIOD);
        recording.start();
        return new Profile(recording);
    }

    /** Writes a line a part, {@code samples, tab, part}, and beside it the recording itself, as {@code .jfr}. */
    void stop(Path file) throws IOException {
        recording.stop();
        Path raw = file.resolveSibling(file.getFileName() + ".jfr");
        try {
            recording.dump(raw);
            Map<String, Integer> counts = new LinkedHashMap<>();
            PARTS.keySet().forEach(part -> counts.put(part, 0));
            for (RecordedEvent event : RecordingFile.readAllEvents(raw)) {
                if (event.getStackTrace() != null && works(event)) {
                    counts.merge(part(event.getStackTrace().getFrames()), 1, Integer::sum);
                }
            }
            try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
                counts.forEach((part, samples) -> out.println(samples + "\t" + part));
            }
        } finally {
            recording.close();
        }
    }

    // A thread in a native method may wait there; of those only decompression and RocksDB work.
    private static boolean works(RecordedEvent event) {
        return event.getEventType().getName().equals("jdk.ExecutionSample")
                || event.getStackTrace().getFrames().stream().limit(3).map(Profile::name)
                        .anyMatch(name -> name.contains("zstd") || name.startsWith("org.rocksdb"));
    }

    private static String part(List<RecordedFrame> frames) {
        for (RecordedFrame frame : frames) {
            String name = name(frame);
            for (Map.Entry<String, List<String>> part : PARTS.entrySet()) {
                if (part.getValue().stream().anyMatch(name::contains)) {
                    return part.getKey();
                }
            }
        }
        return "other";
    }

    private static String name(RecordedFrame frame) {
        return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
    }
}
