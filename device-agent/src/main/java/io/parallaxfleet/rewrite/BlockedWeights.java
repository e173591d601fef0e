package io.parallaxfleet.rewrite;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * A convolution's weights in the order in which ONNX Runtime's blocked kernels read them, zeros where channels are filled up to whole
 * blocks: of [O, I, h, w] the order [O/b, I/b, h, w, b of I, b of O], or [O/b, I, h, w, b of O] where the input is not blocked
 * (an image) or every channel is convolved alone.
 *
 * @param outputs channels, filled up
 * @param inputs channels of a group, filled up where the input is blocked
 * @param content little-endian floats
 */
record BlockedWeights(long outputs, long inputs, long height, long width, ByteBuffer content) {
    static BlockedWeights of(List<Long> shape, FloatBuffer weights, int block, boolean inputBlocked) {
        int outputs = Math.toIntExact(shape.get(0));
        int inputs = Math.toIntExact(shape.get(1));
        int window = Math.toIntExact(shape.get(2) * shape.get(3));
        int filledOutputs = filled(outputs, block);
        int filledInputs = inputBlocked ? filled(inputs, block) : inputs;
        int inner = inputBlocked ? block : 1;
        ByteBuffer content = ByteBuffer.allocate(Math.multiplyExact(filledOutputs * filledInputs, window * Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        for (int outer = 0; outer < filledOutputs; outer += block) {
            for (int channel = 0; channel < filledInputs; channel += inner) {
                for (int place = 0; place < window; place++) {
                    for (int input = channel; input < channel + inner; input++) {
                        for (int output = outer; output < outer + block; output++) {
                            content.putFloat(output < outputs && input < inputs ? weights.get((output * inputs + input) * window + place) : 0);
                        }
                    }
                }
            }
        }
        return new BlockedWeights(filledOutputs, filledInputs, shape.get(2), shape.get(3), content.flip());
    }

    /** The weights of some of the output channels, both bounds whole blocks. */
    BlockedWeights outputs(long from, long to) {
        long bytes = inputs * height * width * Float.BYTES;
        ByteBuffer part = content.slice(Math.toIntExact(from * bytes), Math.toIntExact((to - from) * bytes)).order(ByteOrder.LITTLE_ENDIAN);
        return new BlockedWeights(to - from, inputs, height, width, part);
    }

    List<Long> shape() {
        return List.of(outputs, inputs, height, width);
    }

    /** One value for each channel, zeros after them. */
    static ByteBuffer row(FloatBuffer values, int block) {
        ByteBuffer row = ByteBuffer.allocate(filled(values.limit(), block) * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int channel = 0; channel < values.limit(); channel++) {
            row.putFloat(channel * Float.BYTES, values.get(channel));
        }
        return row;
    }

    /** Channels up to a whole block. */
    static int filled(long channels, int block) {
        return Math.toIntExact((channels + block - 1) / block * block);
    }
}
