package io.parallaxfleet.bench;

import ai.onnxruntime.OnnxTensor;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.execute.OutputDifference;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The contenders by name: plain ONNX Runtime in each setting a user would try, and the engine. */
public final class Contenders {
    public static final String ENGINE = "parallax";

    private Contenders() {}

    /** Every contender's name, the peers first. */
    static List<String> names(int threads) {
        return threads == 1
                ? List.of("ort-1-thread", ENGINE)
                : List.of("ort-1-thread", "ort-all-threads", "ort-all-threads-no-spin", "ort-parallel", "ort-parallel-no-spin", ENGINE);
    }

    /**
     * Loads a contender.
     *
     * @throws IllegalArgumentException when there is none of that name
     */
    public static Contender open(String name, PreparedModel model, EngineOptions options) {
        int threads = options.threads();
        return switch (name) {
            case "ort-1-thread" -> new OrtContender(name, model, SessionSettings.of(1, Spinning.OFF));
            case "ort-all-threads" -> new OrtContender(name, model, SessionSettings.of(threads, Spinning.ALWAYS));
            case "ort-all-threads-no-spin" -> new OrtContender(name, model, SessionSettings.of(threads, Spinning.OFF));
            case "ort-parallel" -> new OrtContender(name, model, parallel(threads, Spinning.ALWAYS));
            case "ort-parallel-no-spin" -> new OrtContender(name, model, parallel(threads, Spinning.OFF));
            case ENGINE -> new EngineContender(name, model, options);
            default -> throw new IllegalArgumentException(
                    "there is no contender '" + name + "'; there are " + names(Math.max(2, threads)));
        };
    }

    /** The greatest difference of each contender's outputs from those of the first, over the magnitude of the output. */
    public static Map<String, Double> differences(List<Contender> contenders, Map<String, OnnxTensor> inputs) {
        OutputDifference[] reference = new OutputDifference[1];
        contenders.get(0).run(inputs, outputs -> reference[0] = OutputDifference.from(outputs));
        Map<String, Double> differences = new HashMap<>();
        for (Contender contender : contenders) {
            contender.run(inputs, outputs -> differences.put(contender.name(), reference[0].of(outputs)));
        }
        return differences;
    }

    private static SessionSettings parallel(int threads, Spinning spinning) {
        return new SessionSettings(threads, threads, spinning, List.of(), Map.of());
    }
}
