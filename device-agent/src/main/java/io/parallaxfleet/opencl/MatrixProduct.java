package io.parallaxfleet.opencl;

import io.parallaxfleet.graph.Attributes;
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

/** MatMul, Gemm and ORT's fused forms of them. A constant right operand is packed into column panels once. */
final class MatrixProduct implements Lowering {
    static final Set<String> KINDS = Set.of("MatMul", "com.microsoft.FusedMatMul", "Gemm", "com.microsoft.FusedGemm");

    /** The product as {@code batches} of [rows, depth] x [depth, columns]; a batch step of 0 repeats a matrix. */
    private record Problem(
            int batches, int rows, int depth, int columns, boolean transposedA, boolean transposedB, int stepA, int stepB) {}

    @Override
    public Optional<String> refusal(Operator operator) {
        Attributes attributes = operator.attributes();
        if (attributes.integer("transBatchA", 0) != 0 || attributes.integer("transBatchB", 0) != 0) {
            return Optional.of("transposed batches have no kernel");
        }
        if (operator.inputShape(0).length < 2 || operator.inputShape(1).length < 2) {
            return Optional.of("a product with a vector has no kernel");
        }
        if (problem(operator).isEmpty()) {
            return Optional.of("the batches are broadcast in a way that has no kernel");
        }
        if (!PointwiseOperators.isActivation(attributes.text("activation", ""))) {
            return Optional.of("the activation " + attributes.text("activation", "") + " has no kernel");
        }
        boolean addend = isGemm(operator) && operator.hasInput(2) && elements(operator, 2) > 1;
        if (addend && role(operator.outputShape(), operator.inputShape(2)).isEmpty()) {
            return Optional.of("the added matrix is broadcast in a way that has no kernel");
        }
        if (isGemm(operator) && operator.hasInput(2) && elements(operator, 2) == 1 && !operator.constantInput(2)) {
            return Optional.of("an added scalar must be constant");
        }
        return Optional.empty();
    }

    private static int elements(Operator operator, int input) {
        return Shapes.elements(operator.inputShape(input));
    }

    private static boolean isGemm(Operator operator) {
        return operator.node().opType().endsWith("Gemm");
    }

    @Override
    public boolean fusesPointwise(Operator operator) {
        return true;
    }

    @Override
    public boolean accepts(Operator operator, int[] operandShape) {
        return role(operator.outputShape(), operandShape).isPresent();
    }

    private static Optional<Role> role(int[] result, int[] operand) {
        if (!Shapes.broadcastable(operand, result)) {
            return Optional.empty();
        }
        if (Shapes.elements(operand) == Shapes.elements(result)) {
            return Optional.of(Role.FULL);
        }
        int columns = result[result.length - 1];
        if (Shapes.elements(operand) == columns && operand[operand.length - 1] == columns) {
            return Optional.of(Role.PLANE);
        }
        boolean perRow = result.length == 2 && operand.length == 2 && operand[0] == result[0] && operand[1] == 1;
        return perRow ? Optional.of(Role.ROW) : Optional.empty();
    }

    private static Optional<Problem> problem(Operator operator) {
        int[] a = operator.inputShape(0);
        int[] b = operator.inputShape(1);
        int[] out = operator.outputShape();
        boolean transposedA = operator.attributes().integer("transA", 0) != 0;
        boolean transposedB = operator.attributes().integer("transB", 0) != 0;
        int rows = a[a.length - (transposedA ? 1 : 2)];
        int depth = a[a.length - (transposedA ? 2 : 1)];
        int columns = out[out.length - 1];
        int batches = Shapes.product(out, 0, out.length - 2);
        int batchesA = Shapes.product(a, 0, a.length - 2);
        int batchesB = Shapes.product(b, 0, b.length - 2);
        if (batchesB == 1 && batchesA == batches && !transposedA) {
            // The batches of the left operand are just more rows.
            return Optional.of(new Problem(1, batches * rows, depth, columns, false, transposedB, 0, 0));
        }
        if (batchesA != 1 && batchesA != batches || batchesB != 1 && batchesB != batches) {
            return Optional.empty();
        }
        return Optional.of(new Problem(batches, rows, depth, columns, transposedA, transposedB,
                batchesA == 1 ? 0 : rows * depth, batchesB == 1 ? 0 : depth * columns));
    }

