package io.parallaxfleet.engine;

import com.google.protobuf.ByteString;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Models around a Loop or Scan over square matrices {@code x}; a Loop makes at most {@code trips} trips. Bodies fork, so that they are
 * worth a plan of their own.
 */
final class IterationModels {
    private static final String SIDE = Integer.toString(ConditionalModels.SIDE);
    private static final int INT64 = ElementType.INT64.onnxCode();
    private static final int BOOL = ElementType.BOOL.onnxCode();

    final ConditionalModels parts;
    private final Random random;

    IterationModels(long seed) {
        this.parts = new ConditionalModels(seed);
        this.random = new Random(seed);
    }

    static OnnxFixture onTripsAndX() {
        return new OnnxFixture().input("trips", INT64).input("flag", BOOL).input("x", SIDE, SIDE)
                .initializer(OnnxFixture.floats("half", List.of(), 0.5f)).initializer(OnnxFixture.floats("huge", List.of(), 1e9f));
    }

    /** A body of a Loop that is handed {@code h}. */
    static OnnxFixture loopBody() {
        return new OnnxFixture().input("i", INT64).input("go", BOOL).input("h", SIDE, SIDE);
    }

    static TensorProto longs(String name, List<Long> dimensions, long... values) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(values).forEach(raw::putLong);
        return TensorProto.newBuilder().setName(name).setDataType(INT64).addAllDims(dimensions)
                .setRawData(ByteString.copyFrom(raw.flip())).build();
    }

    static AttributeProto ints(String name, long... values) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS)
                .addAllInts(Arrays.stream(values).boxed().collect(Collectors.toList())).build();
    }

    static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value).build();
    }

    /**
     * Goes on in any case, as a body says that computes it at its end. A condition handed through is a branch of one operator, beside
     * which the paper's rule lets no layer be parallel.
     */
    private static void goOn(OnnxFixture body, String result) {
        body.node("ReduceMean", List.of(result), List.of("level" + result), integer("keepdims", 0))
                .node("Less", List.of("level" + result, "huge"), List.of("on" + result))
                .output("on" + result);
    }

    /** Runs as often as {@code trips} says; hands a fork on, stacks its mean. */
    OnnxFixture counted() {
        OnnxFixture body = loopBody();
        parts.fork(body, "h", "next");
        goOn(body, "next");
        body.node("ReduceMean", List.of("next"), List.of("mean"), ints("axes", 1), integer("keepdims", 0))
                .output("next").output("mean");
        return onTripsAndX().node("Loop", List.of("trips", "", "x"), List.of("last", "means"), OnnxFixture.body("body", body))
                .output("last").output("means");
    }

    /** Ends as soon as the mean of what it hands on is above a half, or after {@code trips}. */
    OnnxFixture untilTheMeanIsHigh() {
        OnnxFixture body = loopBody();
        parts.fork(body, "h", "forked");
        body.node("Add", List.of("forked", "half"), List.of("next"))
                .node("ReduceMean", List.of("next"), List.of("mean"), integer("keepdims", 0))
                .node("Less", List.of("mean", "limit"), List.of("on"))
                .output("on").output("next").output("mean");
        return onTripsAndX().initializer(OnnxFixture.floats("limit", List.of(), 1.5f))
                .node("Loop", List.of("trips", "flag", "x"), List.of("last", "means"), OnnxFixture.body("body", body))
                .output("last").output("means");
    }

    /** Hands on rows that become more with each iteration, beside a fork of fixed shape. */
    OnnxFixture growing() {
        OnnxFixture body = new OnnxFixture().input("i", INT64).input("go", BOOL).input("h", SIDE, SIDE).input("seen", "", SIDE);
        parts.fork(body, "h", "next");
        goOn(body, "next");
        body.node("ReduceMax", List.of("next"), List.of("row"), ints("axes", 0), integer("keepdims", 1))
                .node("Concat", List.of("seen", "row"), List.of("more"), integer("axis", 0))
                .output("next").output("more");
        return onTripsAndX().node("ReduceMin", List.of("x"), List.of("first"), ints("axes", 0), integer("keepdims", 1))
                .node("Loop", List.of("trips", "", "x", "first"), List.of("last", "rows"), OnnxFixture.body("body", body))
                .output("last").output("rows");
    }

    /** Stacks rows whose number only the run decides. */
    OnnxFixture stackingFindings() {
        OnnxFixture body = loopBody();
        parts.fork(body, "h", "next");
        goOn(body, "next");
        body.node("Mul", List.of("places", "levelnext"), List.of("shifted")).output("next").output("shifted");
        return onTripsAndX().node("Relu", List.of("x"), List.of("marks")).node("NonZero", List.of("marks"), List.of("found"))
                .node("Cast", List.of("found"), List.of("places"), integer("to", ElementType.FLOAT.onnxCode()))
                .node("Loop", List.of("trips", "", "x"), List.of("last", "shifts"), OnnxFixture.body("body", body))
                .output("last").output("shifts");
    }

    /** An If of the body chooses what is handed on; it reads tensors of the body and of the graph around it. */
    OnnxFixture withAnIfInside() {
        OnnxFixture body = loopBody();
        body.node("Identity", List.of("go"), List.of("on"));
        String before = parts.chain(body, "h");
        body.node("ReduceMean", List.of(before), List.of("mean"), integer("keepdims", 0))
                .node("Less", List.of("mean", "level"), List.of("low"))
                .node("If", List.of("low"), List.of("next"), ConditionalModels.thenBranch(parts.forkedBody("h")),
                        ConditionalModels.elseBranch(parts.forkedBody("outside")))
                .output("on").output("next").output("low");
        OnnxFixture model = onTripsAndX().initializer(OnnxFixture.floats("level", List.of(), (float) random.nextGaussian() * 0.05f));
        model.node("Tanh", List.of("x"), List.of("outside"));
        return model.node("Loop", List.of("trips", "", "x"), List.of("last", "lows"), OnnxFixture.body("body", body))
                .output("last").output("lows").output("outside");
    }

    /** A Loop of two trips in a Loop, which hands on what the inner one ended with. */
    OnnxFixture nested() {
        OnnxFixture inner = new OnnxFixture().input("j", INT64).input("goInside", BOOL).input("g", SIDE, SIDE);
        parts.fork(inner, "g", "nextInside");
        goOn(inner, "nextInside");
        inner.output("nextInside");
        OnnxFixture body = loopBody();
        body.node("Identity", List.of("go"), List.of("on"))
                .node("Loop", List.of("two", "", "h"), List.of("inside"), OnnxFixture.body("body", inner))
                // What was handed in is read again behind the inner loop.
                .node("Sub", List.of("inside", "h"), List.of("change"))
                .node("ReduceMax", List.of("change"), List.of("most"), integer("keepdims", 0))
                .output("on").output("inside").output("most");
        return onTripsAndX().initializer(longs("two", List.of(), 2))
                .node("Loop", List.of("trips", "", "x"), List.of("last", "changes"), OnnxFixture.body("body", body))
                .output("last").output("changes");
    }

    /** Random axes and directions; two tensors are scanned, one value is handed on, two results are stacked. */
    OnnxFixture scan() {
        int length = 1 + random.nextInt(5);
        boolean last = random.nextBoolean();
        String[] shape = last ? new String[] {SIDE, SIDE, Integer.toString(length)} : new String[] {SIDE, Integer.toString(length), SIDE};
        OnnxFixture body = new OnnxFixture().input("h", SIDE, SIDE).input("slice", SIDE, SIDE).input("number");
        body.node("Add", List.of("h", "slice"), List.of("sum"));
        parts.fork(body, "sum", "forked");
        body.node("Mul", List.of("forked", "number"), List.of("next"))
                .node("ReduceMax", List.of("next"), List.of("most"), ints("axes", 1), integer("keepdims", 0))
                .node("Tanh", List.of("forked"), List.of("all"))
                .output("next").output("most").output("all");
        float[] numbers = new float[length];
        for (int i = 0; i < length; i++) {
            numbers[i] = random.nextFloat();
        }
        return onTripsAndX().input("s", shape).initializer(OnnxFixture.floats("numbers", List.of((long) length), numbers))
                .node("Scan", List.of("x", "s", "numbers"), List.of("last", "mosts", "alls"), OnnxFixture.body("body", body),
                        integer("num_scan_inputs", 2), ints("scan_input_axes", last ? 2 : 1, 0),
                        ints("scan_input_directions", random.nextInt(2), random.nextInt(2)),
                        ints("scan_output_axes", random.nextInt(2), random.nextInt(3) - 1),
                        ints("scan_output_directions", random.nextInt(2), random.nextInt(2)))
                .output("last").output("mosts").output("alls");
    }

    /** One of the above. */
    OnnxFixture random() {
        return switch (random.nextInt(6)) {
            case 0 -> counted();
            case 1 -> untilTheMeanIsHigh();
            case 2 -> growing();
            case 3 -> withAnIfInside();
            case 4 -> nested();
            default -> scan();
        };
    }
}
