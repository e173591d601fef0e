package io.parallaxfleet.opencl;

import io.parallaxfleet.graph.Attributes;
import io.parallaxfleet.opencl.Pointwise.Operand;
import io.parallaxfleet.opencl.Storage.View;
import io.parallaxfleet.opencl.TileKernel.Combine;
import io.parallaxfleet.opencl.TileKernel.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** MaxPool and AveragePool in one and two dimensions: a convolution's walk over the frame without weights. */
final class Pooling implements Lowering {
    static final Set<String> KINDS = Set.of("MaxPool", "AveragePool");

    @Override
    public Optional<String> refusal(Operator operator) {
        int rank = operator.inputShape(0).length;
        if (rank != 3 && rank != 4) {
            return Optional.of("pooling of rank " + rank + " has no kernel");
        }
        return operator.node().writes().count() > 1 ? Optional.of("indices of the maxima have no kernel") : Optional.empty();
    }

    @Override
    public boolean fusesPointwise(Operator operator) {
        return true;
    }

    @Override
    public boolean accepts(Operator operator, int[] operandShape) {
        return ChannelRoles.role(operator.outputShape(), operandShape).isPresent();
    }

    @Override
    public void lower(Operator operator, Pointwise pointwise, String result, RegionDraft draft) {
        Attributes attributes = operator.attributes();
        int[] in = operator.inputShape(0);
        int[] out = operator.outputShape();
        Window window = Window.of(attributes, Window.list(attributes, "kernel_shape", in.length - 2, 1), in, out);
        boolean maximum = operator.kind().equals("MaxPool");
        Pointwise post = maximum ? pointwise : average(operator, window).then(pointwise);
        List<Role> roles = new ArrayList<>();
        post.operands().forEach(operand -> roles.add(ChannelRoles.role(out, operand.shape()).orElseThrow()));
        int planes = in[0] * in[1];
        View frame = window.frame(operator.toString(), draft.read(operator.input(0)), planes,
                maximum ? Float.NEGATIVE_INFINITY : 0.0f, draft);
        int plane = window.isBare() ? window.inHeight() * window.inWidth() : window.framePlane();
        int[] taps = window.taps();
        Tiles.Shape shape = Tiles.Shape.choose(draft.traits(), 1, taps.length, window.positions(), true);
        new Tiles(Optional.empty(), frame, new Tiles.Right(plane, 0, plane), taps, planes, in[1], 1, 1, window.positions(),
                draft.write(result))
                .launch(operator.toString(), shape, maximum ? Combine.MAXIMUM : Combine.SUM, post, roles, draft);
    }

    /** Division by the elements under the window, which at the border depends on the position. */
    private static Pointwise average(Operator operator, Window window) {
        float[] inverse = inverseCounts(operator, window);
        boolean uniform = true;
        for (float value : inverse) {
            uniform &= value == inverse[0];
        }
        if (uniform) {
            return Pointwise.of("v = v * " + PointwiseOperators.literal(inverse[0]) + ";");
        }
        int[] shape = operator.outputShape().clone();
        shape[0] = 1;
        shape[1] = 1;
        return Pointwise.of("v = v * x;", new Operand(shape, Optional.empty(), draft ->
                draft.floatConstant("counts of " + operator.node().name(), inverse.length, () -> inverse)));
    }

    private static float[] inverseCounts(Operator operator, Window window) {
        boolean padded = operator.attributes().integer("count_include_pad", 0) != 0;
        int spatial = operator.inputShape(0).length - 2;
        int[] pads = Window.list(operator.attributes(), "pads", 2 * spatial, 0);
        int bottom = spatial == 1 ? 0 : pads[2];
        int right = pads[2 * spatial - 1];
        int[] lines = counts(window.outHeight(), window.strideY(), window.dilationY(), window.kernelY(), window.top(),
                padded ? -window.top() : 0, window.inHeight() + (padded ? bottom : 0));
        int[] columns = counts(window.outWidth(), window.strideX(), window.dilationX(), window.kernelX(), window.left(),
                padded ? -window.left() : 0, window.inWidth() + (padded ? right : 0));
        float[] inverse = new float[lines.length * columns.length];
        for (int i = 0; i < inverse.length; i++) {
            inverse[i] = 1.0f / (lines[i / columns.length] * columns[i % columns.length]);
        }
        return inverse;
    }

    /** Per output position, the taps that fall into [low, high). */
    private static int[] counts(int out, int stride, int dilation, int kernel, int begin, int low, int high) {
        int[] counts = new int[out];
        for (int o = 0; o < out; o++) {
            for (int k = 0; k < kernel; k++) {
                int at = o * stride - begin + k * dilation;
                counts[o] += at >= low && at < high ? 1 : 0;
            }
            counts[o] = Math.max(counts[o], 1);
        }
        return counts;
    }
}