    @Override
    public void lower(Operator operator, Pointwise pointwise, String result, RegionDraft draft) {
        Problem problem = problem(operator).orElseThrow();
        Attributes attributes = operator.attributes();
        int[] out = operator.outputShape();
        Pointwise post = attributes.real("alpha", 1.0f) == 1.0f
                ? Pointwise.NONE
                : Pointwise.of("v = v * " + PointwiseOperators.literal(attributes.real("alpha", 1.0f)) + ";");
        if (isGemm(operator) && operator.hasInput(2)) {
            post = post.then(addend(operator, attributes.real("beta", 1.0f), draft));
        }
        post = post.then(PointwiseOperators.activation(attributes.text("activation", ""), activationParameters(attributes)))
                .then(pointwise);
        List<Role> roles = post.operands().stream().map(operand -> role(out, operand.shape()).orElseThrow()).toList();
        View a = draft.read(operator.input(0));
        View c = draft.write(result);
        if (operator.constantInput(1) && problem.batches() == 1 && !problem.transposedA()) {
            rowsTimesConstant(operator.toString(), a, problem.rows(), problem.depth(), problem.columns(), operator.input(1),
                    problem.transposedB(), post, roles, draft, c);
        } else {
            general(operator, problem, a, post, roles, draft, c);
        }
    }

    private static Pointwise addend(Operator operator, float beta, RegionDraft draft) {
        String factor = beta == 1.0f ? "" : PointwiseOperators.literal(beta) + " * ";
        Optional<Float> scalar = draft.scalar(operator.input(2));
        return scalar.isPresent()
                ? Pointwise.of("v = v + " + PointwiseOperators.literal(beta * scalar.get()) + ";")
                : Pointwise.of("v = v + " + factor + "x;", Operand.of(operator, 2));
    }

    private static List<Float> activationParameters(Attributes attributes) {
        List<Float> parameters = new ArrayList<>();
        for (String name : List.of("activation_alpha", "activation_beta", "activation_gamma")) {
            if (attributes.has(name)) {
                parameters.add(attributes.real(name, 0.0f));
            }
        }
        return parameters;
    }

    /** {@code C[rows, columns] = A[rows, depth] · B}, where B is a constant of [depth, columns], or transposed. */
    static void rowsTimesConstant(
            String label, View a, int rows, int depth, int columns, String tensor, boolean transposed, Pointwise post,
            List<Role> roles, RegionDraft draft, View c) {
        Tiles.Positions positions = Tiles.Positions.line(columns);
        Tiles.Shape shape = Tiles.Shape.choose(draft.traits(), rows, depth, positions, false);
        int tile = shape.vectors() * draft.traits().vectorWidth();
        View panels = panels(tensor, depth, columns, tile, transposed, draft);
        new Tiles(Optional.of(new Tiles.Left(a, 0, 0, depth, 1)), panels, new Tiles.Right(0, depth * tile, tile), new int[] {0},
                1, 1, rows, depth, positions, c).launch(label, shape, Combine.MULTIPLY_ADD, post, roles, draft);
    }

    /** [panels][depth][tile], columns beyond the last zero. */
    private static View panels(String tensor, int depth, int columns, int tile, boolean transposed, RegionDraft draft) {
        int count = Shapes.divideUp(columns, tile);
        int size = Math.multiplyExact(Math.multiplyExact(count, depth), tile);
        return draft.floatConstant("panels " + tile + transposed + " of " + tensor, size, () -> {
            FloatBuffer source = draft.floats(tensor);
            float[] packed = new float[size];
            for (int n = 0; n < columns; n++) {
                int to = n / tile * depth * tile + n % tile;
                for (int k = 0; k < depth; k++) {
                    packed[to + k * tile] = source.get(transposed ? n * depth + k : k * columns + n);
                }
            }
            return packed;
        });
    }

    private static void general(
            Operator operator, Problem problem, View a, Pointwise post, List<Role> roles, RegionDraft draft, View c) {
        int rows = problem.rows();
        int depth = problem.depth();
        int columns = problem.columns();
        View b = draft.read(operator.input(1));
        if (problem.transposedB()) {
            int matrices = b.elements() / (depth * columns);
            View upright = draft.scratch(b.elements());
            new StridedCopy(b, upright, new int[] {matrices, depth, columns}, new int[] {depth * columns, 1, depth},
                    Shapes.strides(matrices, depth, columns), 0, 0).launch(operator + " transposed", draft);
            b = upright;
        }
        Tiles.Positions positions = Tiles.Positions.line(columns);
        Tiles.Shape shape = Tiles.Shape.choose(draft.traits(), rows, depth, positions, false);
        Tiles.Left left = new Tiles.Left(a, 0, problem.stepA(), problem.transposedA() ? 1 : depth,
                problem.transposedA() ? rows : 1);
        new Tiles(Optional.of(left), b, new Tiles.Right(problem.stepB(), 0, columns), new int[] {0}, problem.batches(),
                problem.batches(), rows, depth, positions, c)
                .launch(operator.toString(), shape, Combine.MULTIPLY_ADD, post, roles, draft);
    }
}
