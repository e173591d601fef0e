package io.parallaxfleet.opencl;

import io.parallaxfleet.opencl.Pointwise.Operand;
import io.parallaxfleet.opencl.Storage.View;
import io.parallaxfleet.opencl.TileKernel.Combine;
import io.parallaxfleet.opencl.TileKernel.Role;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Conv and ORT's FusedConv, in one and two dimensions, with groups, as an implicit matrix product: weights
 * [Cout, Cin/g · Kh · Kw] times a frame whose rows are the shifted planes. Weights are packed in the kernel's order once.
 */
final class Convolution implements Lowering {
    static final Set<String> KINDS = Set.of("Conv", "com.microsoft.FusedConv");

    @Override
    public Optional<String> refusal(Operator operator) {
        int rank = operator.inputShape(0).length;
        if (rank != 3 && rank != 4) {
            return Optional.of("convolutions of rank " + rank + " have no kernel");
        }
        if (!operator.constantInput(1) || !operator.absentOrConstant(2)) {
            return Optional.of("weights and bias must be constant");
        }
        String activation = operator.attributes().text("activation", "");
        if (!PointwiseOperators.isActivation(activation)) {
            return Optional.of("the activation " + activation + " has no kernel");
        }
        if (operator.hasInput(3) && !Arrays.equals(operator.inputShape(3), operator.outputShape())) {
            return Optional.of("the summed input must have the output's shape");
        }
        return Optional.empty();
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
        int[] out = operator.outputShape();
        Pointwise post = Pointwise.NONE;
        List<Role> roles = new ArrayList<>();
        if (operator.hasInput(2)) {
            post = post.then(Pointwise.of("v = v + x;", Operand.of(operator, 2)));
            roles.add(Role.ROW);
        }
        if (operator.hasInput(3)) {
            post = post.then(Pointwise.of("v = v + x;", Operand.of(operator, 3)));
            roles.add(Role.FULL);
        }
        post = post.then(PointwiseOperators.activation(operator.attributes().text("activation", ""),
                operator.attributes().reals("activation_params", List.of()))).then(pointwise);
        pointwise.operands().forEach(operand -> roles.add(ChannelRoles.role(out, operand.shape()).orElseThrow()));
        Window window = window(operator);
        boolean vectors = out[0] >= 1 && window.positions().count() == 1 && groups(operator) == 1 && window.isBare()
                && window.taps().length == 1;
        if (vectors) {
            lowerVectors(operator, post, roles, draft, draft.write(result));
        } else {
            lowerPlanes(operator, window, post, roles, draft, draft.write(result));
        }
    }

    private static Window window(Operator operator) {
        int[] weights = operator.inputShape(1);
        return Window.of(operator.attributes(), Arrays.copyOfRange(weights, 2, weights.length), operator.inputShape(0),
                operator.outputShape());
    }

    private static int groups(Operator operator) {
        return Math.toIntExact(operator.attributes().integer("group", 1));
    }

    private static void lowerPlanes(
            Operator operator, Window window, Pointwise post, List<Role> roles, RegionDraft draft, View result) {
        int[] in = operator.inputShape(0);
        int[] weights = operator.inputShape(1);
        int groups = groups(operator);
        int rows = weights[0] / groups;
        int depth = weights[1];
        int[] taps = window.taps();
        View frame = window.frame(operator.toString(), draft.read(operator.input(0)), in[0] * in[1], 0.0f, draft);
        int plane = window.isBare() ? window.inHeight() * window.inWidth() : window.framePlane();
        Tiles.Shape shape = Tiles.Shape.choose(draft.traits(), rows, (long) depth * taps.length, window.positions(), true);
        View packed = packedRows(operator.input(1), groups, rows, depth * taps.length, shape.rows(), draft);
        int blocks = Shapes.divideUp(rows, shape.rows());
        new Tiles(
                Optional.of(new Tiles.Left(packed, shape.rows(), blocks * shape.rows() * depth * taps.length, 0, 0)),
                frame, new Tiles.Right(depth * plane, 0, plane), taps, in[0] * groups, groups, rows, depth, window.positions(),
                result).launch(operator.toString(), shape, Combine.MULTIPLY_ADD, post, roles, draft);
    }

    /** A filter over one position: rows and columns swap, or all lanes of a vector but one would be idle. */
    private static void lowerVectors(Operator operator, Pointwise post, List<Role> roles, RegionDraft draft, View result) {
        int[] weights = operator.inputShape(1);
        List<Role> swapped = roles.stream().map(role -> role == Role.ROW ? Role.PLANE : role).toList();
        MatrixProduct.rowsTimesConstant(operator.toString(), draft.read(operator.input(0)), operator.inputShape(0)[0], weights[1],
                weights[0], operator.input(1), true, post, swapped, draft, result);
    }

    /** [groups][blocks][depth][blockRows], rows beyond the last zero. */
    static View packedRows(String tensor, int groups, int rows, int depth, int blockRows, RegionDraft draft) {
        int blocks = Shapes.divideUp(rows, blockRows);
        return draft.floatConstant("rows " + blockRows + " of " + tensor, groups * blocks * depth * blockRows, () -> {
            FloatBuffer source = draft.floats(tensor);
            float[] packed = new float[groups * blocks * depth * blockRows];
            for (int g = 0; g < groups; g++) {
                for (int m = 0; m < rows; m++) {
                    int to = ((g * blocks + m / blockRows) * depth) * blockRows + m % blockRows;
                    int from = (g * rows + m) * depth;
                    for (int k = 0; k < depth; k++) {
                        packed[to + k * blockRows] = source.get(from + k);
                    }
                }
            }
            return packed;
        });
    }
}
