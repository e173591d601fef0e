package io.parallaxfleet.rewrite;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession.SessionOptions;
import com.google.protobuf.ByteString;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.TensorTypes;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * How many channels ONNX Runtime's convolutions keep side by side in memory on this processor: its NCHWc layout stores a tensor of the
 * shape [1, C, H, W] as [C/block, H, W, block]. It is 16 with AVX-512, 8 with less; some processors have no such kernels. ONNX
 * Runtime has no call that tells, so it is asked to lay out one convolution.
 */
final class ChannelBlock {
    private static final int CHANNELS = 64;

    private ChannelBlock() {}

    /** The block on this processor; empty where convolutions stay in NCHW. */
    static OptionalInt ofThisProcessor(OrtEnvironment environment) {
        try {
            Path written = Files.createTempFile("parallax-layout", ".onnx");
            try (SessionOptions options = new SessionOptions()) {
                options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
                options.setIntraOpNumThreads(1);
                options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
                options.setOptimizedModelFilePath(written.toString());
                environment.createSession(convolutionToOneChannel().toByteArray(), options).close();
                return block(OnnxModel.parse(written));
            } finally {
                Files.deleteIfExists(written);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the layout of convolutions cannot be looked up in the temporary folder", e);
        } catch (OrtException e) {
            return OptionalInt.empty();
        }
    }

    /** A lone output channel is filled up to a whole block. */
    private static OptionalInt block(ModelProto laidOut) {
        return laidOut.getGraph().getNodeList().stream()
                .filter(node -> node.getDomain().equals(BlockedTensors.DOMAIN) && node.getOpType().equals("Conv"))
                .flatMap(conv -> laidOut.getGraph().getInitializerList().stream().filter(tensor -> tensor.getName().equals(conv.getInput(1))))
                .mapToInt(weights -> Math.toIntExact(weights.getDims(0)))
                .filter(block -> block > 1)
                .findFirst();
    }

    private static ModelProto convolutionToOneChannel() {
        ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8);
        model.addOpsetImportBuilder().setVersion(17);
        model.getGraphBuilder()
                .setName("layout")
                .addInput(TensorTypes.info("x", TensorType.of(ElementType.FLOAT, 1, CHANNELS, 4, 4)))
                .addOutput(TensorTypes.info("y", TensorType.of(ElementType.FLOAT, 1, 1, 4, 4)))
                .addInitializer(TensorProto.newBuilder().setName("w").setDataType(ElementType.FLOAT.onnxCode())
                        .addAllDims(List.of(1L, (long) CHANNELS, 1L, 1L)).setRawData(ByteString.copyFrom(new byte[CHANNELS * Float.BYTES])))
                .addNode(NodeProto.newBuilder().setOpType("Conv").setName("conv").addAllInput(List.of("x", "w")).addOutput("y"));
        return model.build();
    }
}
