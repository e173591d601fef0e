package io.parallaxfleet.opencl;

import io.parallaxfleet.graph.Attributes;
import io.parallaxfleet.opencl.Storage.View;
import java.util.List;
import java.util.Map;

/**
 * The geometry of a convolution or pooling over planes, and of the frame its kernel reads (see {@code frame} in rows.cl).
 * A one-dimensional operator is a plane of one line.
 */
record Window(
        int inHeight, int inWidth, int outHeight, int outWidth, int kernelY, int kernelX, int strideY, int strideX,
        int dilationY, int dilationX, int top, int left) {

    /** @param kernel the filter's extents; {@code in} and {@code out} are [N, C, extents...] of rank 3 or 4 */
    static Window of(Attributes attributes, int[] kernel, int[] in, int[] out) {
        int spatial = in.length - 2;
        int[] strides = list(attributes, "strides", spatial, 1);
        int[] dilations = list(attributes, "dilations", spatial, 1);
        int[] begin = begins(attributes, kernel, strides, dilations, in, out);
        return spatial == 1
                ? new Window(1, in[2], 1, out[2], 1, kernel[0], 1, strides[0], 1, dilations[0], 0, begin[0])
                : new Window(in[2], in[3], out[2], out[3], kernel[0], kernel[1], strides[0], strides[1], dilations[0],
                        dilations[1], begin[0], begin[1]);
    }

    static int[] list(Attributes attributes, String name, int length, int otherwise) {
        List<Long> values = attributes.integers(name, List.of());
        int[] result = new int[length];
        for (int i = 0; i < length; i++) {
            result[i] = i < values.size() ? Math.toIntExact(values.get(i)) : otherwise;
        }
        return result;
    }

    /** Padding before each spatial axis. */
    private static int[] begins(Attributes attributes, int[] kernel, int[] strides, int[] dilations, int[] in, int[] out) {
        String automatic = attributes.text("auto_pad", "NOTSET");
        int spatial = in.length - 2;
        if (automatic.equals("NOTSET")) {
            return list(attributes, "pads", spatial, 0);
        }
        int[] begins = new int[spatial];
        for (int i = 0; i < spatial && automatic.startsWith("SAME"); i++) {
            int total = Math.max(0, (out[2 + i] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - in[2 + i]);
            begins[i] = automatic.equals("SAME_LOWER") ? total - total / 2 : total / 2;
        }
        return begins;
    }

    private static int phases(int kernel, int dilation, int stride) {
        int most = 0;
        for (int k = 0; k < kernel; k++) {
            most = Math.max(most, k * dilation % stride);
        }
        return most + 1;
    }

    private int phasesY() {
        return phases(kernelY, dilationY, strideY);
    }

    private int phasesX() {
        return phases(kernelX, dilationX, strideX);
    }

    int frameHeight() {
        return outHeight + (kernelY - 1) * dilationY / strideY;
    }

    int pitch() {
        return outWidth + (kernelX - 1) * dilationX / strideX;
    }

    /** Floats of one plane of the frame. */
    int framePlane() {
        return Math.multiplyExact(Math.multiplyExact(phasesY() * phasesX(), frameHeight()), pitch());
    }

    /** Whether the input itself is the frame. */
    boolean isBare() {
        return strideY == 1 && strideX == 1 && top == 0 && left == 0 && frameHeight() == inHeight && pitch() == inWidth;
    }

    /** Offset of every tap, row by row of the filter. */
    int[] taps() {
        int[] taps = new int[kernelY * kernelX];
        for (int y = 0; y < kernelY; y++) {
            for (int x = 0; x < kernelX; x++) {
                int phase = y * dilationY % strideY * phasesX() + x * dilationX % strideX;
                taps[y * kernelX + x] =
                        (phase * frameHeight() + y * dilationY / strideY) * pitch() + x * dilationX / strideX;
            }
        }
        return taps;
    }

    Tiles.Positions positions() {
        // Without columns to skip, lines follow each other and one long line is the same.
        return pitch() == outWidth
                ? Tiles.Positions.line(outHeight * outWidth)
                : new Tiles.Positions(outHeight, outWidth, pitch());
    }

    /** The planes as the kernel reads them: the input itself, or a frame that is filled first. */
    View frame(String label, View input, int planes, float fill, RegionDraft draft) {
        if (isBare()) {
            return input;
        }
        int rows = planes * phasesY() * phasesX() * frameHeight();
        View frame = draft.scratch(Math.multiplyExact(planes, framePlane()));
        int per = draft.traits().cpu() ? Math.max(1, 4096 / pitch()) : 1;
        draft.launch(new Launch(label + " frame", KernelSource.of("frame", Map.of()),
                new long[] {Shapes.divideUp(rows, per), 1, 1}, new long[] {64, 1, 1},
                new Launch.Arguments().reads(input).writes(frame)
                        .integers(rows, per, frameHeight(), pitch(), phasesX(), phasesY() * phasesX(), inHeight, inWidth, strideY,
                                strideX, top, left)
                        .real(fill).list()));
        return frame;
    }
}
