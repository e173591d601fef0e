package io.parallaxfleet.bench;

import ai.onnxruntime.OnnxTensor;
import java.util.Map;

/** One way to run a model that a benchmark compares with others. */
public interface Contender extends AutoCloseable {
    /** Stable name in tables and on the command line, e.g. {@code ort-all-threads}. */
    String name();

    /** Whether it is plain ONNX Runtime, which the engine is compared with. */
    boolean peer();

    /** How it ran, for people: threads, spinning, plan. */
    String setting();

    /** Runs once; returns wall nanoseconds and hands the outputs to the reader before they are reused. */
    long run(Map<String, OnnxTensor> inputs, OutputReader outputs);

    @Override
    void close();

    /** Looks at the outputs of a run while they are valid. */
    @FunctionalInterface
    interface OutputReader {
        void read(Map<String, OnnxTensor> outputs);

        /** Leaves the outputs unread. */
        static OutputReader none() {
            return outputs -> {};
        }
    }
}
