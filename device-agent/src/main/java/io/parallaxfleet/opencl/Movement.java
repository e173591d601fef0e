package io.parallaxfleet.opencl;

import io.parallaxfleet.graph.Attributes;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.opencl.Storage.View;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Operators that move elements without computing: each is a strided copy, or no copy where the part is contiguous. */
final class Movement implements Lowering {
    static final Set<String> KINDS =
            Set.of("Transpose", "Concat", "Split", "Slice", "Expand", "Resize", "Gather", "DepthToSpace", "SpaceToDepth");

    @Override
    public boolean isParameter(Operator operator, int position) {
        return position > 0 && !operator.kind().equals("Concat");
    }

    @Override
    public Optional<String> refusal(Operator operator) {
        return switch (operator.kind()) {
            case "Concat" -> Optional.empty();
            case "Resize" -> refusalOfResize(operator);
            case "Gather" -> refusalOfGather(operator);
            case "Expand" -> Shapes.broadcastable(operator.inputShape(0), operator.outputShape())
                    ? Optional.empty()
                    : Optional.of("expands to a smaller shape");
            // Loops can only merge, so the rank bounds them; the block forms walk two dimensions more.
            case "DepthToSpace", "SpaceToDepth" -> operator.inputShape(0).length == 4 ? Optional.empty() : Optional.of("rank is not 4");
            default -> operator.inputShape(0).length <= StridedCopy.MAX_LOOPS
                    ? Optional.empty()
                    : Optional.of("more than " + StridedCopy.MAX_LOOPS + " dimensions have no kernel");
        };
    }

    private static Optional<String> refusalOfGather(Operator operator) {
        Optional<TensorType> indices = operator.graph().type(operator.input(1));
        boolean one = indices.isPresent() && indices.get().isStatic() && indices.get().elements() == 1
                && (indices.get().elementType() == ElementType.INT64 || indices.get().elementType() == ElementType.INT32);
        return one ? Optional.empty() : Optional.of("only a single constant index can be gathered");
    }

    private static Optional<String> refusalOfResize(Operator operator) {
        Attributes attributes = operator.attributes();
        int[] in = operator.inputShape(0);
        int[] out = operator.outputShape();
        String coordinates = attributes.text("coordinate_transformation_mode", "half_pixel");
        String rounding = attributes.text("nearest_mode", "round_prefer_floor");
        // With whole factors both pairs come down to dividing the coordinate.
        boolean divides = coordinates.equals("asymmetric") && rounding.equals("floor")
                || coordinates.equals("half_pixel") && rounding.startsWith("round_prefer");
        if (!attributes.text("mode", "nearest").equals("nearest") || !divides) {
            return Optional.of("only nearest with asymmetric/floor or half_pixel/round is resized");
        }
        for (int d = 0; d < in.length; d++) {
            if (out[d] % in[d] != 0) {
                return Optional.of("only whole factors are resized");
            }
        }
        return 2 * in.length > 2 * 4 ? Optional.of("more than 4 dimensions are not resized") : Optional.empty();
    }

    @Override
    public void lower(Operator operator, Pointwise pointwise, String result, RegionDraft draft) {
        switch (operator.kind()) {
            case "Transpose" -> transpose(operator, result, draft);
            case "Concat" -> concatenate(operator, result, draft);
            case "Split" -> split(operator, draft);
            case "Slice" -> slice(operator, result, draft);
            case "Expand" -> expand(operator, result, draft);
            case "Resize" -> resize(operator, result, draft);
            case "Gather" -> gather(operator, result, draft);
            case "DepthToSpace" -> depthToSpace(operator, result, draft);
            case "SpaceToDepth" -> spaceToDepth(operator, result, draft);
            default -> throw new IllegalArgumentException(operator + " is not moved");
        }
    }

    private static void transpose(Operator operator, String result, RegionDraft draft) {
        int[] in = operator.inputShape(0);
        int[] own = Shapes.strides(in);
        List<Long> reversed = IntStream.range(0, in.length).mapToObj(d -> (long) in.length - 1 - d).toList();
        int[] permutation = operator.attributes().integers("perm", reversed).stream().mapToInt(Math::toIntExact).toArray();
        int[] from = Arrays.stream(permutation).map(d -> own[d]).toArray();
        View view = draft.read(operator.input(0));
        if (keepsOrder(in, permutation)) {
            draft.alias(result, view);
            return;
        }
        int[] out = operator.outputShape();
        new StridedCopy(view, draft.write(result), out, from, Shapes.strides(out), 0, 0).launch(operator.toString(), draft);
    }

    /** Whether only dimensions of 1 move. */
    private static boolean keepsOrder(int[] in, int[] permutation) {
        int[] moved = Arrays.stream(permutation).filter(d -> in[d] != 1).toArray();
        return IntStream.range(1, moved.length).allMatch(i -> moved[i - 1] < moved[i]);
    }

    private static void concatenate(Operator operator, String result, RegionDraft draft) {
        int[] out = operator.outputShape();
        int axis = Shapes.axis(operator.attributes().integer("axis", 0), out.length);
        int[] to = Shapes.strides(out);
        View whole = draft.write(result);
        int offset = 0;
        for (int i = 0; i < operator.node().inputs().size(); i++) {
            int[] shape = operator.inputShape(i);
            View part = draft.read(operator.input(i));
            boolean inPlace = part.storage() == whole.storage() && part.offset() == whole.offset() + offset
                    && Shapes.product(out, 0, axis) == 1;
            if (!inPlace) {
                new StridedCopy(part, whole, shape, Shapes.strides(shape), to, 0, offset).launch(operator.toString(), draft);
            }
            offset += shape[axis] * to[axis];
        }
    }

