package io.parallaxfleet.zoo;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model of the zoo.
 *
 * @param name catalogue name
 * @param description one line for people
 * @param resource class path resource of the .onnx file
 * @param weights class path resource that says which random weights to draw; empty: the weights are in the .onnx file
 * @param defaultDimensions values for symbolic dimensions
 */
public record ZooModel(
        String name, String description, String resource, Optional<String> weights, Map<String, Long> defaultDimensions) {
    private static final Map<String, Long> BATCH = Map.of("batch", 1L);
    private static final Map<String, Long> ONE = Map.of("batch_size", 1L);

    /** Every model there is, in the order of the tables. */
    public static final List<ZooModel> ALL = List.of(
            architecture("yolov8n", "YOLOv8n, 80 classes, 640x640", Map.of()),
            architecture("yolov8n_nms", "YOLOv8n with its NonMaxSuppression tail: output shapes depend on the image", Map.of()),
            architecture("whisper_tiny_encoder", "Whisper tiny encoder, 3000 frames", ONE),
            architecture("whisper_tiny_decoder", "Whisper tiny decoder, first step, 4 tokens",
                    Map.of("batch_size", 1L, "decoder_sequence_length", 4L)),
            architecture("whisper_tiny_decoder_with_past", "Whisper tiny decoder, next step, 32 tokens cached",
                    Map.of("batch_size", 1L, "past_decoder_sequence_length", 32L)),
            architecture("whisper_tiny_decoder_merged", "both Whisper tiny decoders in one If",
                    Map.of("batch_size", 1L, "decoder_sequence_length", 1L, "past_decoder_sequence_length", 32L)),
            architecture("swinv2_tiny_256", "SwinV2-Tiny, window 8, 256x256", Map.of()),
            architecture("clip_text_vit_b32", "CLIP ViT-B/32 text encoder, 77 tokens",
                    Map.of("batch_size", 1L, "sequence_length", 77L)),
            architecture("distilbert_sst2", "DistilBERT, 2 classes, 128 tokens",
                    Map.of("batch_size", 1L, "sequence_length", 128L)),
            architecture("googlenet", "GoogLeNet, 224x224", BATCH),
            architecture("inception_v3", "Inception v3, 299x299", BATCH),
            architecture("mobilenet_v2", "MobileNetV2 1.0, 224x224", BATCH),
            architecture("mobilenet_v3_small", "MobileNetV3-Small 1.0, 224x224", BATCH),
            architecture("squeezenet1_1", "SqueezeNet 1.1, 224x224", BATCH),
            architecture("efficientnet_b0", "EfficientNet-B0, 224x224", BATCH),
            architecture("synthetic_early_exit_if", "MobileNetV2 cut in two, an If leaves early when it is sure", Map.of()),
            architecture("synthetic_greedy_loop", "recurrent cell and argmax in a Loop that stops by itself", Map.of()),
            trained("all-minilm-l6-v2", "all-MiniLM-L6-v2 sentence embeddings, 128 tokens, trained", "all-minilm-l6-v2.onnx",
                    Map.of("batch_size", 1L, "sequence_length", 128L)),
            trained("ppocrv4-det", "PP-OCRv4 text detection, 640x640, trained", "models/ch_PP-OCRv4_det_infer.onnx",
                    Map.of("p2o.DynamicDimension.0", 1L, "p2o.DynamicDimension.1", 640L, "p2o.DynamicDimension.2", 640L)));

    public ZooModel {
        defaultDimensions = Map.copyOf(defaultDimensions);
    }

    /** The model of that name. */
    public static Optional<ZooModel> named(String name) {
        return ALL.stream().filter(model -> model.name().equals(name)).findFirst();
    }

    /** Whether the weights are random: structure and cost are real, answers are noise. */
    public boolean randomWeights() {
        return weights.isPresent();
    }

    private static ZooModel architecture(String name, String description, Map<String, Long> dimensions) {
        String resource = "zoo/" + name;
        return new ZooModel(name, description, resource + ".onnx", Optional.of(resource + ".weights.tsv"), dimensions);
    }

    private static ZooModel trained(String name, String description, String resource, Map<String, Long> dimensions) {
        return new ZooModel(name, description, resource, Optional.empty(), dimensions);
    }
}
