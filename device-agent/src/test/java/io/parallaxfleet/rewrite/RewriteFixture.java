package io.parallaxfleet.rewrite;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** Small models to rewrite, prepared as the engine prepares them. */
final class RewriteFixture {
    private RewriteFixture() {}

    static PreparedModel prepare(OnnxFixture model, Path folder) {
        return ModelPreparation.prepare(new ModelSource("model", model.write(folder.resolve("model.onnx")), Map.of()), Map.of(), folder.resolve("prepared"));
    }

    /** How often a rule matched. */
    static int places(PreparedModel model, Rewrite rule) {
        return RewrittenModel.of(model).stream()
                .flatMap(rewritten -> rewritten.applications().stream())
                .filter(applied -> applied.rule().equals(rule))
                .mapToInt(applied -> applied.places().size())
                .sum();
    }

    static RewriteCheck.Verdict verdict(PreparedModel model) {
        Optional<RewrittenModel> rewritten = RewrittenModel.of(model);
        return RewriteCheck.verdict(rewritten.orElseThrow(), OrtEnvironment.getEnvironment(), 1);
    }

    /** Gaussian weights. */
    static TensorProto weights(String name, long seed, Long... dimensions) {
        return scaledWeights(name, 1, seed, dimensions);
    }

    static TensorProto scaledWeights(String name, float deviation, long seed, Long... dimensions) {
        SplittableRandom random = new SplittableRandom(seed);
        int elements = 1;
        for (long dimension : dimensions) {
            elements *= (int) dimension;
        }
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = deviation * (float) random.nextGaussian();
        }
        return OnnxFixture.floats(name, List.of(dimensions), values);
    }

    static TensorProto integers(String name, long... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(ElementType.INT64.onnxCode()).addDims(values.length);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        return tensor.build();
    }

    static AttributeProto integer(String name, long value) {
        return NodeReading.attribute(name, value);
    }

    static AttributeProto integers(String name, List<Long> values) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS).addAllInts(values).build();
    }
}