    private static void split(Operator operator, RegionDraft draft) {
        int[] in = operator.inputShape(0);
        int axis = Shapes.axis(operator.attributes().integer("axis", 0), in.length);
        int offset = 0;
        for (String output : operator.node().outputs()) {
            if (!output.isEmpty()) {
                int[] shape = operator.shape(output);
                part(operator, draft.read(operator.input(0)), in, shape, Shapes.strides(in), offset, output, draft);
                offset += shape[axis] * Shapes.strides(in)[axis];
            }
        }
    }

    /** A box of the input: the same memory where it is one run, a copy otherwise. */
    private static void part(
            Operator operator, View view, int[] in, int[] shape, int[] from, int offset, String result, RegionDraft draft) {
        if (isRun(in, shape, from)) {
            draft.alias(result, view.part(offset, Shapes.elements(shape)));
        } else {
            new StridedCopy(view, draft.write(result), shape, from, Shapes.strides(shape), offset, 0)
                    .launch(operator.toString(), draft);
        }
    }

    private static boolean isRun(int[] in, int[] shape, int[] from) {
        Shapes.Loops loops = Shapes.Loops.merged(shape, from);
        return in.length == shape.length && loops.rank() == 1 && loops.strides()[0][0] == 1;
    }

    private static void slice(Operator operator, String result, RegionDraft draft) {
        int[] in = operator.inputShape(0);
        int[] own = Shapes.strides(in);
        int[] from = own.clone();
        long[] starts = operator.hasInput(1) ? draft.integers(operator.input(1)) : attribute(operator, "starts", new long[0]);
        long[] axes = operator.hasInput(3)
                ? draft.integers(operator.input(3))
                : attribute(operator, "axes", IntStream.range(0, starts.length).asLongStream().toArray());
        int offset = 0;
        for (int i = 0; i < starts.length; i++) {
            int axis = Shapes.axis(axes[i], in.length);
            int step = operator.hasInput(4) ? Math.toIntExact(draft.integers(operator.input(4))[i]) : 1;
            long start = starts[i] < 0 ? starts[i] + in[axis] : starts[i];
            offset += own[axis] * (int) Math.max(0, Math.min(start, step > 0 ? in[axis] : in[axis] - 1));
            from[axis] = own[axis] * step;
        }
        part(operator, draft.read(operator.input(0)), in, operator.outputShape(), from, offset, result, draft);
    }

    private static long[] attribute(Operator operator, String name, long[] otherwise) {
        return operator.attributes().has(name)
                ? operator.attributes().integers(name, List.of()).stream().mapToLong(Long::longValue).toArray()
                : otherwise;
    }

    private static void expand(Operator operator, String result, RegionDraft draft) {
        int[] out = operator.outputShape();
        View view = draft.read(operator.input(0));
        if (Shapes.elements(out) == view.elements()) {
            draft.alias(result, view);
            return;
        }
        int[] from = Shapes.broadcastStrides(operator.inputShape(0), out);
        new StridedCopy(view, draft.write(result), out, from, Shapes.strides(out), 0, 0).launch(operator.toString(), draft);
    }

    private static void gather(Operator operator, String result, RegionDraft draft) {
        int[] in = operator.inputShape(0);
        int[] own = Shapes.strides(in);
        int axis = Shapes.axis(operator.attributes().integer("axis", 0), in.length);
        int[] shape = in.clone();
        shape[axis] = 1;
        int index = Shapes.axis(draft.integers(operator.input(1))[0], in[axis]);
        part(operator, draft.read(operator.input(0)), in, shape, own, index * own[axis], result, draft);
    }

    /** Each dimension becomes itself and its factor; the factor repeats. */
    private static void resize(Operator operator, String result, RegionDraft draft) {
        int[] in = operator.inputShape(0);
        int[] out = operator.outputShape();
        int[] own = Shapes.strides(in);
        int[] extents = new int[2 * in.length];
        int[] from = new int[2 * in.length];
        for (int d = 0; d < in.length; d++) {
            extents[2 * d] = in[d];
            extents[2 * d + 1] = out[d] / in[d];
            from[2 * d] = own[d];
        }
        new StridedCopy(draft.read(operator.input(0)), draft.write(result), extents, from, Shapes.strides(extents), 0, 0)
                .launch(operator.toString(), draft);
    }

    private static void depthToSpace(Operator operator, String result, RegionDraft draft) {
        int[] in = operator.inputShape(0);
        int block = Math.toIntExact(operator.attributes().integer("blocksize", 1));
        int depth = in[1] / (block * block);
        boolean depthFirst = operator.attributes().text("mode", "DCR").equals("DCR");
        int plane = in[2] * in[3];
        int stepDepth = depthFirst ? plane : plane * block * block;
        int stepY = depthFirst ? plane * depth * block : plane * block;
        int stepX = depthFirst ? plane * depth : plane;
        int[] extents = {in[0], depth, in[2], block, in[3], block};
        int[] from = {in[1] * plane, stepDepth, in[3], stepY, 1, stepX};
        new StridedCopy(draft.read(operator.input(0)), draft.write(result), extents, from, Shapes.strides(extents), 0, 0)
                .launch(operator.toString(), draft);
    }

    private static void spaceToDepth(Operator operator, String result, RegionDraft draft) {
        int[] in = operator.inputShape(0);
        int[] own = Shapes.strides(in);
        int block = Math.toIntExact(operator.attributes().integer("blocksize", 1));
        int[] extents = {in[0], block, block, in[1], in[2] / block, in[3] / block};
        int[] from = {own[0], own[2], 1, own[1], own[2] * block, block};
        new StridedCopy(draft.read(operator.input(0)), draft.write(result), extents, from, Shapes.strides(extents), 0, 0)
                .launch(operator.toString(), draft);
    }
}
