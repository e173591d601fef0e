package io.parallaxfleet.rewrite;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.parallaxfleet.execute.OrtSessions;
import io.parallaxfleet.execute.OutputDifference;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Whether a rewritten model says what the original says: runs both on the same made-up inputs of several seeds, masks of ones and
 * masks that end early, and compares every output. Shares nothing with the rules. Holds one session at a time.
 */
public final class RewriteCheck {
    /** Of the largest magnitude in an output, as for regions on an accelerator; outputs that are not floats have to be equal. */
    public static final double TOLERANCE = 1e-4;

    private static final int SEEDS = 4;

    private RewriteCheck() {}

    /** What came out. */
    public sealed interface Verdict {
        /** For people. */
        String describe();

        /** @param largestDifference over all outputs, of the output's magnitude */
        record Same(double largestDifference) implements Verdict {
            @Override
            public String describe() {
                return String.format(Locale.ROOT, "outputs differ by at most %.1e of their magnitude", largestDifference);
            }
        }

        /** It must not be used. */
        record Refused(String reason) implements Verdict {
            @Override
            public String describe() {
                return reason;
            }
        }
    }

    /** Runs original and rewritten, every rewritten sub-graph by itself and then the whole; whatever goes wrong is a refusal. */
    public static Verdict verdict(RewrittenModel rewritten, OrtEnvironment environment, int threads) {
        for (RewrittenBody body : rewritten.bodies()) {
            if (verdict(body.model(), environment, threads) instanceof Verdict.Refused refused) {
                return new Verdict.Refused("in " + body.operator() + "." + body.attribute() + " " + refused.reason());
            }
        }
        Path file;
        try {
            file = rewritten.file();
        } catch (ModelFormatException | IllegalArgumentException | UncheckedIOException e) {
            return new Verdict.Refused("it cannot be written: " + e.getMessage());
        }
        // In one block the second run takes as much once more: a device that just holds the model would be killed for the check.
        SessionSettings settings = SessionSettings.of(threads, Spinning.WITHIN_RUN).withTensorsOneByOne();
        return verdict(rewritten.original(), settings, file, environment);
    }

    static Verdict verdict(PreparedModel original, SessionSettings settings, Path rewritten, OrtEnvironment environment) {
        Map<String, TensorType> types = new LinkedHashMap<>();
        original.graph().inputs().forEach(input -> original.graph().type(input).ifPresent(type -> types.put(input, type)));
        List<Map<String, OnnxTensor>> inputs = new ArrayList<>();
        try {
            for (int seed = 0; seed < SEEDS; seed++) {
                inputs.add(seed % 2 == 0
                        ? SyntheticInputs.create(environment, types, seed)
                        : SyntheticInputs.createPadded(environment, types, seed));
            }
            List<OutputDifference> references = new ArrayList<>();
            try (OrtSession session = OrtSessions.open(
                    environment, original.originalModel(), settings.withDimensions(original.boundDimensions()))) {
                for (Map<String, OnnxTensor> fed : inputs) {
                    try (OrtSession.Result result = session.run(fed)) {
                        references.add(OutputDifference.from(tensors(result)));
                    }
                }
            }
            double largest = 0;
            try (OrtSession session = OrtSessions.open(environment, rewritten, settings)) {
                for (int seed = 0; seed < SEEDS; seed++) {
                    try (OrtSession.Result result = session.run(inputs.get(seed))) {
                        largest = Math.max(largest, references.get(seed).of(tensors(result)));
                    }
                }
            }
            return largest <= TOLERANCE
                    ? new Verdict.Same(largest)
                    : new Verdict.Refused(String.format(
                            Locale.ROOT, "outputs differ by %.1e of their magnitude, more than %.0e", largest, TOLERANCE));
        } catch (OrtException | ModelFormatException | IllegalArgumentException e) {
            return new Verdict.Refused("it could not be compared: " + e.getMessage());
        } finally {
            inputs.forEach(made -> made.values().forEach(OnnxTensor::close));
        }
    }

    private static Map<String, OnnxTensor> tensors(OrtSession.Result result) {
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, OnnxValue> output : result) {
            if (!(output.getValue() instanceof OnnxTensor tensor)) {
                throw new IllegalArgumentException("the output '" + output.getKey() + "' is no dense tensor");
            }
            tensors.put(output.getKey(), tensor);
        }
        return tensors;
    }
}
